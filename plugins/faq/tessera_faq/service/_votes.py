"""Verbs of readers: vote, and count as somebody who looked."""

from collections.abc import Mapping

from tortoise.expressions import F

from tessera.kit.clock import now
from tessera.kit.errors import Forbidden
from tessera.kit.unit import Unit
from tessera_faq import queries
from tessera_faq._refs import item_ref
from tessera_faq.errors import InvalidVote, NotPublished
from tessera_faq.events import ItemVoted
from tessera_faq.models import Item, Vote

MARKS = (0, 25, 50, 75, 100)


async def vote(unit: Unit, item: Item, mark: int | None) -> Item:
    """Rate an item, once per person: another vote replaces the first one, None takes it back.

    Raises `Forbidden` for everybody who is no person, `InvalidVote`, `NotPublished`.
    """
    actor = unit.actor
    if actor.id is None or queries.is_anonymous(actor):
        raise Forbidden
    if mark is not None and mark not in MARKS:
        raise InvalidVote(field=("vote",))
    row = await Item.filter(id=item.id).select_for_update().get()  # votes on an item come one after the other
    if not queries.is_published(row):
        raise NotPublished
    own = {"item_id": row.id, "voter_kind": actor.kind.value, "voter_id": actor.id}
    earlier = await Vote.filter(**own).select_for_update().first()
    before = earlier.vote if earlier else None
    if before == mark:
        return row
    await Vote.filter(**own).delete()
    if mark is not None:
        await Vote.create(**own, vote=mark, voted_at=now())
    await _rate(row, before, mark)
    await unit.record(ItemVoted(subject=item_ref(row), before=before, after=mark))
    return row


async def _rate(item: Item, before: int | None, after: int | None) -> None:
    item.vote_count += (after is not None) - (before is not None)
    item.vote_sum += (after or 0) - (before or 0)
    item.rating = item.vote_sum / item.vote_count if item.vote_count else None
    await item.save(update_fields=["vote_count", "vote_sum", "rating"])


async def count_views(_unit: Unit, views: Mapping[int, int]) -> None:
    """Add to how often items were looked at; a number beside the items, so no fact is recorded."""
    for key in sorted(views):
        await Item.filter(id=key).update(view_count=F("view_count") + views[key])
