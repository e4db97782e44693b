"""The commands of a ticket, as an administrator types them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from tessera.kit.errors import NotFound
from tessera.testing.house import House
from tessera.tickets import service
from tessera.tickets.cli import app
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk, state


class Console:
    """Runs commands, which are synchronous, in the open house of the test."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.loop = asyncio.get_running_loop()

    def run(self, command: Callable[[Any], Awaitable[Any]]) -> Any:
        async def inside() -> Any:
            return await command(self.house.runtime)

        return asyncio.run_coroutine_threadsafe(inside(), self.loop).result()

    async def type(self, *words: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, words, obj=self)
        if result.exception is not None:
            raise result.exception
        return result.output


async def test_a_ticket_is_shown_closed_and_unlocked(house: House, desk: Desk) -> None:
    console = Console(house)
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    shown = await console.type("show", ticket.number)
    assert f"Number:      {ticket.number}" in shown
    assert "Locked by:   Anna" in shown
    assert await console.type("unlock", ticket.number) == f"Ticket {ticket.number} is unlocked.\n"
    assert (await Ticket.get(id=ticket.id)).lock_holder_id is None
    await console.type("close", ticket.number, "--state", "Closed Unsuccessful")
    assert (await Ticket.get(id=ticket.id)).state_id == (await state("closed unsuccessful")).id


async def test_what_does_not_exist_is_said(house: House, desk: Desk) -> None:
    console = Console(house)
    with pytest.raises(NotFound, match="no ticket 17"):
        await console.type("show", "17")
    with pytest.raises(NotFound, match="no active state ajar"):
        await console.type("close", (await desk.ticket()).number, "--state", "ajar")
