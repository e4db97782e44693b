"""A mailbox worked on from the event loop: it lives in a thread of its own, and can be cut off at any time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

from tessera.mail._imap import ImapMailbox
from tessera.mail._mailbox import Access, Mailbox
from tessera.mail._pop3 import Pop3Mailbox

BoxT = TypeVar("BoxT", bound=Mailbox)
ResultT = TypeVar("ResultT")


def mailbox_of(access: Access) -> Mailbox:
    """Open a mailbox by its protocol; blocks. Raises `MailboxError`."""
    return Pop3Mailbox(access) if access.protocol == "pop3" else ImapMailbox(access)


class Opened(Generic[BoxT]):
    """An open mailbox; left in peace it says good-bye, left by an exception or a cancellation it is cut off.

    Whatever is called raises `MailboxError` when the mailbox does not do it.
    """

    def __init__(self, open_box: Callable[[Access], BoxT], access: Access) -> None:
        self._open = open_box
        self._access = access
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mailbox")
        self._box: BoxT | None = None

    @property
    def box(self) -> BoxT:
        """The mailbox, to name what `call` shall call."""
        if self._box is None:
            message = "the mailbox is not open"
            raise RuntimeError(message)
        return self._box

    async def call(self, function: Callable[..., ResultT], *arguments: object) -> ResultT:
        """Call one of the mailbox's methods in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def __aenter__(self) -> Self:
        """Open the mailbox."""
        try:
            self._box = await self.call(self._open, self._access)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Close the mailbox."""
        try:
            if exc_val is None:
                await self.call(self.box.close)
        finally:
            self.box.drop()
            self._thread.submit(self.box.release)
            self._thread.shutdown(wait=False)
