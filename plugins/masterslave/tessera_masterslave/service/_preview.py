"""A preview is the deed itself, undone before anybody sees it: so it cannot say anything else."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tessera.articles import service as articles
from tessera.articles.models import Article
from tessera.articles.service import NewArticle
from tessera.kit.actor import Actor
from tessera.kit.errors import Problem
from tessera.kit.events import from_json
from tessera.kit.i18n import translate
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit, Units
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.models import State, Ticket
from tessera_masterslave import _words as words
from tessera_masterslave import queries
from tessera_masterslave.models import Group
from tessera_masterslave.service._following import attempt
from tessera_masterslave.service._repeating import Repeat, repeating

AT_ONCE = 25
"""Slaves of one transaction, which others wait for on SQLite."""

Say = Callable[[Unit], Awaitable[NewArticle | None]]


@dataclass
class Effect:
    """What would happen to a slave, one line each, and why something would not."""

    slave: Ticket
    effects: list[str] = field(default_factory=list)
    problem: str | None = None


class _Undone(Exception):
    """Carries what was seen out of a transaction that nothing is left of."""

    def __init__(self, effects: list[Effect]) -> None:
        super().__init__()
        self.effects = effects


async def preview(units: Units, actor: Actor, master: Ticket, *, state: State | None, say: Say) -> list[Effect]:
    """Return what an actor's change of state or message on a master would do to the slaves that the actor sees.

    `say(unit)` makes the message in the unit, None for none. What would be refused on the master itself stands with
    every slave. Raises `Contention` when the tickets are too busy.
    """
    group = await Group.get_or_none(master_id=master.id)
    if group is None:
        return []
    ids = [member.ticket_id for member in await queries.slaves_of(group)]
    slaves = await ticket_queries.visible_to(actor).filter(id__in=ids).order_by("id")
    found: list[Effect] = []
    for start in range(0, len(slaves), AT_ONCE):
        some = slaves[start : start + AT_ONCE]

        async def rehearse(unit: Unit, some: Sequence[Ticket] = some) -> None:
            raise _Undone(await _rehearse(unit, group, some, state, say))

        try:
            await units.run(actor, rehearse)
        except _Undone as undone:
            found += undone.effects
    return found


async def _rehearse(unit: Unit, group: Group, slaves: Sequence[Ticket], state: State | None, say: Say) -> list[Effect]:
    try:
        await _act(unit, group.master_id, state, await say(unit))
    except Problem as problem:
        message = translate(problem.template, unit.actor.locale, problem.facts)
        return [Effect(slave, problem=message) for slave in slaves]
    await unit.flush()
    own = [entry for entry in unit.entries if entry.subject_kind == "ticket" and entry.subject_id == group.master_id]
    deeds = queries.wanted(await queries.deeds_in(own), queries.cascades_of(group))
    repeats = [await repeating(deed) for deed in deeds]
    return [await _effect(unit, slave, repeats) for slave in slaves]


async def _act(unit: Unit, master_id: int, state: State | None, article: NewArticle | None) -> None:
    master = await Ticket.get(id=master_id)
    if article is not None:
        await articles.add_article(unit, master, article, state=state, field=("article",))
    elif state is not None:
        await tickets.set_state(unit, master, state)


async def _effect(unit: Unit, slave: Ticket, repeats: Sequence[Repeat]) -> Effect:
    before, problems = len(unit.entries), list[str]()
    for repeat in repeats:
        problem = await attempt(unit, slave.id, repeat)
        if problem is not None:
            problems.append(translate(problem.template, unit.actor.locale, problem.facts))
    lines = [await _line(unit.actor, entry) for entry in unit.entries[before:]]
    return Effect(slave, [line for line in lines if line is not None], " ".join(dict.fromkeys(problems)) or None)


async def _line(actor: Actor, entry: Entry) -> str | None:
    if entry.name != "article.added":
        return words.said(entry.name, entry.facts, actor.locale)
    article = await Article.get(id=entry.facts["article_id"])
    facts = {
        "to": ", ".join(from_json(article.recipients)),
        "subject": article.subject or article.body.strip().partition("\n")[0],
    }
    return words.said(article.channel, facts, actor.locale)
