"""What links do when tickets become one, or two."""

from tessera.kit.ids import ObjectRef
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.links import service
from tessera.links._kinds import CHILD, NORMAL


async def on_ticket_merged(unit: Unit, entry: Entry) -> None:
    """Link a merged ticket with the one that carries on."""
    await service.keep_linked(unit, NORMAL, entry.subject, _into(entry))


async def on_ticket_split(unit: Unit, entry: Entry) -> None:
    """Link the ticket made out of an article as a child."""
    await service.keep_linked(unit, CHILD, entry.subject, _into(entry))


def _into(entry: Entry) -> ObjectRef:
    return ObjectRef("ticket", int(str(entry.facts["into_id"])))
