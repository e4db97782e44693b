"""Reads of the journal as people may see it: one ticket's history, and what happened since a position."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from tessera.articles import queries as articles
from tessera.articles.models import Article
from tessera.history._cursors import Cursor, sight_of
from tessera.kit import paging, sql
from tessera.kit.actor import Actor
from tessera.kit.events import known
from tessera.kit.feed import Past
from tessera.kit.i18n import translate
from tessera.kit.journal import MAX_NAME, Entry, Sealed, head
from tessera.kit.model import among
from tessera.kit.paging import Key, Listing
from tessera.queues.events import QueueChanged
from tessera.tickets import queries as tickets
from tessera.tickets.events import CustomerChanged, QueueMoved
from tessera.tickets.models import Ticket

TICKET = "ticket"
MAX_KINDS = 100


def visible_to(actor: Actor) -> QuerySet[Entry]:
    """Return the facts about tickets an actor sees: all of a visible ticket's for agents, the public ones else."""
    entries = Entry.filter(subject_kind=TICKET, subject_id__in=Subquery(tickets.visible_to(actor).values("id")))
    return entries.filter(public=True) if actor.is_customer_user else entries


def listing(actor: Actor, kinds: list[str] | None) -> Listing[Entry]:
    """Return the visible facts, oldest first, of some kinds or of all."""
    entries = visible_to(actor)
    if kinds is not None:
        entries = entries.filter(among("name", kinds[:MAX_KINDS], longest=MAX_NAME))
    return Listing.of(entries, (Key("id"),))


@dataclass(frozen=True)
class StreamFilter:
    """Which facts a subscriber wants; None wants any."""

    ticket_ids: frozenset[int] | None = None
    queue_ids: frozenset[int] | None = None
    kinds: frozenset[str] | None = None


async def select(actor: Actor, batch: list[Sealed], wanted: StreamFilter) -> list[Sealed]:
    """Return those facts of a batch that the actor may see, now, and wants."""
    asked = [each for each in batch if _matches(each.entry, wanted)]
    if actor.is_customer_user:
        asked = [each for each in asked if each.entry.public]
    if not asked:
        return []
    tickets_seen = tickets.visible_to(actor).filter(id__in={each.entry.subject_id for each in asked})
    if wanted.queue_ids is not None:
        tickets_seen = tickets_seen.filter(queue_id__in=list(wanted.queue_ids))
    seen = set(await tickets_seen.values_list("id", flat=True))
    return [each for each in asked if each.entry.subject_id in seen]


def _matches(entry: Entry, wanted: StreamFilter) -> bool:
    return (
        entry.subject_kind == TICKET
        and (wanted.ticket_ids is None or entry.subject_id in wanted.ticket_ids)
        and (wanted.kinds is None or entry.name in wanted.kinds)
    )


@dataclass(frozen=True)
class Change:
    """Before and after of one field, as display text."""

    field: str
    before: str | None
    after: str | None


def changes_of(entry: Entry) -> list[Change]:
    """Return what a fact changed, also when its package is gone: whatever tells `before` and `after`."""
    facts = entry.facts
    if "before" not in facts or "after" not in facts:
        return []
    event = known(entry.name)
    field = facts.get("field") or (event.changed if event else None) or entry.name.rpartition(".")[2]
    before, after = facts["before"], facts["after"]
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted({*before, *after})
        return [Change(name, _text(before.get(name)), _text(after.get(name))) for name in names]
    return [Change(str(field), _text(before), _text(after))]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def mentioned(entry: Entry) -> dict[str, int]:
    """Return which texts of a fact name a ticket other than the subject, with that ticket's id."""
    event = known(entry.name)
    if event is None:
        return {}
    named = {text: entry.facts.get(key) for text, key in event.mentions.items()}
    return {text: key for text, key in named.items() if isinstance(key, int)}


async def are_seen(actor: Actor, ticket_ids: list[int]) -> list[bool]:
    """Tell of each ticket whether the actor sees it."""
    seen = {row.id for row in await tickets.visible_to(actor).filter(id__in=ticket_ids).only("id")}
    return [ticket_id in seen for ticket_id in ticket_ids]


async def summaries_of(actor: Actor, entries: Sequence[Entry]) -> list[str]:
    """Word facts in one line each, in the actor's language, without the tickets the actor does not see."""
    named = [mentioned(entry) for entry in entries]
    wanted = sorted({key for each in named for key in each.values()})
    seen = dict(zip(wanted, await are_seen(actor, wanted) if wanted else (), strict=True))
    return [
        summary_of(entry, actor.locale, [text for text, key in each.items() if not seen[key]])
        for entry, each in zip(entries, named, strict=True)
    ]


def summary_of(entry: Entry, locale: str, hidden: Collection[str] = ()) -> str:
    """Word a fact in one line, without the `hidden` texts."""
    event = known(entry.name)
    if event is None or not event.sentence:
        return entry.name.replace(".", ": ").replace("_", " ")
    return translate(event.sentence, locale, {**entry.facts, **dict.fromkeys(hidden)})


@dataclass(frozen=True)
class Changes:
    """What changed for a viewer since a cursor; see the API's type `TicketChanges`."""

    upserts: list[Ticket]
    removed: list[int]
    cursor: Cursor
    has_more: bool
    reset: bool


async def changes_since(actor: Actor, since: Cursor | None, first: int, wanted: Listing[Ticket], past: Past) -> Changes:
    """Return the tickets that came, changed or went for an actor in the past; `wanted` are those they see and want.

    Without a cursor a full first copy begins, page by page; it ends at the position where it began, so that
    nothing that happened meanwhile is lost. The same happens, with `reset`, when the viewer's sight has changed
    since or the cursor lies behind the journal's end.
    """
    sight = sight_of(actor)
    beginning = Cursor(past.until, copied=0, sight=sight)
    if since is None:
        return await _copy(beginning, first, wanted, reset=False)
    if since.sight != sight or (since.position > past.until and since.position > await head()):
        return await _copy(beginning, first, wanted, reset=True)
    if since.copied is not None:
        return await _copy(since, first, wanted, reset=False)
    touched = await _touched(past, since.position, first)
    if touched.regroups and actor.is_agent:
        return await _copy(beginning, first, wanted, reset=True)
    return await _delta(actor, touched, sight, wanted)


async def _copy(since: Cursor, first: int, wanted: Listing[Ticket], *, reset: bool) -> Changes:
    rest = Listing(wanted.rows, (), (*wanted.conditions, sql.compares("id", ">", since.copied or 0)))
    found = await paging.select(rest, limit=first + 1)
    page = found[:first]
    has_more = len(found) > first
    copied = page[-1].id if has_more and page else None
    return Changes(page, [], Cursor(since.position, copied, since.sight), has_more, reset)


@dataclass(frozen=True)
class _Touched:
    """The facts about each ticket behind a position, up to another one.

    `regroups` says that a queue came into another group, with all its tickets and no fact about them.
    """

    tickets: dict[int, list[Entry]]
    position: int
    has_more: bool
    regroups: bool


async def _delta(actor: Actor, touched: _Touched, sight: str, wanted: Listing[Ticket]) -> Changes:
    if not touched.tickets:
        return Changes([], [], Cursor(touched.position, None, sight), has_more=False, reset=False)
    rows = await tickets.visible_to(actor).filter(id__in=list(touched.tickets))
    sighted = {row.id for row in rows}
    matching = {row.id for row in await paging.select(wanted.narrowed(sql.one_of("id", sighted)))}
    own = {row.id for row in await tickets.belonging_to(actor).filter(id__in=list(touched.tickets)).only("id")}
    gone = [
        key
        for key, entries in touched.tickets.items()
        if key not in matching and (key in sighted or key in own or any(_took_away(entry, actor) for entry in entries))
    ]
    order = {key: place for place, key in enumerate(touched.tickets)}
    upserts = sorted((row for row in rows if row.id in matching), key=lambda row: order[row.id])
    return Changes(upserts, gone, Cursor(touched.position, None, sight), touched.has_more, reset=False)


async def _touched(past: Past, position: int, first: int) -> _Touched:
    """Collect the facts about at most `first` tickets behind a position."""
    found: dict[int, list[Entry]] = {}
    regroups = False
    while batch := await past.behind(position):
        for sealed in batch:
            entry = sealed.entry
            regroups = regroups or (entry.name == QueueChanged.name and entry.facts.get("field") == "group")
            if entry.subject_kind == TICKET:
                if entry.subject_id not in found and len(found) == first:
                    return _Touched(found, position, has_more=True, regroups=regroups)
                found.setdefault(entry.subject_id, []).append(entry)
            position = sealed.position
    return _Touched(found, position, has_more=False, regroups=regroups)


def _took_away(entry: Entry, actor: Actor) -> bool:
    """Tell whether a fact took its ticket out of the actor's sight.

    The id of a ticket the actor could never see must not leak, so that nothing else is told about hidden ones.
    """
    facts = entry.facts
    if entry.name == QueueMoved.name:
        return actor.is_agent and facts.get("before_group_id") in actor.groups_with("ro")
    if entry.name == CustomerChanged.name:
        own = facts.get("before_id") == actor.customer_user_id
        shared = actor.customer_id is not None and facts.get("before_customer_id") == actor.customer_id
        return actor.is_customer_user and (own or shared)
    return False


async def articles_of(actor: Actor, entry_ids: list[int]) -> dict[int, Article]:
    """Return the article each fact is about, by the fact's id, as far as the actor sees it."""
    entries = await Entry.filter(id__in=entry_ids)
    named = {entry.id: entry.facts.get("article_id") for entry in entries}
    wanted = [key for key in named.values() if isinstance(key, int)]
    found = {article.id: article for article in await articles.visible_to(actor).filter(id__in=wanted)}
    return {entry_id: found[key] for entry_id, key in named.items() if isinstance(key, int) and key in found}
