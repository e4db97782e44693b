"""How tickets become text: their title and number, and what was said on them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tortoise.functions import Length

from tessera.articles import queries as articles
from tessera.kit.actor import SYSTEM, Actor
from tessera.search._words import MAX_TEXT
from tessera.search.hooks import Text
from tessera.tickets import queries as tickets
from tessera.tickets.models import MAX_NUMBER


async def texts(ids: Sequence[int]) -> Mapping[int, Text]:
    """Return the texts of tickets, by id; of more than can be indexed, what was said last."""
    rows = await tickets.visible_to(SYSTEM).filter(id__in=list(ids)).values_list("id", "number", "title")
    said = await _said([key for key, _, _ in rows])
    return {
        key: Text(title, "\n".join([number, *said[key, True]]), "\n".join(said[key, False]))
        for key, number, title in rows
    }


async def named(actor: Actor, words: Sequence[str]) -> list[int]:
    """Return the visible tickets whose number is among the words."""
    numbers = [word for word in words if len(word) <= MAX_NUMBER and any(map(str.isdigit, word))]
    return await tickets.ids_of(tickets.visible_to(actor).filter(number__in=numbers)) if numbers else []


async def _said(ticket_ids: Sequence[int]) -> Mapping[tuple[int, bool], Sequence[str]]:
    """Return what customers read on each ticket (True), and what agents alone read (False), the last first."""
    articles_of = articles.visible_to(SYSTEM)
    sizes = articles_of.filter(ticket_id__in=list(ticket_ids)).annotate(size=Length("body")).order_by("-number")
    room: dict[tuple[int, bool], int] = defaultdict(lambda: MAX_TEXT)
    chosen: list[int] = []
    for ticket_id, key, visible, size in await sizes.values_list("ticket_id", "id", "visible_for_customer", "size"):
        if room[ticket_id, visible] > 0:
            chosen.append(key)
            room[ticket_id, visible] -= size + 1
    parts: dict[tuple[int, bool], list[str]] = defaultdict(list)
    names = await _file_names(chosen)
    rows = articles_of.filter(id__in=chosen).order_by("-number")
    for ticket_id, key, visible, sender, subject, body in await rows.values_list(
        "ticket_id", "id", "visible_for_customer", "sender", "subject", "body"
    ):
        parts[ticket_id, visible] += [each for each in (subject, sender, body, *names.get(key, ())) if each]
    return parts


async def _file_names(article_ids: Sequence[int]) -> dict[int, list[str]]:
    found = await articles.attachments_of(article_ids) if article_ids else {}
    return {key: [each.filename for each in attachments] for key, attachments in found.items()}
