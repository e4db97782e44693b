"""Items by their words: for a query, for a text being typed, for tickets."""

from collections.abc import Mapping, Sequence

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from tessera.articles import queries as articles
from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.errors import Invalid
from tessera.kit.model import among
from tessera.kit.sql import Rows, Sql
from tessera.kit.text import text_of_html
from tessera.search import queries as search
from tessera.search.hooks import Text
from tessera.tickets import queries as tickets
from tessera_faq._fields import NAMES, covers
from tessera_faq._refs import ITEM
from tessera_faq.models import MAX_NUMBER, Audience, Item, ItemTicket
from tessera_faq.queries._items import keywords_of, published, storable, visible_to
from tessera_faq.queries._texts import texts

DEFAULT_SUGGESTIONS = 5
MAX_SUGGESTIONS = 20


def matching(actor: Actor, query: str) -> Sql:
    """Match the items whose words, or whose number, a query has."""
    by_words = sql.within("id", search.matching(actor, ITEM, query))
    return sql.either(by_words, sql.one_of("number", storable([query.strip()])))


def within_suggestions(first: int | None) -> int:
    """Return how many suggestions are wanted; None is the usual number.

    Raises `Invalid` outside 0 to 20.
    """
    if first is None:
        return DEFAULT_SUGGESTIONS
    if not 0 <= first <= MAX_SUGGESTIONS:
        raise Invalid("`{name}` must be between 0 and {limit}.", name="first", limit=MAX_SUGGESTIONS, field=("first",))
    return first


async def suggested(actor: Actor, text: str, limit: int) -> list[Item]:
    """Return the published items most like a text, the best first, among those an actor reads."""
    return await _most_like(actor, visible_to(actor), text, limit)


async def suggested_for_tickets(actor: Actor, keys: Sequence[int], limit: int) -> dict[int, list[Item]]:
    """Return the published items most like what tickets are about and not linked with them, by ticket."""
    found: dict[int, list[Item]] = {}
    for key, about in (await _subjects(actor, keys)).items():
        linked = Subquery(ItemTicket.filter(ticket_id=key).values("item_id"))
        found[key] = await _most_like(actor, visible_to(actor).exclude(id__in=linked), about, limit)
    return {key: found.get(key, []) for key in keys}


async def _subjects(actor: Actor, keys: Sequence[int]) -> dict[int, str]:
    """Return what tickets are about: their title and their first article, as far as the actor reads them."""
    titles = await tickets.visible_to(actor).filter(id__in=list(keys)).values_list("id", "title")
    said = articles.visible_to(actor).filter(ticket_id__in=list(keys), number=1)
    bodies: dict[int, str] = dict(await said.values_list("ticket_id", "body"))
    return {key: f"{title}\n{bodies.get(key, '')}" for key, title in titles}


async def _most_like(actor: Actor, among: QuerySet[Item], text: str, limit: int) -> list[Item]:
    hits = await search.similar(actor, ITEM, Rows(among.filter(published())), text, limit=limit)
    rows = {row.id: row for row in await Item.filter(id__in=[hit.key for hit in hits])}
    return [rows[hit.key] for hit in hits if hit.key in rows]


async def indexed(keys: Sequence[int]) -> Mapping[int, Text]:
    """Return by which words items are found; a word in a text that not every reader of the item reads is internal."""
    shown = await texts()
    keywords = await keywords_of(keys)
    found = {}
    for item in await Item.filter(id__in=list(keys)):
        widest = Audience(item.audience)
        open_texts = {text.name for text in shown if covers(widest, text.audience)}
        parts = {name: text_of_html(getattr(item, name)) for name in NAMES if getattr(item, name)}
        found[item.id] = Text(
            title=item.title,
            body="\n".join([*keywords[item.id], *(part for name, part in parts.items() if name in open_texts)]),
            internal="\n".join(
                part for name, part in parts.items() if name not in open_texts and name in {t.name for t in shown}
            ),
        )
    return found


async def numbered(actor: Actor, words: Sequence[str]) -> list[int]:
    """Return the ids of the items an actor reads that have one of some numbers."""
    rows = visible_to(actor).filter(among("number", storable(words), longest=MAX_NUMBER))
    return [int(key) for (key,) in await rows.values_list("id")]
