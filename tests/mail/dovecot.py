"""A real IMAP and POP3 server for tests: Dovecot, as the one who runs the tests, on two free ports."""

import asyncio
import contextlib
import grp
import os
import pwd
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL

import pytest

from tests.mail.servers import make_certificate

PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HANDLERS = (Path("/usr/lib/dovecot"), Path("/usr/libexec/dovecot"))
"""Where the programs of its protocols may lie; Debian has a package for each."""

needs_dovecot = pytest.mark.skipif(
    PROGRAM is None or not all(any((folder / name).exists() for folder in HANDLERS) for name in ("imap", "pop3")),
    reason="dovecot, with its imap and pop3, is not installed",
)

LOGIN, PASSWORD = "desk", "hunter2"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
default_internal_user = {internal}
default_login_user = {outer}
default_internal_group = {group}
mail_location = maildir:{folder}/mail
mail_uid = {internal}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server with one user, whose mails are files."""

    folder: Path
    imap: int
    imaps: int
    pop3: int
    certificate: Path

    @property
    def maildir(self) -> Path:
        """Where the user's mails are."""
        return self.folder / "mail"

    def put(self, name: str, raw: bytes) -> None:
        """Deliver a mail."""
        temporary = self.maildir / "tmp" / name
        temporary.write_bytes(raw)
        temporary.rename(self.maildir / "new" / name)

    def unseen(self) -> list[str]:
        """Return the names of the mails nobody has marked as seen."""
        files = [*(self.maildir / "new").iterdir(), *(self.maildir / "cur").iterdir()]
        return sorted(file.name.partition(":")[0] for file in files if "S" not in file.name.partition(":2,")[2])

    def everything(self) -> list[str]:
        """Return the names of all mails."""
        files = [*(self.maildir / "new").iterdir(), *(self.maildir / "cur").iterdir()]
        return sorted(file.name.partition(":")[0] for file in files)


@asynccontextmanager
async def dovecot_server(folder: Path) -> AsyncIterator[Dovecot]:
    """Run Dovecot on free ports of loopback, with its files in a folder of a short name."""
    assert PROGRAM is not None
    certificate, key = make_certificate(folder)
    ports = _free_ports(3)
    account = pwd.getpwuid(os.getuid())
    server = Dovecot(folder, ports[0], ports[1], ports[2], certificate)
    user = account.pw_name
    # Dovecot's processes that talk to strangers refuse to be root
    internal, outer = ("dovecot", "dovenull") if user == "root" else (user, user)
    folder.chmod(0o755)
    for each in (server.maildir, *(server.maildir / name for name in ("new", "cur", "tmp")), folder / "home"):
        each.mkdir()
        shutil.chown(each, internal)
    file = folder / "dovecot.conf"
    file.write_text(
        CONFIGURATION.format(
            folder=folder,
            certificate=certificate,
            key=key,
            group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
            internal=internal,
            outer=outer,
            password=PASSWORD,
            imap=server.imap,
            imaps=server.imaps,
            pop3=server.pop3,
        )
    )
    process = await asyncio.create_subprocess_exec(PROGRAM, "-F", "-c", str(file), stdout=DEVNULL, stderr=DEVNULL)
    try:
        for port in ports:
            await _answers(port)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


async def _answers(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    message = f"Dovecot does not answer on port {port}"
    raise RuntimeError(message)
