"""Verbs of what people hang on a ticket: labels, their wish to hear of it, the mark that they read it."""

from collections.abc import Mapping, Sequence

from tortoise.exceptions import IntegrityError

from tessera.accounts.models import Agent
from tessera.kit import inputs
from tessera.kit.clock import now
from tessera.kit.db import transaction
from tessera.kit.errors import Forbidden, LimitExceeded
from tessera.kit.ids import ObjectRef
from tessera.kit.text import fold
from tessera.kit.unit import Unit
from tessera.tickets import queries
from tessera.tickets.events import TagsChanged, WatcherAdded, WatcherRemoved
from tessera.tickets.models import MAX_KEY, Seen, Tag, Ticket, Watcher
from tessera.tickets.service._draft import Draft
from tessera.tickets.service.rules import require_right, require_workable

TAG_LENGTH = 100
MAX_TAGS = 100


def checked_tags(names: Sequence[str]) -> dict[str, str]:
    """Return labels by their folded names; the same label in another case is one.

    Raises `LimitExceeded` for more than 100, and what `kit.inputs.line` raises for one of them.
    """
    if len(names) > MAX_TAGS:
        raise LimitExceeded("A ticket has at most {limit} labels.", limit=MAX_TAGS, field=("tags",))
    labels = [inputs.line(name, field=("tags",), limit=TAG_LENGTH) for name in names]
    return {fold(label)[:MAX_KEY]: label for label in reversed(labels)}


async def attach(ticket: Ticket, labels: Mapping[str, str]) -> None:
    """Write labels a ticket does not have yet."""
    await Tag.bulk_create([Tag(ticket_id=ticket.id, name=name, name_key=key) for key, name in labels.items()])


async def add_tags(unit: Unit, ticket: Ticket, tags: Sequence[str]) -> Ticket:
    """Put labels on a ticket; those it has already stay as they are.

    Needs `rw`. Raises what `require_workable` raises, and `LimitExceeded`, `Required` or `Invalid` for labels.
    """
    await require_workable(unit, ticket, "rw")
    before = await _labels(ticket)
    added = {key: label for key, label in checked_tags(tags).items() if key not in before}
    if len(before) + len(added) > MAX_TAGS:
        raise LimitExceeded("A ticket has at most {limit} labels.", limit=MAX_TAGS, field=("tags",))
    if added:
        await _retag(unit, ticket, before, {**before, **added})
        await attach(ticket, added)
    return ticket


async def remove_tags(unit: Unit, ticket: Ticket, tags: Sequence[str]) -> Ticket:
    """Take labels off a ticket, in whatever case they are given; needs `rw`, raises what `add_tags` raises."""
    await require_workable(unit, ticket, "rw")
    before = await _labels(ticket)
    removed = checked_tags(tags).keys() & before.keys()
    if removed:
        await _retag(unit, ticket, before, {key: label for key, label in before.items() if key not in removed})
        await Tag.filter(ticket_id=ticket.id, name_key__in=removed).delete()
    return ticket


async def _labels(ticket: Ticket) -> dict[str, str]:
    return dict(await Tag.filter(ticket_id=ticket.id).values_list("name_key", "name"))


async def _retag(unit: Unit, ticket: Ticket, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    draft = Draft(ticket)
    told = [", ".join(sorted(labels.values())) or None for labels in (before, after)]
    draft.put(TagsChanged(subject=draft.subject, before=told[0], after=told[1]))
    await draft.write(unit)


async def watch(unit: Unit, ticket: Ticket) -> Ticket:
    """Let the acting agent hear of a ticket; the ticket itself does not change.

    Needs `ro`. Raises `RightMissing`, and `Forbidden` for anybody but agents.
    """
    agent = await _acting_agent(unit)
    await require_right(unit, ticket, "ro")
    if await queries.watched_by(unit.actor, [ticket.id]):
        return ticket
    try:
        async with transaction():
            await Watcher.create(ticket_id=ticket.id, agent_id=agent.id)
    except IntegrityError:
        return ticket
    subject = ObjectRef("ticket", ticket.id)
    await unit.record(WatcherAdded(subject=subject, watcher=agent.name, watcher_id=agent.id))
    return ticket


async def unwatch(unit: Unit, ticket: Ticket) -> Ticket:
    """Let the acting agent not hear of a ticket any more; raises `Forbidden` for anybody but agents."""
    agent = await _acting_agent(unit)
    if await Watcher.filter(ticket_id=ticket.id, agent_id=agent.id).delete():
        subject = ObjectRef("ticket", ticket.id)
        await unit.record(WatcherRemoved(subject=subject, watcher=agent.name, watcher_id=agent.id))
    return ticket


async def _acting_agent(unit: Unit) -> Agent:
    if not unit.actor.is_agent:
        raise Forbidden("Only agents watch tickets.")
    return await Agent.get(id=unit.actor.id)


async def mark_seen(unit: Unit, ticket: Ticket) -> Ticket:
    """Remember that the actor has read a ticket they may read; a note to oneself, so no fact is recorded.

    Raises `RightMissing`.
    """
    await require_right(unit, ticket, "ro")
    reader = {"ticket_id": ticket.id, "actor_kind": unit.actor.kind.value, "actor_id": unit.actor.id or 0}
    if not await Seen.filter(**reader).update(at=now()):
        try:
            async with transaction():
                await Seen.create(**reader)
        except IntegrityError:
            await Seen.filter(**reader).update(at=now())
    return ticket
