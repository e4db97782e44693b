"""Everything killed at random under load: nothing acknowledged is lost or doubled, nothing owed is stuck."""

import asyncio
import random
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from tortoise.expressions import Q

from tessera.articles.models import Article
from tessera.kit.clock import now
from tessera.kit.ids import to_global
from tessera.kit.jobs import Job, JobState
from tessera.mail.models import OutgoingMessage
from tessera.testing.databases import Kind, available, fresh_database
from tessera.tickets.models import Ticket
from tests.kit.journal_world import database
from tests.kit.redis_world import free_port, needs_redis_server
from tests.proofs.desk import ARTICLE_CREATE, TICKET_CREATE, Desk
from tests.proofs.world import Caller, Mailbox, Place, eventually, keep_killing, listening

CLIENTS = 4
SERVER_LIVES = (0.5, 8.0)
"""Seconds from a server's first answer until it is killed."""
WORKER_LIVES = (5.0, 15.0)
"""Seconds until a worker is killed, its start included."""
REDIS_LIVES = (2.0, 6.0)
ALL_DONE = 120
"""Seconds after the last start in which everything owed must be done; a lapsed lease takes 30 of them."""


@dataclass
class Promises:
    """What the house acknowledged: ids by the words that were sent."""

    tickets: dict[str, str] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)


async def write(desk: Desk, client: int, promises: Promises, end: float) -> None:
    """Open tickets and answer them by mail until the end; whatever gets no answer is sent again."""
    number = 0
    while time.monotonic() < end:
        number += 1
        word = f"w{client}.{number}"
        sent = desk.ticket(word, clientMutationId=word)
        ticket = (await desk.caller.insist(TICKET_CREATE, input=sent))["ticket"]["id"]
        promises.tickets[word] = ticket
        mail = {"channel": "email", "subject": word, "body": word, "to": ["carla@customer.test"]}
        answer = partial(desk.caller.insist, ARTICLE_CREATE, ticket=ticket, input=mail, key=word)
        promises.articles[word] = (await answer())["article"]["id"]
        if random.random() < 0.2:
            assert (await desk.caller.insist(TICKET_CREATE, input=sent))["ticket"]["id"] == ticket
            assert (await answer())["article"]["id"] == promises.articles[word]


async def owed() -> list[str]:
    """Tell what is not done: jobs that run, are due or have to be tried again, and mails that wait."""
    waits = Q(state=JobState.QUEUED) & (Q(run_at__lte=now()) | Q(attempts__gt=0))
    jobs = await Job.filter(Q(state=JobState.RUNNING) | waits)
    mails = await OutgoingMessage.filter(state="queued")
    return [
        *(f"{job.name} {job.state} {job.attempts} {job.run_at} {job.lease_until} {job.error}" for job in jobs),
        *(f"mail {mail.id} {mail.problem}" for mail in mails),
    ]


async def everything_is_done() -> None:
    """Wait until nothing is owed any more."""

    async def is_over() -> bool:
        return not await owed()

    try:
        await eventually(is_over, within=ALL_DONE)
    except AssertionError:
        pytest.fail("\n".join(["Not done in time:", *await owed()]))


async def check(promises: Promises, mailbox: Mailbox) -> None:
    """Compare what was promised with what is there."""
    titles = {row.title: row for row in await Ticket.all()}
    assert Counter([row.title async for row in Ticket.all()]).most_common(1)[0][1] == 1
    assert {word: to_global("Ticket", titles[word].id) for word in promises.tickets} == promises.tickets
    mails = [row async for row in Article.filter(channel="email")]
    assert {row.body: to_global("Article", row.id) for row in mails} == promises.articles
    assert len(mails) == len(promises.articles)
    assert len({row.number for row in titles.values()}) == len(titles)
    assert set(mailbox.ids) == set(promises.articles), "every mail left, and no other"
    assert all(len(set(ids)) == 1 for ids in mailbox.ids.values()), "what left twice has the same id"
    assert await Job.filter(state=JobState.FAILED).values_list("name", "error") == []


async def prove(place: Place, mailbox: Mailbox, ports: tuple[int, ...], *, seconds: float) -> None:
    """Write while everything is killed again and again; start it all once more and look."""
    promises, cluster = Promises(), place.redis_port is not None
    with ExitStack() as stack:
        if cluster:
            stack.enter_context(place.redis())
        stack.enter_context(place.server(ports[0]))
        await listening(ports[0])
        desk = await Desk.furnish(await Caller(ports[:1]).sign_in())
    desk = Desk(Caller(ports, desk.caller.token), desk.here, desk.there)
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as chaos:
        writers = [chaos.create_task(write(desk, client, promises, end)) for client in range(CLIENTS)]
        kills = [chaos.create_task(kill_server(place, port, end)) for port in ports]
        others = []
        if cluster:
            others.append(chaos.create_task(keep_killing(place.worker, end=end, lives=WORKER_LIVES)))
            others.append(chaos.create_task(keep_killing(place.redis, end=end, lives=REDIS_LIVES)))
        await asyncio.wait([*kills, *others])  # or what is killed last would be missing for good
        with ExitStack() as stack:
            await start_again(stack, place, ports)
            await asyncio.wait(writers)
            async with database(place.database_url):
                await everything_is_done()
                await check(promises, mailbox)
    assert sum(kill.result() for kill in kills) >= len(ports)
    assert len(promises.tickets) >= CLIENTS
    code, said = await place.run("audit", "verify")
    assert code == 0, said
    assert "entries are sound" in said


async def kill_server(place: Place, port: int, end: float) -> int:
    """Kill a server again and again, each time after it answered; return how often."""
    ready = partial(listening, port)
    return await keep_killing(partial(place.server, port), end=end, lives=SERVER_LIVES, ready=ready)


async def start_again(stack: ExitStack, place: Place, ports: tuple[int, ...]) -> None:
    """Start everything for good."""
    if place.redis_port is not None:
        stack.enter_context(place.redis())
        stack.enter_context(place.worker())
    for port in ports:
        stack.enter_context(place.server(port))
    for port in ports:
        await listening(port)


async def test_a_house_in_one_process_killed_under_load_loses_nothing(tmp_path: Path) -> None:
    await _embedded(tmp_path, seconds=10)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_house_in_one_process_killed_for_a_minute_loses_nothing(tmp_path: Path) -> None:
    await _embedded(tmp_path, seconds=60)


async def _embedded(folder: Path, *, seconds: float) -> None:
    mailbox = Mailbox()
    async with fresh_database("sqlite") as url:
        with mailbox.listening() as smtp_url:
            await prove(Place(folder, url, smtp_url=smtp_url), mailbox, (free_port(),), seconds=seconds)


@pytest.mark.long
@pytest.mark.timeout(600)
@needs_redis_server
@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
async def test_servers_worker_and_redis_killed_for_a_minute_lose_nothing(kind: Kind, tmp_path: Path) -> None:
    if reason := available(kind):
        pytest.skip(reason)
    mailbox, ports = Mailbox(), (free_port(), free_port())
    async with fresh_database(kind) as url:
        with mailbox.listening() as smtp_url:
            place = Place(tmp_path, url, redis_port=free_port(), smtp_url=smtp_url)
            await prove(place, mailbox, ports, seconds=60)
