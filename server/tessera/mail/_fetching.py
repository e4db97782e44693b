"""Empties mailboxes: every mail is kept by us before the mailbox may forget it."""

from tessera.kit.config import in_use
from tessera.kit.secrets import Unreadable, unseal
from tessera.kit.unit import Units
from tessera.mail import service
from tessera.mail._mailbox import Access, MailboxError
from tessera.mail._opened import Opened, mailbox_of
from tessera.mail.models import MailAccount
from tessera.mail.settings import MAX_BYTES
from tessera.queues.models import Queue
from tessera.settings import queries as settings


async def fetch(units: Units, row: MailAccount) -> tuple[int, str | None]:
    """Empty a mailbox; return how many mails were kept, and what is wrong with it if anything; the account notes that.

    Raises what a database raises that is away: the mails not kept yet wait in the mailbox.
    """
    kept = 0
    try:
        async with Opened(mailbox_of, access_of(row)) as opened:
            kept, left = await _empty(units, row, opened)
        problem = f"{left} mails are larger than the setting mail.max_bytes and wait in the mailbox." if left else None
    except MailboxError as error:
        problem = str(error)
    await service.note_account(row, problem)
    return kept, problem


async def _empty(units: Units, row: MailAccount, opened: Opened) -> tuple[int, int]:  # type: ignore[type-arg]  # any box
    queue = await Queue.get_or_none(id=row.queue_id)
    limit = await settings.value(MAX_BYTES)
    kept = left = 0
    for each in await opened.call(opened.box.waiting):
        raw = await opened.call(opened.box.read, each.key) if each.size <= limit else b""
        if not 0 < len(raw) <= limit:
            left += 1
            continue
        await service.receive(units, raw, source=f"account:{row.id}", trusted=row.trusted, queue=queue)
        await opened.call(opened.box.done, each.key)
        kept += 1
    return kept, left


def access_of(row: MailAccount) -> Access:
    """Return what opens an account's mailbox.

    Raises `MailboxError` when its password was sealed with another key.
    """
    try:
        password = unseal(in_use().key(), row.sealed_password)
    except Unreadable as error:
        raise MailboxError("The password cannot be read with this server's secret: enter it again.") from error
    return Access(row.protocol, row.host, row.port, row.security, row.login, password, row.folder)
