"""Brings a knowledge base in and out: everything is checked before anything is written."""

from collections.abc import Callable, Mapping

from tessera.access.models import Group
from tessera.files import queries as stored
from tessera.files import service as files
from tessera.kit.errors import Problem
from tessera.kit.text import fold
from tessera.kit.unit import Unit
from tessera_faq import _documents, queries
from tessera_faq._documents import CategoryEntry, Document, FileEntry, ItemEntry
from tessera_faq._fields import NAMES
from tessera_faq._paths import SEPARATOR
from tessera_faq.models import Audience, Category, CategoryGroup, Item
from tessera_faq.permissions import APPROVE, EDIT, MANAGE
from tessera_faq.service import _steps as steps
from tessera_faq.service._categories import create_category, update_category
from tessera_faq.service._items import Changes, approve_item, create_item, update_item
from tessera_faq.service._steps import NewAttachment

Report = Callable[[int, int], None]
"""Told how many items are done, of how many."""


async def import_items(unit: Unit, document: Document, report: Report) -> tuple[int, int]:
    """Bring categories and items in, each item by its number: new ones are made, others become as the document says.

    Doing it again changes nothing. An approval is given, never withdrawn. Returns how many items were made and how
    many changed. Needs all permissions of the knowledge base. Raises `InvalidImport` with everything that does not
    fit, before anything is written.
    """
    for permission in (EDIT, APPROVE, MANAGE):
        unit.actor.require(permission.name)
    groups = {row.name_key: row for row in await Group.all()}
    await _check(document, groups)
    for category in document.categories:
        await _category(unit, category, groups)
    made = changed = 0
    for done, entry in enumerate(document.items, 1):
        known = await Item.get_or_none(number=entry.number)
        version = known.version if known else None
        item = await _item(unit, entry, known)
        made += version is None
        changed += version not in {None, item.version}
        report(done, len(document.items))
    for category in reversed(document.categories):
        await _switch_off(unit, category)
    return made, changed


async def _check(document: Document, groups: Mapping[str, Group]) -> None:
    """Raise `InvalidImport` when the house does not fit the document."""
    wrong: list[tuple[str, str]] = []
    paths = {str(path) for path in await Category.all().values_list("path_key", flat=True)}
    for each in document.categories:
        wrong += [(each.path, f"there is no group {name}") for name in each.groups if fold(name) not in groups]
        above, _, _ = each.path.rpartition(SEPARATOR)
        if above and fold(above) not in paths:
            wrong.append((each.path, f"there is no category {above}"))
        paths.add(fold(each.path))
    known = dict(await Item.all().values_list("number", "language"))
    numbers = known.keys() | {entry.number for entry in document.items}
    configured = {each.name for each in await queries.texts()}
    for item in document.items:
        wrong += [(item.number, why) for why in await _misfits(item, known, numbers)]
        wrong += [(item.number, f"the text {name} is not configured") for name in item.fields if name not in configured]
        if fold(item.category) not in paths:
            wrong.append((item.number, f"there is no category {item.category}"))
    if wrong:
        raise _documents.refused(wrong)


async def _misfits(entry: ItemEntry, known: Mapping[str, str], numbers: set[str]) -> list[str]:
    found = []
    try:
        language = await steps.language_of(entry.language)
        steps.titled(entry.title)
        steps.words(entry.keywords)
        steps.require_validity(entry.valid_from, entry.valid_until)
        await steps.htmls(entry.fields)
        if known.get(entry.number, language) != language:
            found.append(f"the number belongs to an item in the language {known[entry.number]}")
    except Problem as problem:
        found.append(problem.message)
    if entry.translation_of is not None and entry.translation_of not in numbers - {entry.number}:
        found.append(f"there is no item {entry.translation_of} to translate")
    return found


async def _category(unit: Unit, entry: CategoryEntry, groups: Mapping[str, Group]) -> None:
    above, _, name = entry.path.rpartition(SEPARATOR)
    parent = await Category.get(path_key=fold(above)) if above else None
    wanted = [groups[fold(each)] for each in entry.groups]
    row = await Category.get_or_none(path_key=fold(entry.path))
    if row is None:
        await create_category(unit, name=name, groups=wanted, parent=parent)
        return
    has = set(await CategoryGroup.filter(category_id=row.id).values_list("group_id", flat=True))
    if has != {group.id for group in wanted} or (entry.active and not row.active):
        await update_category(unit, row, name=name, groups=wanted, parent=parent, active=entry.active or row.active)


async def _switch_off(unit: Unit, entry: CategoryEntry) -> None:
    """Switch a category off once its items are as the document says."""
    row = await Category.get(path_key=fold(entry.path))
    if row.active and not entry.active:
        keys = await CategoryGroup.filter(category_id=row.id).values_list("group_id", flat=True)
        parent = await Category.get(id=row.parent_id) if row.parent_id else None
        groups = await Group.filter(id__in=list(keys))
        await update_category(unit, row, name=row.name, groups=groups, parent=parent, active=False)


async def _item(unit: Unit, entry: ItemEntry, item: Item | None) -> Item:
    category = await Category.get(path_key=fold(entry.category))
    texts = {name: entry.fields.get(name, "") for name in {each.name for each in await queries.texts()}}
    if item is None:
        original = await Item.get(number=entry.translation_of) if entry.translation_of else None
        item = await create_item(
            unit,
            number=entry.number,
            title=entry.title,
            language=entry.language,
            category=category,
            audience=entry.audience,
            texts=texts,
            keywords=entry.keywords,
            attachments=await _files(unit, entry.attachments or ()),
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
            translation_of=original,
            approved=entry.approved,
        )
        return item if entry.active else await update_item(unit, item, active=False)
    changes: Changes = {
        "title": entry.title,
        "category": category,
        "audience": entry.audience,
        "texts": texts,
        "keywords": entry.keywords,
        "active": entry.active,
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
    }
    if entry.attachments is not None:
        changes["attachments"] = await _files(unit, entry.attachments)
    item = await update_item(unit, item, **changes)
    return await approve_item(unit, item) if entry.approved else item


async def _files(unit: Unit, entries: tuple[FileEntry, ...]) -> list[NewAttachment]:
    found = []
    for entry in entries:
        blob = await files.store(unit, entry.content)
        found.append(NewAttachment(entry.filename, entry.content_type, blob.digest, blob.size))
    return found


async def export_items(*, with_files: bool = True) -> Document:
    """Return all categories and items, without votes, views and links, which belong to this house."""
    categories = {row.id: row for row in await Category.all().order_by("path_key")}
    names: dict[int, list[str]] = {key: [] for key in categories}
    for key, name in await CategoryGroup.all().order_by("group__name_key").values_list("category_id", "group__name"):
        names[key].append(name)
    items = await Item.all().order_by("number")
    numbers = {item.id: item.number for item in items}
    keywords = await queries.keywords_of([item.id for item in items])
    return Document(
        tuple(CategoryEntry(row.path, tuple(names[key]), row.active) for key, row in categories.items()),
        tuple(
            [
                ItemEntry(
                    number=item.number,
                    language=item.language,
                    title=item.title,
                    category=categories[item.category_id].path,
                    audience=Audience(item.audience),
                    approved=item.approved,
                    active=item.active,
                    fields={name: getattr(item, name) for name in NAMES if getattr(item, name)},
                    keywords=tuple(keywords[item.id]),
                    valid_from=item.valid_from,
                    valid_until=item.valid_until,
                    translation_of=numbers[item.original_id] if item.original_id else None,
                    attachments=await _file_entries(item) if with_files else None,
                )
                for item in items
            ]
        ),
    )


async def _file_entries(item: Item) -> tuple[FileEntry, ...]:
    rows = (await queries.attachments_of([item.id]))[item.id]
    return tuple([FileEntry(row.filename, row.content_type, await stored.read(row.digest)) for row in rows])
