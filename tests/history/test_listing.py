"""A ticket's history as people read it."""

from tessera.kit.ids import to_global
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.tickets.desk import Desk

HISTORY = "query ($id: ID!, $kinds: [String!]) { ticket(id: $id) { history(kinds: $kinds) { nodes { kind } } } }"


@every_database
async def test_a_history_is_read_by_kinds_whatever_they_are_called(house: House) -> None:
    desk = await Desk.furnish(house)
    ticket = await desk.ticket(owner=await desk.agent(desk.anna))

    async def shown(*kinds: str) -> list[str]:
        variables = {"id": to_global("Ticket", ticket.id), "kinds": list(kinds) or None}
        found = await house.ask(HISTORY, variables, actor=desk.anna)
        return [node["kind"] for node in found["ticket"]["history"]["nodes"]]

    assert "ticket.created" in await shown()
    assert await shown("ticket.created", "no such kind", "no\0kind", "x" * 101) == ["ticket.created"]
    assert await shown("ticket.create") == []
