"""What tickets refuse when other slices change."""

from tessera.kit.unit import Unit
from tessera.queues.events import QueueChanged
from tessera.tickets import queries
from tessera.tickets.errors import QueueHasOpenTickets


async def keep_queue_of_open_tickets(unit: Unit, event: QueueChanged) -> None:
    """Refuse to switch off a queue in which tickets are still open."""
    if event.switches_off:
        count = await queries.open_count(event.subject.id)
        if count:
            raise QueueHasOpenTickets(count=count, field=("input", "active"))
