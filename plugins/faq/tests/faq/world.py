"""A desk with a knowledge base: people with every kind of right, two categories, and short words for what tests do."""

import dataclasses
from typing import Any

from tessera.access import service as access
from tessera.access.models import Group
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import to_global
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.plugin import Setting
from tessera.settings.service import change_setting
from tessera.testing.house import House
from tessera_faq import service
from tessera_faq.models import Audience, Category, Item
from tessera_faq.queries import ANONYMOUS
from tessera_faq.settings import APPROVAL_REQUIRED
from tests.articles.words import furnish
from tests.tickets.desk import Desk

TEXTS = {"symptom": "<p>It burns</p>", "solution": "<p>Pour water</p>", "comment": "<p>Ask Igor</p>"}


@dataclasses.dataclass
class World:
    """A desk with people: `editor`, `approver` and `manager` hold one permission each, and `ro` on the first group."""

    house: House
    desk: Desk
    editor: Actor
    approver: Actor
    manager: Actor
    outside_editor: Actor
    category: Category
    other: Category

    @classmethod
    async def furnish(cls, house: House) -> "World":
        desk = await furnish(house)
        editor = await desk.agent_with("edith", ("rw",), permissions=("faq.edit",))
        approver = await desk.agent_with("april", ("ro",), permissions=("faq.approve",))
        manager = await desk.agent_with("mona", ("ro",), permissions=("faq.manage",))
        outside_editor = await desk.agent_with("otto", (), permissions=("faq.edit",))
        elsewhere = await Group.get(name="elsewhere")
        category = await desk.run(SYSTEM, service.create_category, name="Printers", groups=[desk.group])
        other = await desk.run(SYSTEM, service.create_category, name="Elsewhere", groups=[elsewhere])
        return cls(house, desk, editor, approver, manager, outside_editor, category, other)

    @property
    def readers(self) -> dict[str, Actor | None]:
        """Everybody by name; None is nobody signed in."""
        return {
            "editor": self.editor,
            "approver": self.approver,
            "agent": self.desk.anna,
            "outside": self.desk.eve,
            "outside editor": self.outside_editor,
            "customer": self.desk.carla,
            "anonymous": None,
        }

    async def item(self, actor: Actor = SYSTEM, **values: Any) -> Item:
        """Write an item; what everybody may read unless told otherwise."""
        given: dict[str, Any] = {
            "title": "Printer on fire",
            "language": "en",
            "category": self.category,
            "audience": Audience.PUBLIC,
            "texts": TEXTS,
        }
        return await self.desk.run(actor, service.create_item, **{**given, **values})

    async def update(self, item: Item, actor: Actor = SYSTEM, **changes: Any) -> Item:
        """Change an item, freshly read."""

        async def work(unit: Unit) -> Item:
            return await service.update_item(unit, await Item.get(id=item.id), **changes)

        return await self.house.run(work, actor=actor)

    async def run(self, actor: Actor, verb: Any, item: Item, *args: Any) -> Item:
        """Run a verb on an item, freshly read."""

        async def work(unit: Unit) -> Item:
            found: Item = await verb(unit, await Item.get(id=item.id), *args)
            return found

        return await self.house.run(work, actor=actor)

    async def set(self, setting: Setting[Any], value: object) -> None:
        await self.house.run(lambda unit: change_setting(unit, setting, value))

    async def require_approval(self) -> None:
        await self.set(APPROVAL_REQUIRED, value=True)

    async def indexed(self) -> None:
        """Let the search know what there is."""
        await self.house.drain()

    async def join(self, actor: Actor, name: str) -> Group:
        """Make a group in which an agent reads."""

        async def work(unit: Unit) -> Group:
            group = await access.create_group(unit, name=name)
            await access.grant_rights(unit, await self.desk.agent(actor), group, ("ro",))
            return group

        return await self.house.run(work)


def gid(row: Item | Category) -> str:
    return to_global("FaqItem" if isinstance(row, Item) else "FaqCategory", row.id)


def actor_of(reader: Actor | None) -> Actor:
    return reader or ANONYMOUS


async def facts(kind: str, key: int) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of what was recorded about a subject, in order."""
    entries = await Entry.filter(subject_kind=kind, subject_id=key).order_by("id")
    return [(entry.name, entry.facts) for entry in entries]
