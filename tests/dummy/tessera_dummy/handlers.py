"""How remarks are refused and reacted to."""

from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera_dummy import service
from tessera_dummy.errors import RemarkForbidden
from tessera_dummy.events import Remarked
from tessera_dummy.settings import FORBIDDEN


async def refuse_forbidden_word(unit: Unit, event: Remarked) -> None:
    word = await settings.value(FORBIDDEN)
    if word in event.text:
        raise RemarkForbidden(word=word, field=("text",))


async def on_remarked(unit: Unit, entry: Entry) -> None:
    await service.react(unit, int(str(entry.facts["remark_id"])))
