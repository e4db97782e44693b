"""Tests ask in two ways at once: what differs fails, but not because somebody wrote in between."""

from typing import Any

import pytest

from tessera.engine.engine import Engine
from tessera.kit.db import in_background
from tessera.testing.house import House
from tessera.tickets import service
from tests.tickets.desk import Desk, gid

TITLE = "query ($id: ID!) { ticket(id: $id) { title } }"


async def test_a_question_is_answered_while_others_write(house: House) -> None:
    desk = await Desk.furnish(house)
    ticket = await desk.ticket()

    async def write() -> None:
        for number in range(100):
            await desk.run(desk.anna, service.update, ticket, title=str(number))

    writing, titles = in_background(write(), name="writing"), set()
    while not writing.done():
        titles.add((await house.ask(TITLE, {"id": gid(ticket)}, actor=desk.anna))["ticket"]["title"])
    await writing
    assert len(titles) > 1


async def test_a_plan_that_says_something_else_fails(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def planned(*_: Any) -> bytes:
        return b'{"data":{"ticket":{"title":"Something else"}}}'

    desk = await Desk.furnish(house)
    ticket = await desk.ticket()
    monkeypatch.setattr(Engine, "planned", planned)
    with pytest.raises(AssertionError, match="query"):
        await house.ask(TITLE, {"id": gid(ticket)}, actor=desk.anna)
