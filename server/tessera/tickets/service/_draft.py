"""What a verb is about to write: changed columns, and the facts that tell them."""

from typing import Any

from tessera.kit.events import Event
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit
from tessera.tickets.models import Ticket


class Draft:
    """Changes to one ticket that are written together, by one compare-and-set."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.columns: dict[str, object] = {}
        self.events: list[Event] = []

    @property
    def subject(self) -> ObjectRef:
        """What the facts are about."""
        return ObjectRef("ticket", self.ticket.id)

    def value(self, column: str) -> Any:
        """Return a column's value as it will be."""
        return self.columns.get(column, getattr(self.ticket, column))

    def put(self, *events: Event, **columns: object) -> None:
        """Note changed columns and the facts that tell them."""
        self.columns.update(columns)
        self.events.extend(events)

    async def write(self, unit: Unit, *, expected_version: int | None = None) -> Ticket:
        """Write the columns and record the facts; nothing is written when nothing changes.

        Raises `StaleVersion` when the caller expected another version, changes or not.
        """
        is_stale = expected_version not in {None, self.ticket.version}
        if self.columns or self.events or is_stale:
            await unit.update(self.ticket, expected_version=expected_version, **self.columns)
        for event in self.events:
            await unit.record(event)
        return self.ticket
