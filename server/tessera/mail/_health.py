"""Says whether mail is well, and what to do when it is not."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from tessera.kit.clock import now
from tessera.kit.wiring import Wiring
from tessera.mail.models import IncomingMessage, MailAccount, OutgoingMessage
from tessera.plugin import Health

LATE = timedelta(hours=1)


async def check(wiring: Wiring) -> Health:
    """Count what is stuck."""
    broken = await MailAccount.filter(active=True, problem__not_isnull=True).order_by("id")
    facts = {
        "accounts": await MailAccount.filter(active=True).count(),
        "accountsWithProblems": len(broken),
        "quarantined": await IncomingMessage.filter(state="quarantined").count(),
        "failed": await OutgoingMessage.filter(state="failed").count(),
        "late": await IncomingMessage.filter(state="received", received_at__lt=now() - LATE).count()
        + await OutgoingMessage.filter(state="queued", created_at__lt=now() - LATE).count(),
        "outgoing": "smtp" if wiring.config.smtp_url else "outbox",
    }
    advice = [f"The mail account {row.name} cannot be emptied: {row.problem}" for row in broken]
    advice += _advice(facts)
    return Health(ok=not advice, facts=facts, advice=tuple(advice))


def _advice(facts: Mapping[str, object]) -> Iterator[str]:
    if facts["quarantined"]:
        yield f"{facts['quarantined']} mails could not be filed: see `mailMessages(state: QUARANTINED)`."
    if facts["failed"]:
        yield f"{facts['failed']} mails could not be sent: see `articleDeliveries(state: FAILED)`, send them again."
    if facts["late"]:
        yield f"{facts['late']} mails have waited for more than an hour: see `tessera jobs list`, and the SMTP server."
