"""What is shown before the deed is what the deed does."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from tessera.articles import service as articles
from tessera.articles.models import Article
from tessera.kit import clock
from tessera.kit.actor import Actor
from tessera.kit.journal import Entry
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tessera.tickets.models import Priority, Ticket
from tessera_masterslave import _words
from tessera_masterslave._cascades import CASCADES
from tessera_masterslave.models import Failure
from tests.articles.words import words
from tests.masterslave.crowd import SYSTEM, Crowd, now, said, state_of
from tests.tickets.desk import gid, state

PREVIEW = """query ($m: ID!, $s: ID, $a: ArticleInput) { masterslavePreview(masterId: $m, stateId: $s, article: $a) {
  slave { number } effects problem } }"""
STATES = ("open", "closed successful", "closed unsuccessful", "pending reminder", "removed")


async def preview(crowd: Crowd, master: Ticket, actor: Actor | None = None, **given: Any) -> list[dict[str, Any]]:
    variables: dict[str, Any] = {"m": gid(master)}
    if "state" in given:
        variables["s"] = gid(await state(given["state"]), "TicketState")
    if "article" in given:
        variables["a"] = given["article"]
    data = await crowd.house.ask(PREVIEW, variables, actor=actor or crowd.mira)
    found: list[dict[str, Any]] = data["masterslavePreview"]
    return found


@every_database
async def test_nothing_is_done_by_looking(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    await crowd.house.drain()
    before = (await Entry.all().count(), await Article.all().count(), (await now(one)).version)
    shown = await preview(crowd, master, state="closed successful", article={"channel": "email", "body": "Dear Carla"})
    assert shown == [
        {
            "slave": {"number": slave.number},
            "effects": [
                f"Mail to Person {letter} <person.{letter.lower()}@customer.example>: Re: Printer on fire",
                "State: new → closed successful",
            ],
            "problem": None,
        }
        for slave, letter in ((one, "A"), (two, "B"))
    ]
    assert (await Entry.all().count(), await Article.all().count(), (await now(one)).version) == before
    assert await crowd.house.runtime.dispatcher.drain() == 0
    assert (await state_of(master), await said(one)) == ("new", [])


async def test_it_speaks_the_viewers_language(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.desk.run(crowd.desk.bert, tickets.lock, one)
    german = replace(crowd.mira, locale="de", memory={})
    locked, free = await preview(crowd, master, german, state="open")
    assert locked["effects"] == []
    assert locked["problem"].startswith("Bert sperrt")
    assert free == {"slave": free["slave"], "effects": ["Status: new → open"], "problem": None}


async def test_what_is_refused_on_the_master_stands_with_every_slave(crowd: Crowd) -> None:
    master, _ = await crowd.group()
    await crowd.desk.run(crowd.desk.bert, tickets.lock, master)
    shown = await preview(crowd, master, state="open")
    assert [(each["effects"], "Bert has held" in each["problem"]) for each in shown] == [([], True)] * 2


async def test_who_does_not_see_a_slave_is_shown_none(crowd: Crowd) -> None:
    master, _ = await crowd.group()
    hidden = await crowd.ticket("Hidden", queue=crowd.desk.other_queue)
    await crowd.attach(master, [hidden])
    assert len(await preview(crowd, master, crowd.desk.anna, state="open")) == 2
    assert len(await preview(crowd, master, state="open")) == 3
    assert await preview(crowd, hidden, crowd.desk.anna, state="open") == []
    assert await preview(crowd, await crowd.ticket("Free"), state="open") == []
    assert [each["effects"] for each in await preview(crowd, master)] == [[]] * 3


def _lines(entries: list[Entry], said_there: list[Article]) -> list[str]:
    """Word what happened as a preview does."""
    lines = []
    for entry in entries:
        if entry.name != "article.added":
            line = _words.said(entry.name, entry.facts, "en")
        else:
            article = next(each for each in said_there if each.id == entry.facts["article_id"])
            facts = {"to": ", ".join(json.loads(article.recipients)), "subject": article.subject or article.body}
            line = _words.said(article.channel, facts, "en")
        if line is not None:
            lines.append(line)
    return lines


async def prepared(crowd: Crowd, chance: random.Random) -> tuple[Ticket, list[Ticket]]:
    """Open a group of slaves in all kinds of trouble, with some cascades."""
    desk = crowd.desk
    master = await crowd.ticket()
    slaves = [
        await crowd.ticket("Person A"),
        await crowd.ticket("Person B", email=False),
        await crowd.ticket("Person C", state=await state(chance.choice(STATES[:-1]))),
        await crowd.ticket("Person D"),
        await crowd.ticket("Person E", queue=desk.other_queue),
        await crowd.ticket("Person F", priority=await Priority.get(name="5 very high")),
    ]
    await crowd.attach(master, slaves)
    await crowd.cascades(master, *chance.sample(CASCADES, chance.randint(3, len(CASCADES))))
    await desk.run(desk.bert, tickets.lock, slaves[3])
    if chance.random() < 0.5:
        target = await crowd.ticket("Target")
        await crowd.act(articles.merge, slaves[5], target, actor=SYSTEM)
        slaves[5] = target
    if chance.random() < 0.5:
        await Ticket.filter(id=slaves[0].id).update(state_id=(await state("merged")).id)
    return master, slaves


@pytest.mark.parametrize("seed", range(8))
async def test_the_deed_does_what_was_shown(crowd: Crowd, seed: int) -> None:
    chance = random.Random(seed)
    master, slaves = await prepared(crowd, chance)
    actor = chance.choice([crowd.mira, crowd.desk.anna])
    given: dict[str, Any] = {}
    if chance.random() < 0.8:
        given["state"] = chance.choice(STATES)
    if chance.random() < 0.8 or not given:
        channel = chance.choice(["email", "note", "web"])
        given["article"] = {"channel": channel, "body": "Dear Carla, it is solved"}
    last = await Entry.all().order_by("-id").first()
    assert last is not None
    with clock.stopped(clock.now()):
        shown = {each["slave"]["number"]: each for each in await preview(crowd, master, actor, **given)}
        await act(crowd, master, actor, given)
    for slave in slaves:
        entries = Entry.filter(subject_kind="ticket", subject_id=slave.id, id__gt=last.id, actor_id=actor.id)
        done = _lines(await entries.order_by("id"), await said(slave))
        problems = [row.sentence.format(**json.loads(row.facts)) for row in await Failure.filter(ticket_id=slave.id)]
        if slave.number in shown:
            assert shown[slave.number]["effects"] == done
            assert shown[slave.number]["problem"] == (" ".join(dict.fromkeys(problems)) or None)
        else:
            assert done == []
            assert actor is crowd.desk.anna


async def act(crowd: Crowd, master: Ticket, actor: Actor, given: dict[str, Any]) -> None:
    after = await state(given["state"]) if "state" in given else None
    if "article" in given:
        new = words(given["article"]["channel"], given["article"]["body"])
        await crowd.act(articles.add_article, master, new, state=after, actor=actor)
    else:
        await crowd.act(tickets.set_state, master, after, actor=actor)
