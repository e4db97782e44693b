"""How tickets become text: their title and number, and what was said on them."""

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
    found: dict[int, Text] = {}
    rows = await tickets.visible_to(SYSTEM).filter(id__in=list(ids)).values_list("id", "number", "title")
    for key, number, title in rows:
        public, internal = await _said(key)
        found[key] = Text(title, f"{number}\n{public}", internal)
    return found


async def named(actor: Actor, words: Sequence[str]) -> list[int]:
    """Return the visible tickets whose number is among the words."""
    numbers = [word for word in words if len(word) <= MAX_NUMBER and any(map(str.isdigit, word))]
    return await tickets.ids_of(tickets.visible_to(actor).filter(number__in=numbers)) if numbers else []


async def _said(ticket_id: int) -> tuple[str, str]:
    """Return what customers read on a ticket, and what agents alone read."""
    own = articles.visible_to(SYSTEM).filter(ticket_id=ticket_id)
    sizes = (
        await own.annotate(size=Length("body")).order_by("-number").values_list("id", "visible_for_customer", "size")
    )
    room = {True: MAX_TEXT, False: MAX_TEXT}
    chosen: list[int] = []
    for key, visible, size in sizes:
        if room[visible] > 0:
            chosen.append(key)
            room[visible] -= size + 1
    parts: dict[bool, list[str]] = {True: [], False: []}
    rows = own.filter(id__in=chosen).order_by("-number")
    names = await _file_names(chosen)
    for key, visible, sender, subject, body in await rows.values_list(
        "id", "visible_for_customer", "sender", "subject", "body"
    ):
        parts[visible] += [each for each in (subject, sender, body, *names.get(key, ())) if each]
    return "\n".join(parts[True]), "\n".join(parts[False])


async def _file_names(article_ids: Sequence[int]) -> dict[int, list[str]]:
    found = await articles.attachments_of(article_ids) if article_ids else {}
    return {key: [each.filename for each in attachments] for key, attachments in found.items()}
