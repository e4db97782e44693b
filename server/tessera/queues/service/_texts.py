"""Verbs of salutations, signatures, auto responses and templates."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, Unpack

from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field, line
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken
from tessera.queues._placeholders import checked_html, checked_subject, checked_text
from tessera.queues.errors import NameTaken
from tessera.queues.events import QueueTextChanged, QueueTextCreated
from tessera.queues.models import (
    MAX_KEY,
    AutoResponse,
    AutoResponseKind,
    Queue,
    QueueTemplate,
    Salutation,
    Signature,
    Template,
    TemplateKind,
)
from tessera.queues.permissions import MANAGE
from tessera.queues.service._steps import shown

MAX_NAME = 200
_NAME: Field = ("input", "name")

Named = Salutation | Signature | AutoResponse | Template
NamedT = TypeVar("NamedT", Salutation, Signature, AutoResponse, Template)

_KINDS: Mapping[type[Named], str] = {
    Salutation: "salutation",
    Signature: "signature",
    AutoResponse: "auto_response",
    Template: "template",
}


class TextChanges(TypedDict, total=False):
    """What may change about a salutation or a signature."""

    name: str
    text: str
    active: bool


class AutoResponseChanges(TextChanges, total=False):
    """What may change about an auto response; its kind stays."""

    subject: str


class TemplateChanges(TypedDict, total=False):
    """What may change about a template; an empty list of queues makes it usable in all."""

    name: str
    kind: TemplateKind
    subject: str | None
    body: str
    active: bool
    queues: Sequence[Queue]


async def create_salutation(unit: Unit, *, name: str, text: str) -> Salutation:
    """Create how an answer begins.

    Raises `Forbidden` without the permission `queues.manage`, `NameTaken`, and what `kit.template.check` raises.
    """
    return await _create(unit, Salutation, name=name, text=text)


async def update_salutation(
    unit: Unit, row: Salutation, *, expected_version: int | None = None, **changes: Unpack[TextChanges]
) -> Salutation:
    """Change a salutation.

    Raises what `create_salutation` raises, and `StaleVersion`.
    """
    return await _update(unit, row, expected_version, changes)


async def create_signature(unit: Unit, *, name: str, text: str) -> Signature:
    """Create how an answer ends.

    Raises `Forbidden` without the permission `queues.manage`, `NameTaken`, and what `kit.template.check` raises.
    """
    return await _create(unit, Signature, name=name, text=text)


async def update_signature(
    unit: Unit, row: Signature, *, expected_version: int | None = None, **changes: Unpack[TextChanges]
) -> Signature:
    """Change a signature.

    Raises what `create_signature` raises, and `StaleVersion`.
    """
    return await _update(unit, row, expected_version, changes)


async def create_auto_response(
    unit: Unit, *, name: str, kind: AutoResponseKind, subject: str, text: str
) -> AutoResponse:
    """Create what the postmaster answers by itself to a kind of mail.

    Raises `Forbidden` without the permission `queues.manage`, `NameTaken`, and what `kit.template.check` raises.
    """
    return await _create(unit, AutoResponse, name=name, kind=kind, subject=subject, text=text)


async def update_auto_response(
    unit: Unit, row: AutoResponse, *, expected_version: int | None = None, **changes: Unpack[AutoResponseChanges]
) -> AutoResponse:
    """Change an auto response.

    Raises what `create_auto_response` raises, and `StaleVersion`.
    """
    return await _update(unit, row, expected_version, changes)


async def create_template(
    unit: Unit,
    *,
    name: str,
    kind: TemplateKind,
    body: str,
    subject: str | None = None,
    queues: Sequence[Queue] = (),
) -> Template:
    """Create a prepared text, usable in some queues or, without any, in all; `body` is HTML.

    Raises `Forbidden` without the permission `queues.manage`, `NameTaken`, and what `kit.template.check` raises.
    """
    row = await _create(unit, Template, name=name, kind=kind, subject=subject, body=body)
    await _bind(unit, row, queues)
    return row


async def update_template(
    unit: Unit, row: Template, *, expected_version: int | None = None, **changes: Unpack[TemplateChanges]
) -> Template:
    """Change a template.

    Raises what `create_template` raises, and `StaleVersion`.
    """
    queues = changes.pop("queues", None)
    await _update(unit, row, expected_version, changes)
    if queues is not None:
        await _bind(unit, row, queues)
    return row


async def _create(unit: Unit, model: type[NamedT], **values: object) -> NamedT:
    unit.actor.require(MANAGE.name)
    columns = _columns(values)
    problem = NameTaken(name=columns["name"], field=_NAME)
    if await model.exists(name_key=columns["name_key"]):
        raise problem
    async with or_taken(problem):
        row = await model.create(**columns)
    await unit.record(QueueTextCreated(subject=_ref(row), label=row.name))
    return row


async def _update(unit: Unit, row: NamedT, expected_version: int | None, changes: Mapping[str, Any]) -> NamedT:
    unit.actor.require(MANAGE.name)
    columns = _columns(changes)
    problem = NameTaken(name=columns.get("name"), field=_NAME)
    if await type(row).filter(name_key=columns.get("name_key")).exclude(id=row.id).exists():
        raise problem
    before = {name: getattr(row, name) for name in columns if name != "name_key"}
    async with or_taken(problem):
        await unit.update(row, expected_version=expected_version, **columns)
    for name, old in before.items():
        await _tell(unit, row, name, shown(old), shown(columns[name]))
    return row


async def _bind(unit: Unit, row: Template, queues: Sequence[Queue]) -> None:
    pairs = await QueueTemplate.filter(template_id=row.id).prefetch_related("queue")
    before = {pair.queue_id: pair.queue.path for pair in pairs}
    after = {queue.id: queue.path for queue in queues}
    await QueueTemplate.filter(template_id=row.id, queue_id__in=[key for key in before if key not in after]).delete()
    await QueueTemplate.bulk_create(
        QueueTemplate(template_id=row.id, queue_id=key) for key in after if key not in before
    )
    await _tell(unit, row, "queues", ", ".join(sorted(before.values())), ", ".join(sorted(after.values())))


async def _tell(unit: Unit, row: Named, name: str, before: str | None, after: str | None) -> None:
    if before != after:
        await unit.record(QueueTextChanged(subject=_ref(row), label=row.name, field=name, before=before, after=after))


def _name(value: str | None, field: Field) -> str:
    return line(value, field=field, limit=MAX_NAME)


def _subject(value: str | None, field: Field) -> str | None:
    return None if value is None else checked_subject(value, field=field)


_CHECKS: Mapping[str, Callable[[Any, Field], object]] = {
    "name": _name,
    "subject": _subject,
    "text": lambda value, field: checked_text(value, field=field),
    "body": lambda value, field: checked_html(value, field=field),
    "kind": lambda value, _: value.value,
    "active": lambda value, _: value,
}


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: _CHECKS[name](value, ("input", name)) for name, value in values.items()}
    if "name" in columns:
        columns["name_key"] = line(fold(str(columns["name"])), field=_NAME, limit=MAX_KEY)
    return columns


def _ref(row: Named) -> ObjectRef:
    return ObjectRef(_KINDS[type(row)], row.id)
