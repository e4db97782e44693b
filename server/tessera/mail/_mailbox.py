"""What is needed to open a mailbox, and what an open one offers, whatever its protocol."""

import ssl
from dataclasses import dataclass
from typing import Protocol

TIMEOUT_SECONDS = 30.0


class MailboxError(Exception):
    """A mailbox does not do what it is asked; the message is one line for people, without secrets."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where a mailbox is and how to get in; `protocol` and `security` as in `MailAccount`."""

    protocol: str
    host: str
    port: int
    security: str
    login: str
    password: str
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits in a mailbox: what the mailbox knows it by, and its bytes' number."""

    key: str
    size: int


class Mailbox(Protocol):
    """An open mailbox; every method blocks, and raises `MailboxError`."""

    def waiting(self) -> list[Waiting]:
        """Return the mails nobody has taken yet, oldest first."""

    def read(self, key: str) -> bytes:
        """Return a mail's bytes; it goes on waiting."""

    def done(self, key: str) -> None:
        """Note that a mail is safe elsewhere: it waits no more."""

    def close(self) -> None:
        """Say good-bye."""

    def drop(self) -> None:
        """Cut the connection, from any thread: whoever waits for an answer gets an error. Never raises."""

    def release(self) -> None:
        """Let everything go, after the good-bye or a cut. Never raises."""


def tls() -> ssl.SSLContext:
    """Return TLS that checks the server's certificate."""
    return ssl.create_default_context()


def why(error: BaseException) -> str:
    """Return what went wrong as one line."""
    return " ".join(str(error).split())[:500] or type(error).__name__
