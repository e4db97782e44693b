"""Verbs of the queue tree."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from tessera.access.models import Group
from tessera.kit.errors import Invalid
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken
from tessera.queues import _addresses, _paths
from tessera.queues.errors import QueueCycle, QueueTaken, TwoOfAKind
from tessera.queues.events import QueueChanged, QueueCreated
from tessera.queues.models import (
    AutoResponse,
    FollowUpPolicy,
    Queue,
    QueueAutoResponse,
    Salutation,
    Signature,
)
from tessera.queues.permissions import MANAGE
from tessera.queues.service._addresses import claim_address
from tessera.queues.service._steps import shown

MAX_UNLOCK_MINUTES = 525_600
_EMAIL: Field = ("input", "email_address")
_NAME: Field = ("input", "name")
_PLAIN = ("email_address", "follow_up_policy", "follow_up_lock", "unlock_timeout_minutes", "active")

Told = tuple[str, str | None, str | None, int | None, int | None]
"""A field, its display text before and after, and the ids behind them."""


class QueueChanges(TypedDict, total=False):
    """What may change about a queue."""

    name: str
    parent: Queue | None
    group: Group
    email_address: str | None
    follow_up_policy: FollowUpPolicy
    follow_up_lock: bool
    unlock_timeout_minutes: int | None
    active: bool
    salutation: Salutation | None
    signature: Signature | None
    auto_responses: Sequence[AutoResponse]


async def create_queue(
    unit: Unit,
    *,
    name: str,
    group: Group,
    parent: Queue | None = None,
    email_address: str | None = None,
    follow_up_policy: FollowUpPolicy | str = FollowUpPolicy.POSSIBLE,
    follow_up_lock: bool = False,
    unlock_timeout_minutes: int | None = None,
    salutation: Salutation | None = None,
    signature: Signature | None = None,
    auto_responses: Sequence[AutoResponse] = (),
) -> Queue:
    """Create a queue; mail to its address arrives in it, and it answers from there.

    Raises `Forbidden` without the permission `queues.manage`, `QueueName`, `QueueTaken`, `InvalidAddress`,
    `AddressTaken`, `TwoOfAKind`, `Invalid` for a time limit outside 1 minute to a year.
    """
    unit.actor.require(MANAGE.name)
    columns = _checked(
        {
            "email_address": email_address,
            "follow_up_policy": FollowUpPolicy(follow_up_policy),
            "follow_up_lock": follow_up_lock,
            "unlock_timeout_minutes": unlock_timeout_minutes,
        }
    )
    own = _paths.own_name(name, field=_NAME)
    above = await Queue.filter(id=parent.id).select_for_update().get() if parent else None
    path = _paths.joined(above.path if above else None, own)
    problem = QueueTaken(path=path, field=_NAME)
    if await Queue.exists(path_key=fold(path)):
        raise problem
    columns |= {"name": own, "path": path, "path_key": fold(path), "parent_id": above.id if above else None}
    columns |= {"group_id": group.id, "salutation_id": _id(salutation), "signature_id": _id(signature)}
    async with or_taken(problem):
        queue = await Queue.create(**columns)
    await unit.record(QueueCreated(subject=_ref(queue), path=path, group_id=group.id))
    if queue.email_address is not None:
        await claim_address(unit, queue, queue.email_address, field=_EMAIL)
    await _assign_auto_responses(unit, queue, auto_responses)
    return queue


async def update_queue(
    unit: Unit, queue: Queue, *, expected_version: int | None = None, **changes: Unpack[QueueChanges]
) -> Queue:
    """Change a queue; renamed or moved, everything below it gets new full names.

    Raises what `create_queue` raises, `QueueCycle` for a parent inside the queue, `StaleVersion`, and what the
    guards of `QueueChanged` raise.
    """
    unit.actor.require(MANAGE.name)
    columns = _checked({name: value for name, value in changes.items() if name in _PLAIN})
    told: list[Told] = [
        (name, shown(getattr(queue, name)), shown(value), None, None) for name, value in columns.items()
    ]
    for name in ("group", "salutation", "signature"):
        if name in changes:
            row: Any = changes[name]
            told.append(await _reference(queue, name, row))
            columns[f"{name}_id"] = _id(row)
    below = await _replace(queue, changes, columns, told)
    async with or_taken(QueueTaken(path=columns.get("path"), field=_NAME)):
        await unit.update(queue, expected_version=expected_version, **columns)
    await _tell(unit, queue, told)
    for each, path in below:
        await _rename_below(unit, each, path)
    if "email_address" in columns and queue.email_address is not None:
        await claim_address(unit, queue, queue.email_address, field=_EMAIL)
    if "auto_responses" in changes:
        await _assign_auto_responses(unit, queue, changes["auto_responses"])
    return queue


async def _replace(
    queue: Queue, changes: QueueChanges, columns: dict[str, object], told: list[Told]
) -> list[tuple[Queue, str]]:
    """Add a new place in the tree to the columns; return the queues below with the full names they get."""
    if "name" not in changes and "parent" not in changes:
        return []
    tree = await _locked_tree()
    parent_id = _id(changes["parent"]) if "parent" in changes else tree[queue.id].parent_id
    parent = tree[parent_id] if parent_id is not None else None
    own = _paths.own_name(changes["name"], field=_NAME) if "name" in changes else queue.name
    inside = _paths.subtree({key: row.parent_id for key, row in tree.items()}, [queue.id])
    if parent_id in inside:
        raise QueueCycle(path=tree[parent_id].path, field=("input", "parent_id"))
    path = _paths.joined(parent.path if parent else None, own)
    if any(row.path_key == fold(path) and row.id != queue.id for row in tree.values()):
        raise QueueTaken(path=path, field=_NAME)
    columns |= {"name": own, "parent_id": parent_id, "path": path, "path_key": fold(path)}
    before = tree[queue.parent_id].path if queue.parent_id is not None else None
    told += [
        ("name", queue.name, own, None, None),
        ("parent", before, parent.path if parent else None, queue.parent_id, parent_id),
        ("path", queue.path, path, None, None),
    ]
    start = len(queue.path)
    return [(tree[key], _paths.joined(None, path + tree[key].path[start:])) for key in inside if key != queue.id]


async def _locked_tree() -> dict[int, Queue]:
    """Return all queues, locked until the commit: the second look sees what the first one had to wait for."""
    await Queue.all().order_by("id").select_for_update()
    return {row.id: row for row in await Queue.all().order_by("id").select_for_update()}


async def _rename_below(unit: Unit, queue: Queue, path: str) -> None:
    before = queue.path
    if path != before:
        await unit.update(queue, path=path, path_key=fold(path))
        await _tell(unit, queue, [("path", before, path, None, None)])


async def _reference(queue: Queue, name: str, row: Group | Salutation | Signature | None) -> Told:
    await queue.fetch_related(name)
    before = getattr(queue, name)
    return (name, before.name if before else None, row.name if row else None, _id(before), _id(row))


async def _assign_auto_responses(unit: Unit, queue: Queue, rows: Sequence[AutoResponse]) -> None:
    wanted = {row.kind: row for row in rows}
    for row in rows:
        if wanted[row.kind].id != row.id:
            raise TwoOfAKind(kind=row.kind, field=("input", "auto_response_ids"))
    chosen = await QueueAutoResponse.filter(queue_id=queue.id).prefetch_related("auto_response")
    before = ", ".join(sorted(each.auto_response.name for each in chosen))
    after = ", ".join(sorted(row.name for row in wanted.values()))
    await QueueAutoResponse.filter(queue_id=queue.id).delete()
    await QueueAutoResponse.bulk_create(
        QueueAutoResponse(queue_id=queue.id, kind=row.kind, auto_response_id=row.id) for row in wanted.values()
    )
    await _tell(unit, queue, [("auto_responses", before, after, None, None)])


async def _tell(unit: Unit, queue: Queue, told: Sequence[Told]) -> None:
    for name, before, after, before_id, after_id in told:
        if (before, before_id) != (after, after_id):
            await unit.record(
                QueueChanged(
                    subject=_ref(queue),
                    field=name,
                    before=before,
                    after=after,
                    before_id=before_id,
                    after_id=after_id,
                )
            )


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(values)
    if columns.get("email_address") is not None:
        columns["email_address"] = _addresses.checked(columns["email_address"], field=_EMAIL)
    if "follow_up_policy" in columns:
        columns["follow_up_policy"] = columns["follow_up_policy"].value
    minutes = columns.get("unlock_timeout_minutes")
    if minutes is not None and not 1 <= minutes <= MAX_UNLOCK_MINUTES:
        raise Invalid(
            "The time limit is between 1 and {limit} minutes.",
            field=("input", "unlock_timeout_minutes"),
            limit=MAX_UNLOCK_MINUTES,
        )
    return columns


def _id(row: Group | Queue | Salutation | Signature | None) -> int | None:
    return row.id if row else None


def _ref(queue: Queue) -> ObjectRef:
    return ObjectRef("queue", queue.id)
