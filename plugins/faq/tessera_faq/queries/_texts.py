"""The texts of items as administrators want them, and items as parts of answers."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tessera.kit.actor import Actor
from tessera.kit.i18n import translate
from tessera.kit.text import text_of_html
from tessera.settings import queries as settings
from tessera_faq import _fields
from tessera_faq._fields import Text, covers
from tessera_faq.models import Audience, Item
from tessera_faq.queries._items import audience_of, is_published
from tessera_faq.settings import FIELDS, LINK

PAGE = "/x/faq/items/"


@dataclass(frozen=True, slots=True)
class Reply:
    """An item as it is put into an answer."""

    subject: str
    html: str
    text: str
    url: str


async def texts() -> tuple[Text, ...]:
    """Return the texts of items as administrators want them."""
    configured: list[Any] = await settings.value(FIELDS)
    return _fields.texts(configured)


async def texts_for(reader: Audience) -> tuple[Text, ...]:
    """Return the texts that a reader of an audience reads."""
    return tuple(each for each in await texts() if covers(reader, each.audience))


async def replies(actor: Actor, items: Sequence[Item], audience: Audience, *, base_url: str) -> list[Reply | None]:
    """Return items as an actor may put them into answers to readers of an audience.

    None for what those readers do not see; the texts are those which they and the actor read.
    """
    shown = [each for each in await texts_for(audience) if covers(audience_of(actor), each.audience)]
    link = await settings.value(LINK) or f"{base_url.rstrip('/')}{PAGE}{{number}}"
    return [
        _reply(item, shown, link) if is_published(item) and covers(audience, Audience(item.audience)) else None
        for item in items
    ]


def body_of(item: Item, shown: Sequence[Text]) -> str:
    """Return the texts of an item that are not empty as HTML, each under its label in the item's language."""
    parts = [
        f"<p><b>{html.escape(translate(text.label, item.language))}</b></p>\n{getattr(item, text.name)}"
        for text in shown
        if getattr(item, text.name)
    ]
    return "\n".join(f"<div>{part}</div>" for part in parts)


def _reply(item: Item, shown: Sequence[Text], link: str) -> Reply:
    body = body_of(item, shown)
    url = link.replace("{number}", quote(item.number, safe=""))
    return Reply(subject=item.title, html=body, text=text_of_html(body), url=url)
