"""Who sees which category, and what belongs to a category."""

from collections.abc import Collection, Sequence

from tortoise.expressions import Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from tessera.access import queries as access
from tessera.access.models import Group
from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import Sql, seen
from tessera_faq.models import Category, CategoryGroup, CategoryLine
from tessera_faq.permissions import MANAGE
from tessera_faq.queries._items import categories_of_groups, visible_to


def visible_categories(actor: Actor) -> QuerySet[Category]:
    """Return the categories an actor sees.

    Who sets them up sees all; other agents the active ones on one of whose groups they hold `ro`; customer users and
    anonymous callers those with something for them in them or below.
    """
    if actor.can(MANAGE.name):
        return Category.all()
    if actor.is_agent:
        return Category.filter(active=True, id__in=categories_of_groups(actor))
    filled = CategoryLine.filter(category_id__in=Subquery(visible_to(actor).values("category_id")))
    return Category.filter(active=True, id__in=Subquery(filled.values("above_id")))


async def get_category(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Category:
    """Return a category by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    key = key_of(global_id, "FaqCategory", field=field)
    return existing(await visible_categories(actor).get_or_none(id=key), field)


def categories_seen(actor: Actor, *, roots_only: bool) -> Listing[Category]:
    """List the categories an actor sees by their full names; roots are those below none that they see."""
    rows = seen(actor, visible_categories)
    if not roots_only:
        return Listing(rows, (Key("path_key", unique=True),))
    above = Sql(f'SELECT x."id" FROM {rows.source.text} x', rows.source.values)  # noqa: S608 - names are ours
    return Listing(rows, (Key("path_key", unique=True),), (sql.opposite(sql.within("parent_id", above)),))


async def categories_by_id(actor: Actor, keys: Collection[int]) -> dict[int, Category]:
    """Return those of some categories that an actor sees, by id."""
    return {row.id: row for row in await visible_categories(actor).filter(id__in=set(keys))}


async def children_of(actor: Actor, keys: Sequence[int]) -> dict[int, list[Category]]:
    """Return the categories right below some, by name."""
    found: dict[int, list[Category]] = {key: [] for key in keys}
    for row in await visible_categories(actor).filter(parent_id__in=list(keys)).order_by("path_key"):
        found[int(row.parent_id or 0)].append(row)
    return found


async def groups_of(actor: Actor, keys: Sequence[int]) -> dict[int, list[Group]]:
    """Return the groups whose agents see categories, by name; customer users are not told."""
    pairs = await CategoryGroup.filter(category_id__in=list(keys)).values_list("category_id", "group_id")
    groups = await access.visible_groups(actor).filter(id__in={group for _, group in pairs}).order_by("name_key")
    return {key: [group for group in groups if (key, group.id) in set(pairs)] for key in keys}


async def item_counts(actor: Actor, keys: Sequence[int]) -> dict[int, int]:
    """Return how many items of each category an actor reads."""
    rows = visible_to(actor).filter(category_id__in=list(keys)).annotate(found=Count("id")).group_by("category_id")
    return dict.fromkeys(keys, 0) | dict(await rows.values_list("category_id", "found"))
