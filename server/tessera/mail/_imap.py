"""A mailbox by IMAP: unseen mails wait, stored ones are marked as seen, new ones announce themselves by IDLE."""

import contextlib
import imaplib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.utils import check_command_status

from tessera.mail._mailbox import TIMEOUT_SECONDS, Access, MailboxError, Waiting, tls, why

_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
AT_ONCE = 500


class ImapMailbox:
    """One open folder."""

    def __init__(self, access: Access) -> None:
        with _plainly():
            self._box = _connect(access)
        try:
            with _plainly():
                self._log_in(access)
        except MailboxError:
            self.release()
            raise

    def _log_in(self, access: Access) -> None:
        if (access.login + access.password).isascii():
            self._box.login(access.login, access.password, access.folder)
        else:
            self._box.login_utf8(access.login, access.password, access.folder)

    def waiting(self) -> list[Waiting]:
        """Return the unseen mails, oldest first, 500 at most."""
        with _plainly():
            uids = self._box.uids("UNSEEN UNDELETED", charset=None)[:AT_ONCE]
            if not uids:
                return []
            sizes = self._fetched(",".join(uids), "(UID RFC822.SIZE)")
        found = {}
        for part in sizes:
            line = b" ".join(part) if isinstance(part, tuple) else part
            uid, size = _UID.search(line), _SIZE.search(line)
            if uid and size:
                found[uid[1].decode()] = int(size[1])
        return [Waiting(uid, found[uid]) for uid in uids if uid in found]

    def read(self, key: str) -> bytes:
        """Return a mail's bytes without marking it."""
        with _plainly():
            for part in self._fetched(key, "(BODY.PEEK[])"):
                if isinstance(part, tuple):
                    return bytes(part[1])
        raise MailboxError("The mail is gone.")

    def done(self, key: str) -> None:
        """Mark a mail as seen."""
        with _plainly():
            check_command_status(self._box.client.uid("STORE", key, "+FLAGS", r"(\Seen)"), ImapToolsError)

    def can_idle(self) -> bool:
        """Tell whether the server announces new mails."""
        return "IDLE" in self._box.client.capabilities

    def idle(self, seconds: float) -> bool:
        """Wait for an announcement, some seconds at most; tell whether there was one."""
        with _plainly():
            self._box.idle.start()  # type: ignore[no-untyped-call]  # the library's lack
            told = self._box.idle.poll(seconds)
            _, told_last = self._box.idle.stop()  # type: ignore[no-untyped-call]  # as above
        return any(b"EXISTS" in each or b"RECENT" in each for each in [*told, *told_last])

    def close(self) -> None:
        """Log out."""
        with _plainly():
            self._box.logout()

    def drop(self) -> None:
        """Cut the connection."""
        with contextlib.suppress(OSError):
            self._box.client.sock.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let everything go."""
        with contextlib.suppress(OSError):
            self._box.client.shutdown()

    def _fetched(self, uids: str, parts: str) -> list[bytes | tuple[bytes, bytes]]:
        answer = self._box.client.uid("FETCH", uids, parts)
        check_command_status(answer, ImapToolsError)
        return [part for part in answer[1] if part]


def _connect(access: Access) -> BaseMailBox:
    if access.security == "tls":
        return MailBox(access.host, access.port, timeout=TIMEOUT_SECONDS, ssl_context=tls())
    if access.security == "starttls":
        return MailBoxStartTls(access.host, access.port, timeout=TIMEOUT_SECONDS, ssl_context=tls())
    return MailBoxUnencrypted(access.host, access.port, timeout=TIMEOUT_SECONDS)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError) as error:
        raise MailboxError(why(error)) from error
