"""Verbs of links."""

from tessera.kit.errors import Forbidden, NotFound
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field
from tessera.kit.unit import Unit, or_taken
from tessera.links import queries
from tessera.links._kinds import KINDS, NORMAL, PARENT, inverse
from tessera.links.errors import LinkExists, LinkMissing, LinkToSelf, UnknownKind
from tessera.links.events import Linked, Unlinked
from tessera.links.models import Link

TARGET: Field = ("link", "ticket_id")


async def link(unit: Unit, kind: str, source: ObjectRef, target: ObjectRef) -> Link:
    """Link two objects; `kind` says what the target becomes to the source: `normal`, its `parent` or its `child`.

    Needs the right to change the source, and to see the target; two objects are linked once, as in OTRS. Raises
    `UnknownKind`, `LinkToSelf`, `LinkExists`, `NotFound`, and what changing the source raises.
    """
    _require_known(kind)
    if source == target:
        raise LinkToSelf(field=TARGET)
    await queries.linkable(unit.wiring, source.kind).touch(unit, source.id)
    if not await queries.linkable(unit.wiring, target.kind).visible(unit.actor).filter(id=target.id).exists():
        raise NotFound(field=TARGET)
    if await queries.between(source, target):
        raise LinkExists(field=TARGET)
    return await _write(unit, kind, source, target)


async def unlink(unit: Unit, kind: str, source: ObjectRef, target: ObjectRef) -> None:
    """Take a link away, seen from the source; needs the right to change the source.

    Raises `UnknownKind`, `LinkMissing` when there is none or its other end is hidden, and what changing the source
    raises.
    """
    _require_known(kind)
    await queries.linkable(unit.wiring, source.kind).touch(unit, source.id)
    is_seen = await queries.linkable(unit.wiring, target.kind).visible(unit.actor).filter(id=target.id).exists()
    kept, start, end = _stored(kind, source, target)
    removed = (
        await Link.filter(
            kind=kept, source_kind=start.kind, source_id=start.id, target_kind=end.kind, target_id=end.id
        ).delete()
        if is_seen
        else 0
    )
    if not removed:
        raise LinkMissing(field=TARGET)
    await unit.record(Unlinked(subject=source, kind=kind, other=target))
    await unit.record(Unlinked(subject=target, kind=inverse(kind), other=source))


async def keep_linked(unit: Unit, kind: str, source: ObjectRef, target: ObjectRef) -> None:
    """Make sure that two objects are linked, in whatever way they are already; for the house's own rules.

    Raises `Forbidden` for anybody but the system.
    """
    if not unit.actor.is_system:
        raise Forbidden
    if not await queries.between(source, target):
        await _write(unit, kind, source, target)


async def _write(unit: Unit, kind: str, source: ObjectRef, target: ObjectRef) -> Link:
    kept, start, end = _stored(kind, source, target)
    async with or_taken(LinkExists(field=TARGET)):
        row = await Link.create(
            kind=kept, source_kind=start.kind, source_id=start.id, target_kind=end.kind, target_id=end.id
        )
    await unit.record(Linked(subject=source, kind=kind, other=target))
    await unit.record(Linked(subject=target, kind=inverse(kind), other=source))
    return row


def _stored(kind: str, source: ObjectRef, target: ObjectRef) -> tuple[str, ObjectRef, ObjectRef]:
    """Return the one way in which a link is written, from whichever end it is seen."""
    turned = kind == PARENT or (kind == NORMAL and target < source)
    return (inverse(kind), target, source) if turned else (kind, source, target)


def _require_known(kind: str) -> None:
    if kind not in KINDS:
        raise UnknownKind(kind=kind, known=", ".join(KINDS), field=("link", "kind"))
