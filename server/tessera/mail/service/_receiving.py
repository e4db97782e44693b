"""How a mail comes in: its bytes are kept before anything else happens to them."""

from tessera.files import service as files
from tessera.kit.actor import SYSTEM
from tessera.kit.db import Contention
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit, Units, or_taken
from tessera.mail.errors import MessageNotQuarantined, MessageTooLarge
from tessera.mail.events import MessageReceived
from tessera.mail.models import IncomingMessage
from tessera.mail.permissions import MANAGE
from tessera.mail.settings import MAX_BYTES
from tessera.queues.models import Queue
from tessera.settings import queries as settings

FILE_JOB = "mail.file"


async def receive(
    units: Units, raw: bytes, *, source: str, trusted: bool = False, queue: Queue | None = None
) -> IncomingMessage:
    """Keep a mail; when this returns, it is safe and whoever brought it may be told so. It is filed soon after.

    `source` names the account or door: the same bytes by the same way are kept once. `queue` is where it goes
    unless it says otherwise; `trusted` lets its control headers count. Raises `MessageTooLarge`, and whatever the
    database raises: then nothing was kept and the mail must be brought again.
    """
    limit = await settings.value(MAX_BYTES)
    if len(raw) > limit:
        raise MessageTooLarge(size=len(raw), limit=limit)
    blob = await files.store(None, raw, limit=limit)

    async def keep(unit: Unit) -> IncomingMessage:
        known = await IncomingMessage.get_or_none(source=source, digest=blob.digest)
        if known is not None:
            return known
        async with or_taken(Contention("The same mail came in twice at once.")):
            row = await IncomingMessage.create(
                source=source, digest=blob.digest, trusted=trusted, queue_id=queue.id if queue else None
            )
        await unit.record(MessageReceived(subject=reference(row), source=source, digest=blob.digest))
        await unit.enqueue(FILE_JOB, {"message": row.id})
        return row

    return await units.run(SYSTEM, keep)


async def retry(unit: Unit, row: IncomingMessage) -> IncomingMessage:
    """Try again to file a mail from the quarantine.

    Raises `Forbidden` without the permission `mail.manage`, and `MessageNotQuarantined`.
    """
    unit.actor.require(MANAGE.name)
    if not await IncomingMessage.filter(id=row.id, state="quarantined").update(state="received", reason=None):
        raise MessageNotQuarantined
    await unit.record(MessageReceived(subject=reference(row), source=row.source, digest=row.digest))
    await unit.enqueue(FILE_JOB, {"message": row.id})
    return await IncomingMessage.get(id=row.id)


def reference(row: IncomingMessage) -> ObjectRef:
    """Return the reference to a kept mail."""
    return ObjectRef("mail_message", row.id)
