"""What a torn subscriber must prove: every event once and in order, and a true local copy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from tessera.history import _cursors
from tessera.history._cursors import Cursor
from tessera.kit.ids import to_global
from tessera.kit.journal import Sealed, head, read_sealed, seal_pending, verify
from tests.proofs.desk import Desk, write_at_once
from tests.proofs.streams import CHANGES, EVENTS, Follower, LocalTickets, Log
from tests.proofs.world import eventually

WRITERS = 20
BEGINNING = _cursors.write(Cursor(0))
"""Without a cursor a stream begins now."""


async def journal() -> AsyncIterator[Sealed]:
    """Yield the whole journal in its order."""
    position = 0
    while batch := await read_sealed(position):
        for sealed in batch:
            yield sealed
        position = batch[-1].position


async def prove_events(desk: Desk, tickets: int) -> None:
    """Follow the events while the writers write; compare with the journal."""
    log, over = Log(), False
    follower = Follower(desk.caller, EVENTS, {}, log, cursor=BEGINNING, portion=4 * tickets)
    following = asyncio.create_task(follower.follow(lambda: over))
    await write_at_once(desk, writers=WRITERS, tickets=tickets)

    await seal_pending()
    happened = await expected()

    async def has_all() -> bool:
        return len(log.events) >= len(happened)

    with suppress(AssertionError):  # the comparison at the end tells more
        await eventually(has_all, within=60)
    over = True
    await following
    assert log.events == happened
    assert follower.cuts > 1
    verdict = await verify()
    assert verdict.flaw is None
    assert verdict.sound == await head()


async def expected() -> list[dict[str, Any]]:
    return [
        {
            "id": to_global("TicketEvent", sealed.entry.id),
            "kind": sealed.entry.name,
            "ticket": {"id": to_global("Ticket", sealed.entry.subject_id)},
        }
        async for sealed in journal()
        if sealed.entry.subject_kind == "ticket"
    ]


async def prove_changes(desk: Desk, tickets: int) -> None:
    """Keep a copy of one queue's tickets while the writers write; compare with the tickets."""
    local, over = LocalTickets(), False
    follower = Follower(desk.caller, CHANGES, {"queue": desk.here}, local, portion=4 * tickets)
    following = asyncio.create_task(follower.follow(lambda: over))
    leaving = await desk.open_ticket("leaving")

    async def is_copied() -> bool:
        return leaving in local.tickets

    await eventually(is_copied, within=30)
    writing = asyncio.create_task(write_at_once(desk, writers=WRITERS, tickets=tickets))
    await desk.move(leaving, desk.there)
    await writing
    truth = {
        ticket["id"]: ticket
        async for ticket in desk.all_tickets("id version title queue { id }")
        if ticket["queue"]["id"] == desk.here
    }

    async def is_true() -> bool:
        return local.tickets == truth

    with suppress(AssertionError):  # the comparison at the end tells more
        await eventually(is_true, within=60)
    over = True
    await following
    assert local.tickets == truth
    assert truth
    assert local.removals > 0
    assert follower.cuts > 1
