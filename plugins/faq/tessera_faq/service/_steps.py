"""What the verbs of items have in common: values checked, what belongs to an item written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tessera.kit.inputs import Field, line, text
from tessera.kit.text import fold, safe_html
from tessera.settings import queries as settings
from tessera_faq import queries
from tessera_faq.errors import CategoryInactive, InvalidLanguage, InvalidValidity, UnknownField
from tessera_faq.models import MAX_KEY, MAX_TITLE, Category, Item, ItemAttachment, Keyword
from tessera_faq.settings import LANGUAGES

MAX_HTML = 500_000
MAX_KEYWORD = 100
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file for an item, its bytes being stored already."""

    filename: str
    content_type: str
    digest: str
    size: int


def titled(title: str | None) -> dict[str, str]:
    """Return the columns of a title."""
    checked = line(title, field=("input", "title"), limit=MAX_TITLE)
    return {"title": checked, "title_key": fold(checked)[:MAX_KEY]}


async def language_of(language: str | None) -> str:
    """Return a language as `en` or `pt-BR`.

    Raises `InvalidLanguage` when it is none, or none of the setting's.
    """
    field: Field = ("input", "language")
    given = line(language, field=field, limit=20)
    match = _LANGUAGE.fullmatch(given)
    allowed = await settings.value(LANGUAGES)
    written = match and match[1].lower() + (f"-{match[2].upper()}" if match[2] else "")
    if not written or (allowed and written not in allowed):
        raise InvalidLanguage(language=given, field=field)
    return written


async def htmls(given: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of texts, made safe.

    Raises `UnknownField` for a text administrators did not configure, `LimitExceeded` for one that is too long.
    """
    known = [each.name for each in await queries.texts()]
    columns = {}
    for place, (name, html) in enumerate(given.items()):
        field: Field = ("input", "fields", str(place))
        if name not in known:
            raise UnknownField(name=name, known=", ".join(known), field=(*field, "name"))
        columns[name] = safe_html(text(html, field=(*field, "html"), limit=MAX_HTML))
    return columns


def require_validity(valid_from: datetime | None, valid_until: datetime | None) -> None:
    """Raise `InvalidValidity` unless the end lies behind the beginning."""
    if valid_from is not None and valid_until is not None and valid_until <= valid_from:
        raise InvalidValidity(field=("input", "valid_until"))


async def require_open(category: Category) -> None:
    """Raise `CategoryInactive` for a category that is switched off; it stays as it is until the commit."""
    row = await Category.filter(id=category.id).select_for_update().get()
    if not row.active:
        raise CategoryInactive(path=row.path, field=("input", "category_id"))


def words(keywords: Sequence[str]) -> dict[str, str]:
    """Return keywords by their folded forms, each once; commas part them, as OTRS has it."""
    found: dict[str, str] = {}
    for word in (part for given in keywords for part in given.split(",")):
        if word.strip():
            checked = line(word, field=("input", "keywords"), limit=MAX_KEYWORD)
            found.setdefault(fold(checked)[:MAX_KEY], checked)
    return found


async def write_keywords(item: Item, found: Mapping[str, str]) -> None:
    """Let an item have just these keywords."""
    await Keyword.filter(item_id=item.id).delete()
    await Keyword.bulk_create(Keyword(item_id=item.id, name=name, name_key=key) for key, name in found.items())


async def write_attachments(item: Item, files: Sequence[NewAttachment]) -> None:
    """Let an item have just these files; those it has already keep their ids."""
    wanted = list(files)
    for row in (await queries.attachments_of([item.id]))[item.id]:
        same = NewAttachment(row.filename, row.content_type, row.digest, row.size)
        if same in wanted:
            wanted.remove(same)
        else:
            await row.delete()
    for file in wanted:
        await ItemAttachment.create(
            item_id=item.id,
            filename=file.filename,
            content_type=file.content_type,
            digest=file.digest,
            size=file.size,
        )
