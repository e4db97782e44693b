"""Mails of every kind through the whole postmaster: each becomes what it should, once, and none is lost."""

import asyncio
import random
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tessera.accounts.models import CustomerUser
from tessera.articles.models import Article
from tessera.files import queries as files
from tessera.kit import log
from tessera.kit.jobs import Job, JobState
from tessera.mail import service
from tessera.mail.models import IncomingMessage
from tessera.testing.databases import migrated_database
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import base_assembly, open_house
from tests.corpus import CORPUS, needs_corpus
from tests.mail.office import Office, letter, open_office
from tests.mail.test_fuzz import SEEDS, corpus_seeds, mutated

MAILS = sorted(path for path in (CORPUS / "mail").rglob("*") if path.is_file() and path.suffix != ".json")
BATCH = 100


@needs_corpus
@every_database
async def test_every_collected_mail_is_filed_exactly_once(office: Office) -> None:
    raws = [path.read_bytes() for path in MAILS]
    assert len(raws) > 90
    units = office.house.runtime.units
    for raw in [*raws, *raws]:
        await service.receive(units, raw, source="pipe")
    await office.house.drain()
    rows = await IncomingMessage.all().order_by("id")
    assert [row.digest for row in rows] == list(dict.fromkeys(row.digest for row in rows))
    assert {await files.read(row.digest) for row in rows} == set(raws)
    assert [(row.id, row.reason) for row in rows if row.state not in {"filed", "ignored"}] == []
    ignored = [row.reason for row in rows if row.state == "ignored"]
    assert set(ignored) <= {"The same message came in by another way."}
    filed = [row.article_id for row in rows if row.state == "filed"]
    assert len(set(filed)) == len(filed) == len(set(raws)) - len(ignored)
    assert await Article.all().count() == len(filed)
    assert not await Job.filter(state=JobState.FAILED).exists()


async def flood(office: Office, count: int, seed: int) -> Counter[str]:
    """Let mutated mails come in; return how many became what, after checking that each is there."""
    chance, seeds = random.Random(seed), [*SEEDS, *corpus_seeds()]
    units, brought = office.house.runtime.units, set()
    for number in range(count):
        raw = mutated(chance, chance.choice(seeds))
        row = await service.receive(units, raw, source="pipe", trusted=chance.random() < 0.5)
        brought.add(row.digest)
        if number % BATCH == BATCH - 1:
            await office.house.drain()
    await office.house.drain()
    rows = await IncomingMessage.all()
    assert {row.digest for row in rows} == brought
    assert {row.state for row in rows} <= {"filed", "ignored", "quarantined"}
    filed = [row for row in rows if row.state == "filed"]
    assert len({row.article_id for row in filed}) == len(filed)
    assert all(row.reason for row in rows if row.state != "filed")
    assert not await Job.filter(state=JobState.FAILED).exists()
    # the postmaster understands whatever it is given: quarantine is for what nobody foresaw
    quarantined = [row.reason for row in rows if row.state == "quarantined"]
    assert quarantined == [], quarantined
    return Counter(row.state for row in rows)


@every_database
async def test_mutated_mails_are_filed_or_ignored_and_never_lost(office: Office, database_kind: str) -> None:
    count = 300 if database_kind == "sqlite" else 50
    states = await flood(office, count, 4711)
    assert states["filed"] > count * 2 // 3


@every_database
async def test_the_same_mails_by_many_doors_at_once_are_filed_once(office: Office) -> None:
    units = office.house.runtime.units
    raws = [letter(f"{number}", message_id=f"<{number}@x>") for number in range(8)]
    doors = [service.receive(units, raw, source="pipe") for raw in raws * 3]
    rows = await asyncio.gather(*doors)
    assert len({row.id for row in rows}) == len(raws)
    await asyncio.gather(*(office.house.drain() for _ in range(3)))
    await office.house.drain()
    assert [row.state for row in await IncomingMessage.all()] == ["filed"] * len(raws)
    assert await Article.all().count() == len(raws)
    assert await CustomerUser.all().count() == 1


def flood_alone(count: int, seed: int) -> Counter[str]:
    """Flood an office of its own; for a process of its own."""
    log.configure(level="ERROR", as_json=True)

    async def flooded() -> Counter[str]:
        apps = base_assembly().apps
        with tempfile.TemporaryDirectory() as folder:
            async with migrated_database("sqlite", apps) as url, open_house(url, Path(folder), secret=SECRET) as house:
                return await flood(await open_office(house), count, seed)

    return asyncio.run(flooded())


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_a_flood_of_mutated_mails_is_filed_or_ignored_and_never_lost() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        states = list(pool.map(flood_alone, [10_000, 10_000], [1, 2]))
    assert all(each["filed"] > 5_000 for each in states)
