"""Background work of mail: file what came in, send what is owed, empty the mailboxes."""

from tessera.kit.actor import SYSTEM
from tessera.kit.config import in_use
from tessera.kit.events import from_json
from tessera.kit.jobs import Work
from tessera.kit.unit import Unit
from tessera.mail import _fetching, _letter, _transport, service
from tessera.mail.models import IncomingMessage, MailAccount, OutgoingMessage

FILE_ATTEMPTS = 6
SEND_ATTEMPTS = 60
"""How often a mail server that is away is asked: for about four hours."""


async def file(work: Work, message: int) -> None:
    """File a kept mail."""
    row = await IncomingMessage.get(id=message)
    await service.file(
        work.units,
        row,
        cause_id=work.job.cause_id,
        depth=work.job.depth,
        is_last_try=work.job.attempts >= FILE_ATTEMPTS,
    )


async def send(work: Work, message: int) -> None:
    """Send an owed mail to those whose server has not answered about them; asks again later for those deferred.

    Raises `Deferred` as long as somebody is and tries are left.
    """
    row = await OutgoingMessage.get(id=message)
    if row.state != "queued":
        return
    sender, raw = await _letter.bytes_of(row)
    answered = from_json(row.answers)
    report = await _transport.deliver(
        url=in_use().smtp_url,
        outbox=in_use().outbox,
        sender="" if row.automatic else sender,
        recipients=[address for address in from_json(row.envelope) if address not in answered],
        name=row.message_id,
        raw=raw,
    )
    is_last_try = work.job.attempts >= SEND_ATTEMPTS

    async def note(unit: Unit) -> None:
        await service.note_outcome(unit, row, report, is_last_try=is_last_try)

    await work.units.run(SYSTEM, note, cause_id=work.job.cause_id, depth=work.job.depth)
    if report.deferred and not is_last_try:
        raise Deferred("; ".join(f"{address}: {why}" for address, why in report.deferred.items()))


async def fetch(work: Work, account: int) -> str:
    """Empty a mailbox; return how many mails were kept. What is wrong with the mailbox is noted on its account."""
    row = await MailAccount.get_or_none(id=account, active=True)
    if row is None:
        return "0"
    kept, _ = await _fetching.fetch(work.units, row)
    return str(kept)


class Deferred(Exception):
    """Some recipients' server asks to try again later."""
