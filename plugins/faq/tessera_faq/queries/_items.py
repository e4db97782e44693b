"""Who reads which item, and what belongs to an item."""

from collections.abc import Collection, Sequence
from datetime import datetime

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from tessera.kit import sql
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.clock import now
from tessera.kit.errors import NotFound
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.model import among, where
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import Joined, Sql, seen
from tessera.kit.text import fold
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket
from tessera_faq._fields import covered
from tessera_faq.models import (
    MAX_KEY,
    MAX_NUMBER,
    Audience,
    CategoryGroup,
    CategoryLine,
    Item,
    ItemAttachment,
    ItemTicket,
    Keyword,
    Vote,
)
from tessera_faq.permissions import APPROVE, EDIT

ANONYMOUS = Actor(kind=ActorKind.CUSTOMER_USER, id=0, name="")
"""Whoever is not signed in: a customer user nobody is: as no row has the id 0, every other rule shuts them out."""

LINES, KEYWORDS, LINKS = (model._meta.db_table for model in (CategoryLine, Keyword, ItemTicket))


def is_anonymous(actor: Actor) -> bool:
    """Tell whether nobody is signed in, whatever was copied or changed of `ANONYMOUS` on the way."""
    return actor.is_customer_user and actor.id == ANONYMOUS.id


def audience_of(actor: Actor) -> Audience:
    """Return the narrowest audience an actor belongs to."""
    if not actor.is_customer_user:
        return Audience.INTERNAL
    return Audience.PUBLIC if is_anonymous(actor) else Audience.EXTERNAL


def sees_drafts(actor: Actor) -> bool:
    """Tell whether an actor reads what is not published: those who write and those who approve."""
    return not actor.is_customer_user and (actor.can(EDIT.name) or actor.can(APPROVE.name))


def visible_to(actor: Actor) -> QuerySet[Item]:
    """Return the items an actor reads: the one rule for everybody who reads items.

    Agents those of categories on one of whose groups they hold `ro`; customer users and anonymous callers what is
    meant for them. Only those who write or approve see what is not published.
    """
    if actor.is_system:
        return Item.all()
    rows = Item.all() if sees_drafts(actor) else Item.filter(published())
    if actor.is_agent:
        return rows.filter(category_id__in=categories_of_groups(actor))
    return rows.filter(audience__in=covered(audience_of(actor)))


def published() -> Q:
    """Match what readers see now."""
    at = sql.this_instant()
    begun = where("valid_from__isnull", value=True) | where("valid_from__lte", at)
    lasting = where("valid_until__isnull", value=True) | where("valid_until__gt", at)
    return Q(begun, lasting, active=True, approved=True)


def is_published(item: Item, at: datetime | None = None) -> bool:
    """Tell whether readers see an item at an instant, now unless one is given."""
    at = at or now()
    begun = item.valid_from is None or item.valid_from <= at
    return item.active and item.approved and begun and (item.valid_until is None or item.valid_until > at)


def categories_of_groups(actor: Actor) -> Subquery:
    """Return the ids of the categories on one of whose groups an agent holds `ro`."""
    return Subquery(CategoryGroup.filter(group_id__in=actor.groups_with("ro")).values("category_id"))


def visible_attachments(actor: Actor) -> QuerySet[ItemAttachment]:
    """Return the files an actor may open: those of items they read."""
    return ItemAttachment.filter(item_id__in=Subquery(visible_to(actor).values("id")))


async def find(actor: Actor, global_id: str) -> Item | None:
    """Return an item by its global id, None when it is unknown or hidden."""
    try:
        return await get(actor, global_id)
    except NotFound:
        return None


async def get(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Item:
    """Return an item by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_to(actor).get_or_none(id=key_of(global_id, "FaqItem", field=field)), field)


def items_seen(actor: Actor, keys: tuple[Key, ...] = (), conditions: tuple[Sql, ...] = ()) -> Listing[Item]:
    """List the items an actor reads."""
    return Listing(seen(actor, visible_to), keys, conditions)


def items_of_tickets(actor: Actor) -> Listing[Item]:
    """List the items an actor reads that tickets are linked with, by `ticket_id`; those changed last come first."""
    rows = Joined(seen(actor, visible_to), LINKS, own="item_id", via="ticket_id")
    return Listing(rows, (Key("updated_at", descending=True),))


def tickets_of_items(actor: Actor) -> Listing[Ticket]:
    """List the tickets an actor sees that items are linked with, by `item_id`; the newest come first."""
    rows = Joined(seen(actor, tickets.visible_to), LINKS, own="ticket_id", via="item_id")
    return Listing(rows, (Key("created_at", descending=True),))


def storable(words: Sequence[str]) -> list[str]:
    """Return those of some words that a line of text may hold: no database is asked for others."""
    return [word for word in words if word.isprintable()]


def in_languages(languages: Sequence[str]) -> Sql:
    """Match the items in any of some languages."""
    return sql.one_of("language", storable(languages))


async def by_number(actor: Actor, number: str) -> Item | None:
    """Return the item with a number, None when it is unknown or hidden."""
    return await visible_to(actor).get_or_none(among("number", storable([number]), longest=MAX_NUMBER))


def below(keys: Collection[int]) -> Sql:
    """Match the items of categories and of everything below them."""
    return sql.within("category_id", sql.picked(LINES, "category_id", sql.one_of("above_id", keys)))


def with_any_keyword(words: Sequence[str]) -> Sql:
    """Match the items with any of some keywords, whatever their case and marks."""
    keys = {fold(word.strip())[:MAX_KEY] for word in storable(words)}
    return sql.within("id", sql.picked(KEYWORDS, "item_id", sql.one_of("name_key", keys)))


async def items_by_id(actor: Actor, keys: Collection[int]) -> dict[int, Item]:
    """Return those of some items that an actor reads, by id."""
    return {row.id: row for row in await visible_to(actor).filter(id__in=list(keys))}


async def keywords_of(keys: Sequence[int]) -> dict[int, list[str]]:
    """Return the keywords of items in the order of the folded words."""
    found: dict[int, list[str]] = {key: [] for key in keys}
    for row in await Keyword.filter(item_id__in=list(keys)).order_by("name_key"):
        found[row.item_id].append(row.name)
    return found


async def attachments_of(keys: Sequence[int]) -> dict[int, list[ItemAttachment]]:
    """Return the files of items in their order; whoever reads an item opens them."""
    found: dict[int, list[ItemAttachment]] = {key: [] for key in keys}
    for row in await ItemAttachment.filter(item_id__in=list(keys)).order_by("id"):
        found[row.item_id].append(row)
    return found


async def named_digests(digests: Collection[str]) -> set[str]:
    """Return which of the digests files of items still name."""
    rows = await ItemAttachment.filter(digest__in=list(digests)).distinct().values_list("digest", flat=True)
    return {str(row) for row in rows}


def original_of(item: Item) -> int:
    """Return the id of the first item of an item's translations."""
    return int(item.original_id or item.id)


async def translations_of(
    actor: Actor, items: Sequence[tuple[int, int | None]]
) -> dict[tuple[int, int | None], list[Item]]:
    """Return the same items in other languages, as far as an actor reads them, by id and original; by language."""
    originals = {original or key for key, original in items}
    together = Q(id__in=originals) | Q(original_id__in=originals)
    rows = await visible_to(actor).filter(together).order_by("language", "id")
    return {
        (key, original): [row for row in rows if original_of(row) == (original or key) and row.id != key]
        for key, original in items
    }


async def votes_by(actor: Actor, keys: Sequence[int]) -> dict[int, int]:
    """Return how an actor voted on items, by id."""
    rows = Vote.filter(item_id__in=list(keys), voter_kind=actor.kind.value, voter_id=actor.id or 0)
    return dict(await rows.values_list("item_id", "vote"))


def may_vote(actor: Actor, item: Item) -> bool:
    """Tell whether an actor votes on an item they read: people do, on what is published."""
    return not actor.is_system and not is_anonymous(actor) and is_published(item)
