"""Verbs of items: write, change, approve."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from tessera.kit.clock import isoformat
from tessera.kit.inputs import existing
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets.models import Ticket
from tessera_faq import queries
from tessera_faq._fields import NAMES
from tessera_faq._refs import item_ref
from tessera_faq.errors import TranslationExists
from tessera_faq.events import ApprovalWithdrawn, ItemApproved, ItemChanged, ItemCreated
from tessera_faq.models import Audience, Category, Item
from tessera_faq.permissions import APPROVE, EDIT
from tessera_faq.service import _steps as steps
from tessera_faq.service._steps import NewAttachment
from tessera_faq.service._tickets import note_link, taken_from
from tessera_faq.settings import APPROVAL_REQUIRED

FIRST_NUMBER = 10_000
_SHOWN = ("title", "language", "audience", "active", *NAMES)


class Changes(TypedDict, total=False):
    """What `update_item` takes; an absent key leaves the property as it is, None clears it where that is possible."""

    title: str | None
    category: Category
    audience: Audience
    texts: Mapping[str, str] | None
    keywords: Sequence[str] | None
    attachments: Sequence[NewAttachment] | None
    active: bool
    valid_from: datetime | None
    valid_until: datetime | None


async def create_item(
    unit: Unit,
    *,
    title: str,
    language: str,
    category: Category,
    audience: Audience = Audience.INTERNAL,
    texts: Mapping[str, str] | None = None,
    keywords: Sequence[str] = (),
    attachments: Sequence[NewAttachment] = (),
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    from_ticket: Ticket | None = None,
    translation_of: Item | None = None,
    number: str | None = None,
    approved: bool | None = None,
) -> Item:
    """Write an item; where approval is required, readers see it only once somebody approved it.

    `from_ticket`, which the actor sees, gives what is not given of symptom and solution, and is linked. `number` and
    `approved` are for items that come from elsewhere, the latter needs the permission `faq.approve`. Raises `Forbidden`
    without the permission `faq.edit`, `CategoryInactive`,
    `InvalidLanguage`, `TranslationExists`, `UnknownField`, `InvalidValidity`, `NothingToTake`.
    """
    unit.actor.require(EDIT.name)
    if approved is not None:
        unit.actor.require(APPROVE.name)
    given: dict[str, str] = {} if from_ticket is None else await taken_from(unit.actor, from_ticket)
    columns: dict[str, Any] = {
        **steps.titled(title),
        **await steps.htmls({**given, **(texts or {})}),
        "language": await steps.language_of(language),
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    steps.require_validity(valid_from, valid_until)
    await steps.require_open(category)
    if translation_of is not None:
        columns["original_id"] = await _original(translation_of, columns["language"])
    words = steps.words(keywords)
    item = await _numbered(
        number,
        category_id=category.id,
        audience=audience.value,
        approved=not await settings.value(APPROVAL_REQUIRED) if approved is None else approved,
        author_kind=unit.actor.kind.value,
        author_id=unit.actor.id,
        author_name=unit.actor.name,
        **columns,
    )
    await steps.write_keywords(item, words)
    await steps.write_attachments(item, attachments)
    await unit.record(_created(item, from_ticket))
    if from_ticket is not None:
        await note_link(unit, item, from_ticket)
    return item


async def update_item(
    unit: Unit, item: Item, *, expected_version: int | None = None, **changes: Unpack[Changes]
) -> Item:
    """Change an item: one write, one fact per property that really changes.

    Where approval is required, whatever is changed but `active` has to be approved again. `attachments` are all the
    item has afterwards. Raises `Forbidden` without the permission `faq.edit`, `StaleVersion`, and what `create_item`
    raises.
    """
    unit.actor.require(EDIT.name)
    columns = await _columns(item, changes)
    told = [(name, *pair) for name, pair in (await _shown(item, columns)).items() if pair[0] != pair[1]]
    told += await _belongings(item, changes)
    if not told and expected_version in {None, item.version}:
        return item
    withdrawn = item.approved and any(name != "active" for name, _, _ in told)
    if withdrawn and await settings.value(APPROVAL_REQUIRED):
        columns["approved"] = False
    await unit.update(item, expected_version=expected_version, **columns)
    if "keywords" in changes:
        await steps.write_keywords(item, steps.words(changes["keywords"] or ()))
    if "attachments" in changes:
        await steps.write_attachments(item, changes["attachments"] or ())
    for name, before, after in told:
        fact = ItemChanged(subject=item_ref(item), field=name, before=before, after=after, item_version=item.version)
        await unit.record(fact)
    if "approved" in columns:
        await unit.record(ApprovalWithdrawn(subject=item_ref(item), item_version=item.version))
    return item


async def approve_item(unit: Unit, item: Item) -> Item:
    """Let readers see an item as it is now; an approved one stays so.

    Raises `Forbidden` without the permission `faq.approve`.
    """
    unit.actor.require(APPROVE.name)
    if not item.approved:
        await unit.update(item, approved=True)
        await unit.record(ItemApproved(subject=item_ref(item), item_version=item.version))
    return item


async def touch(unit: Unit, key: int) -> Item:
    """Note that something was added to an item, by whoever may change it; for links of other kinds.

    Raises `Forbidden` without the permission `faq.edit`, `NotFound` when it is hidden.
    """
    unit.actor.require(EDIT.name)
    item = existing(await queries.visible_to(unit.actor).get_or_none(id=key), ("id",))
    return await unit.update(item)


async def _numbered(number: str | None, **columns: Any) -> Item:
    """Write a new item; its number follows from its id, which is never used again."""
    item = await Item.create(number=number or f"new-{secrets.token_hex(16)}", **columns)
    if number is None:
        own = str(FIRST_NUMBER + item.id)
        # one that came from elsewhere may have the number
        item.number = own if not await Item.exists(number=own) else f"{own}-{item.id}"
        await Item.filter(id=item.id).update(number=item.number)
    return item


async def _original(item: Item, language: str) -> int:
    """Return the first item of an item's translations, locked, so that nobody else adds the same language."""
    original = await Item.filter(id=queries.original_of(item)).select_for_update().get()
    same = [original, *await Item.filter(original_id=original.id).select_for_update()]
    for each in same:
        if each.language == language:
            raise TranslationExists(number=each.number, language=language, field=("input", "language"))
    return int(original.id)


def _created(item: Item, from_ticket: Ticket | None) -> ItemCreated:
    return ItemCreated(
        subject=item_ref(item),
        number=item.number,
        title=item.title,
        language=item.language,
        audience=item.audience,
        category_id=item.category_id,
        approved=item.approved,
        original_id=item.original_id,
        from_ticket_id=from_ticket.id if from_ticket else None,
    )


async def _columns(item: Item, changes: Changes) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if "title" in changes:
        columns |= steps.titled(changes["title"])
    if "texts" in changes:
        given = changes["texts"]
        columns |= dict.fromkeys(NAMES, "") if given is None else await steps.htmls(given)
    if "audience" in changes:
        columns["audience"] = changes["audience"].value
    for name in ("valid_from", "valid_until"):
        if name in changes:
            columns[name] = changes[name]
    steps.require_validity(columns.get("valid_from", item.valid_from), columns.get("valid_until", item.valid_until))
    category = changes.get("category") or await Category.get(id=item.category_id)
    columns |= {"category_id": category.id, "active": changes.get("active", item.active)}
    if columns["active"] and (category.id != item.category_id or not item.active):
        await steps.require_open(category)
    return columns


async def _shown(item: Item, columns: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """Return what changes as text before and after, by property."""
    found = {name: (_text(getattr(item, name)), _text(columns[name])) for name in _SHOWN if name in columns}
    for name in ("valid_from", "valid_until"):
        if name in columns:
            found[name] = (_text(getattr(item, name)), _text(columns[name]))
    if columns["category_id"] != item.category_id:
        paths = [(await Category.get(id=key)).path for key in (item.category_id, columns["category_id"])]
        found["category"] = (paths[0], paths[1])
    return found


async def _belongings(item: Item, changes: Changes) -> list[tuple[str, str | None, str | None]]:
    found: list[tuple[str, str | None, str | None]] = []
    if "keywords" in changes:
        before = ", ".join((await queries.keywords_of([item.id]))[item.id])
        after = ", ".join(word for _, word in sorted(steps.words(changes["keywords"] or ()).items()))
        found.append(("keywords", before, after))
    if "attachments" in changes:
        files = (await queries.attachments_of([item.id]))[item.id]
        before = ", ".join(f"{file.filename} ({file.digest[:12]})" for file in files)
        after = ", ".join(f"{file.filename} ({file.digest[:12]})" for file in changes["attachments"] or ())
        found.append(("attachments", before, after))
    return [each for each in found if each[1] != each[2]]


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return isoformat(value)
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)
