"""What lists of items can be narrowed to and sorted by, and how that becomes a listing."""

from enum import Enum

import strawberry

from tessera.engine.filters import (
    DateTimeFilter,
    IDFilter,
    instant_conditions,
    keys_of,
    reference_conditions,
    within_limit,
)
from tessera.engine.roots import OrderDirection
from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.errors import Invalid
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import Sql
from tessera_faq import queries
from tessera_faq.models import Audience, Item

MAX_KEYS = 5
NEWEST_FIRST = (Key("updated_at", descending=True),)


@strawberry.input(description="All given conditions must hold; lists inside one condition are alternatives.")
class FaqItemFilter:
    query: str | None = strawberry.field(default=None, description="Words in number, title, keywords or texts.")
    category_id: IDFilter | None = None
    include_sub_categories: bool | None = strawberry.field(
        default=False, description="Include the sub-categories of `categoryId`."
    )
    language: list[str] | None = None
    audience: list[Audience] | None = None
    keywords_any: list[str] | None = None
    approved: bool | None = None
    updated_at: DateTimeFilter | None = None


@strawberry.enum(description="Input only.")
class FaqItemOrderField(Enum):
    UPDATED_AT = "updated_at"
    CREATED_AT = "created_at"
    TITLE = "title_key"
    RATING = "rating"
    VIEW_COUNT = "view_count"


@strawberry.input(description="One sort key; ties are broken by id.")
class FaqItemOrder:
    field: FaqItemOrderField
    direction: OrderDirection = OrderDirection.DESC


async def items_matching(
    actor: Actor, given: FaqItemFilter | None, order: list[FaqItemOrder] | None = None
) -> Listing[Item]:
    """Return the items an actor reads that match, those changed last first unless an order is given.

    Raises `Invalid` for an order or a filter that asks for too much.
    """
    if order is not None and len(order) > MAX_KEYS:
        raise Invalid("At most {limit} sort keys.", limit=MAX_KEYS, field=("order_by",))
    keys = tuple(
        Key(each.field.value, each.direction is OrderDirection.DESC, each.field is FaqItemOrderField.RATING)
        for each in order or ()
    )
    conditions = [] if given is None else await _conditions(actor, given)
    return queries.items_seen(actor, keys or NEWEST_FIRST, tuple(conditions))


async def _conditions(actor: Actor, given: FaqItemFilter) -> list[Sql]:
    found = [
        *_of_categories(given.category_id, below=bool(given.include_sub_categories)),
        *instant_conditions(given.updated_at, "updated_at"),
    ]
    if given.query is not None:
        found.append(queries.matching(actor, given.query))
    if given.language is not None:
        found.append(queries.in_languages(within_limit(given.language)))
    if given.audience is not None:
        found.append(sql.one_of("audience", [each.value for each in within_limit(given.audience)]))
    if given.keywords_any is not None:
        found.append(queries.with_any_keyword(within_limit(given.keywords_any)))
    if given.approved is not None:
        found.append(sql.equals("approved", given.approved))
    return found


def _of_categories(chosen: IDFilter | None, *, below: bool) -> list[Sql]:
    if chosen is None or not below:
        return reference_conditions(chosen, "category_id", "FaqCategory")
    found = reference_conditions(IDFilter(is_null=chosen.is_null), "category_id", "FaqCategory")
    if chosen.in_ is not None:
        found.append(queries.below(keys_of(chosen.in_, "FaqCategory")))
    if chosen.not_in is not None:
        found.append(sql.opposite(queries.below(keys_of(chosen.not_in, "FaqCategory"))))
    return found
