"""The root fields of reads; they answer anonymous callers, too, with what is public."""

import strawberry

from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.directives import Cost, Limited
from tessera.engine.fields import batch, computed, rows
from tessera.kit.paging import Listing
from tessera_faq import _views, queries
from tessera_faq._refs import ITEM
from tessera_faq.graphql.filters import FaqItemFilter, FaqItemOrder, items_matching
from tessera_faq.graphql.types import FaqCategory, FaqItem, reader
from tessera_faq.models import Category, Item

SUGGESTIONS_PER_MINUTE = 120
"""Two a second: somebody who types."""


async def _item(context: Context, id: strawberry.ID) -> Item | None:
    found = await queries.find(reader(context), id)
    if found is not None:
        await context.load("faq.views", found.id, _views.counter(context.units))
    return found


async def _items(
    context: Context, filter: FaqItemFilter | None = None, order_by: list[FaqItemOrder] | None = None
) -> Listing[Item]:
    return await items_matching(reader(context), filter, order_by)


def _categories(context: Context, roots_only: bool | None = False) -> Listing[Category]:
    return queries.categories_seen(reader(context), roots_only=bool(roots_only))


async def _suggestions(context: Context, text: str, first: int | None = 5) -> list[Item]:
    return await queries.suggested(reader(context), text, queries.within_suggestions(first))


async def _items_hit(context: Context, keys: list[tuple[str, int]]) -> list[Item | None]:
    wanted = {key for kind, key in keys if kind == ITEM}
    found = await queries.items_by_id(reader(context), wanted) if wanted else {}
    return [found.get(key) if kind == ITEM else None for kind, key in keys]


@strawberry.type
class HitFaqItem:
    faq_item: FaqItem | None = batch(_items_hit, key=("kind", "key"), description="Set for `faq.item`.")


@strawberry.type
class FaqQuery:
    faq_item: FaqItem | None = computed(_item, description="One item; asking for it counts as a view.")
    faq_items: Connection[FaqItem] = connection(
        _items, description="Items the viewer may read; anonymous callers see PUBLIC ones."
    )
    faq_categories: list[FaqCategory] = rows(
        _categories,
        description="Categories the viewer sees; `rootsOnly`: those that lie below none of the others.",
    )
    faq_suggestions: list[FaqItem] = computed(
        _suggestions,
        description="What to read while typing a request: best matches for a text.",
        directives=[
            Cost(weight=5, assumed=5),
            Limited(bucket="faq.suggestions", per_minute=SUGGESTIONS_PER_MINUTE, by=["caller"]),
        ],
    )
