"""A mailbox by POP3: every mail waits, stored ones are deleted at the good-bye."""

import contextlib
import poplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tessera.mail._mailbox import TIMEOUT_SECONDS, Access, MailboxError, Waiting, tls, why

# the library's own limit, 2048, refuses mails with long lines that were accepted everywhere before
poplib._MAXLINE = 1 << 20  # type: ignore[attr-defined]  # noqa: SLF001 - its only switch


class Pop3Mailbox:
    """One open maildrop; the server locks it for us."""

    def __init__(self, access: Access) -> None:
        with _plainly():
            self._box = _connect(access)
        try:
            with _plainly():
                self._box.user(access.login)
                self._box.pass_(access.password)
        except MailboxError:
            self.release()
            raise

    def waiting(self) -> list[Waiting]:
        """Return all mails, oldest first."""
        with _plainly():
            _, lines, _ = self._box.list()
            return [Waiting(*_number_and_size(line)) for line in lines]

    def read(self, key: str) -> bytes:
        """Return a mail's bytes."""
        with _plainly():
            _, lines, _ = self._box.retr(int(key))
            return b"\r\n".join([*lines, b""])

    def done(self, key: str) -> None:
        """Delete a mail; the server does so when we say good-bye."""
        with _plainly():
            self._box.dele(int(key))

    def close(self) -> None:
        """Say good-bye."""
        with _plainly():
            self._box.quit()

    def drop(self) -> None:
        """Cut the connection; what was deleted in it comes back."""
        with contextlib.suppress(OSError, AttributeError):  # a closed one has no socket any more
            self._box.sock.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let everything go."""
        with contextlib.suppress(OSError):
            self._box.close()


def _connect(access: Access) -> poplib.POP3:
    if access.security == "tls":
        return poplib.POP3_SSL(access.host, access.port, timeout=TIMEOUT_SECONDS, context=tls())
    box = poplib.POP3(access.host, access.port, timeout=TIMEOUT_SECONDS)
    if access.security == "starttls":
        box.stls(tls())
    return box


def _number_and_size(line: bytes) -> tuple[str, int]:
    number, size, *_ = line.split()
    return number.decode("ascii"), int(size)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except (poplib.error_proto, OSError, ValueError, EOFError) as error:
        raise MailboxError(why(error)) from error
