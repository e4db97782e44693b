"""The JSON in which a knowledge base is exported and imported: read whole and checked before anything is used; pure."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tessera.kit.clock import isoformat
from tessera_faq._fields import NAMES
from tessera_faq.errors import InvalidImport
from tessera_faq.models import MAX_NUMBER, Audience

FORMAT = "tessera-faq/1"
MAX_TOLD = 20


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """A category by its full name, with the names of its groups."""

    path: str
    groups: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of an item with its bytes."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item by its number; `translation_of` is the number of the first of its translations."""

    number: str
    language: str
    title: str
    category: str
    audience: Audience
    approved: bool = True
    active: bool = True
    fields: Mapping[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    translation_of: str | None = None
    attachments: tuple[FileEntry, ...] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: parents before children, originals before translations."""

    categories: tuple[CategoryEntry, ...]
    items: tuple[ItemEntry, ...]


def written(document: Document) -> str:
    """Write a document; the same content is the same text."""
    categories = [
        {"path": each.path, "groups": list(each.groups), "active": each.active} for each in document.categories
    ]
    items = [_item(each) for each in document.items]
    return json.dumps({"format": FORMAT, "categories": categories, "items": items}, indent=2, ensure_ascii=False) + "\n"


def _item(entry: ItemEntry) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "number": entry.number,
        "language": entry.language,
        "title": entry.title,
        "category": entry.category,
        "audience": entry.audience.value,
        "approved": entry.approved,
        "active": entry.active,
        "fields": dict(entry.fields),
        "keywords": list(entry.keywords),
    }
    for name, instant in (("validFrom", entry.valid_from), ("validUntil", entry.valid_until)):
        if instant is not None:
            shown[name] = isoformat(instant)
    if entry.translation_of is not None:
        shown["translationOf"] = entry.translation_of
    if entry.attachments is not None:
        shown["attachments"] = [
            {
                "filename": file.filename,
                "contentType": file.content_type,
                "content": base64.b64encode(file.content).decode(),
            }
            for file in entry.attachments
        ]
    return shown


def read(text: str) -> Document:
    """Read a document.

    Raises `InvalidImport`, which names every place that is wrong, up to twenty of them.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused([("the file", f"this is no JSON ({error})")]) from error
    found = _Reader()
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        raise refused([("the file", f'an object with "format": "{FORMAT}" is needed')])
    found.known(given, {"format", "categories", "items"}, "the file")
    categories = [found.category(each, f"categories[{at}]") for at, each in found.listed(given, "categories", "")]
    items = [found.item(each, f"items[{at}]") for at, each in found.listed(given, "items", "")]
    numbers: set[str] = set()
    for at, each in enumerate(items):
        if each.number in numbers:
            found.wrong.append((f"items[{at}].number", f"{each.number} occurs twice"))
        numbers.add(each.number)
    if found.wrong:
        raise refused(found.wrong)
    by_depth = sorted(categories, key=lambda each: each.path.count("::"))
    return Document(tuple(by_depth), tuple(sorted(items, key=lambda each: each.translation_of is not None)))


def refused(wrong: Sequence[tuple[str, str]]) -> InvalidImport:
    """Return the problem that names places and what is wrong there."""
    told = [f"{where}: {why}" for where, why in wrong[:MAX_TOLD]]
    if len(wrong) > MAX_TOLD:
        told.append(f"… and {len(wrong) - MAX_TOLD} more")
    return InvalidImport(problems="\n".join(told))


class _Reader:
    """Reads values of expected types and notes what is wrong instead of stopping."""

    def __init__(self) -> None:
        self.wrong: list[tuple[str, str]] = []

    def category(self, given: Any, where: str) -> CategoryEntry:
        given = self._object(given, where)
        self.known(given, {"path", "groups", "active"}, where)
        groups = tuple(self._text(each, f"{where}.groups[{at}]") for at, each in self.listed(given, "groups", where))
        if not groups:
            self.wrong.append((f"{where}.groups", "a category needs at least one group"))
        path = self._required(given, "path", where)
        return CategoryEntry(path, groups, self._flag(given, "active", where))

    def item(self, given: Any, where: str) -> ItemEntry:
        given = self._object(given, where)
        names = {"number", "language", "title", "category", "audience", "approved", "active", "fields", "keywords"}
        self.known(given, names | {"validFrom", "validUntil", "translationOf", "attachments"}, where)
        number = self._required(given, "number", where)
        if len(number) > MAX_NUMBER:
            self.wrong.append((f"{where}.number", f"longer than {MAX_NUMBER} characters"))
        return ItemEntry(
            number=number,
            language=self._required(given, "language", where),
            title=self._required(given, "title", where),
            category=self._required(given, "category", where),
            audience=self._audience(given, where),
            approved=self._flag(given, "approved", where),
            active=self._flag(given, "active", where),
            fields=self._fields(given, where),
            keywords=tuple(
                self._text(each, f"{where}.keywords[{at}]") for at, each in self.listed(given, "keywords", where)
            ),
            valid_from=self._instant(given, "validFrom", where),
            valid_until=self._instant(given, "validUntil", where),
            translation_of=self._optional(given, "translationOf", where),
            attachments=self._files(given, where),
        )

    def known(self, given: Mapping[str, Any], names: set[str], where: str) -> None:
        self.wrong += [(where, f"nothing is known of {name!r}") for name in given if name not in names]

    def listed(self, given: Mapping[str, Any], name: str, where: str) -> list[tuple[int, Any]]:
        value = given.get(name, [])
        if not isinstance(value, list):
            self.wrong.append((f"{where}.{name}".lstrip("."), "a list is needed"))
            return []
        return list(enumerate(value))

    def _object(self, given: Any, where: str) -> Mapping[str, Any]:
        if isinstance(given, dict):
            return given
        self.wrong.append((where, "an object is needed"))
        return {}

    def _text(self, value: Any, where: str) -> str:
        if isinstance(value, str):
            return value
        self.wrong.append((where, "a text is needed"))
        return ""

    def _required(self, given: Mapping[str, Any], name: str, where: str) -> str:
        value = self._text(given.get(name), f"{where}.{name}")
        if isinstance(given.get(name), str) and not value.strip():
            self.wrong.append((f"{where}.{name}", "it is empty"))
        return value

    def _optional(self, given: Mapping[str, Any], name: str, where: str) -> str | None:
        return None if given.get(name) is None else self._text(given[name], f"{where}.{name}")

    def _flag(self, given: Mapping[str, Any], name: str, where: str) -> bool:
        value = given.get(name, True)
        if isinstance(value, bool):
            return value
        self.wrong.append((f"{where}.{name}", "true or false is needed"))
        return True

    def _audience(self, given: Mapping[str, Any], where: str) -> Audience:
        value = given.get("audience", Audience.INTERNAL.value)
        if value in set(Audience):
            return Audience(value)
        self.wrong.append((f"{where}.audience", f"one of {', '.join(Audience)} is needed"))
        return Audience.INTERNAL

    def _fields(self, given: Mapping[str, Any], where: str) -> dict[str, str]:
        texts = self._object(given.get("fields", {}), f"{where}.fields")
        self.wrong += [(f"{where}.fields", f"there is no text {name!r}") for name in texts if name not in NAMES]
        return {name: self._text(html, f"{where}.fields.{name}") for name, html in texts.items() if name in NAMES}

    def _instant(self, given: Mapping[str, Any], name: str, where: str) -> datetime | None:
        written = self._optional(given, name, where)
        if written is None:
            return None
        try:
            value = datetime.fromisoformat(written)
        except ValueError:
            value = None
        if value is not None and value.tzinfo is not None:
            return value
        self.wrong.append((f"{where}.{name}", "an instant with an offset is needed, as 2026-11-21T20:00:00Z"))
        return None

    def _files(self, given: Mapping[str, Any], where: str) -> tuple[FileEntry, ...] | None:
        if given.get("attachments") is None:
            return None
        return tuple(
            self._file(each, f"{where}.attachments[{at}]") for at, each in self.listed(given, "attachments", where)
        )

    def _file(self, given: Any, where: str) -> FileEntry:
        given = self._object(given, where)
        self.known(given, {"filename", "contentType", "content"}, where)
        content = b""
        try:
            content = base64.b64decode(self._text(given.get("content"), f"{where}.content"), validate=True)
        except (binascii.Error, ValueError):
            self.wrong.append((f"{where}.content", "this is no base64"))
        filename = self._required(given, "filename", where)
        return FileEntry(filename, self._required(given, "contentType", where), content)
