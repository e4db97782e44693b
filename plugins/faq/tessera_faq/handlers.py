"""How the knowledge base follows what happens elsewhere, and what it refuses."""

from tessera.kit.events import from_json
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.search import service as search
from tessera.settings.events import SettingChanged
from tessera_faq import _fields, service
from tessera_faq._refs import ITEM
from tessera_faq.settings import FIELDS


async def on_ticket_merged(unit: Unit, entry: Entry) -> None:
    """Give the items of a merged ticket to the one that carries on."""
    await service.follow_merge(unit, entry.subject_id, int(str(entry.facts["into_id"])))


def is_about_texts(event: SettingChanged) -> bool:
    """Tell whether a fact changes who reads which text."""
    return event.setting == FIELDS.name


async def on_texts_changed(unit: Unit, entry: Entry) -> None:
    """Have all items found by the words that their readers read now."""
    await search.request_rebuild(unit, [ITEM])


async def refuse_bad_texts(unit: Unit, event: SettingChanged) -> None:
    """Refuse a description of texts that cannot be."""
    if is_about_texts(event):
        _fields.texts(from_json(event.after))
