"""Reads of links; the other end is shown to whoever sees it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q

from tessera.kit.actor import Actor
from tessera.kit.ids import ObjectRef
from tessera.kit.wiring import Wiring
from tessera.links._kinds import inverse
from tessera.links.errors import NotLinkable
from tessera.links.hooks import Linkable
from tessera.links.models import Link


@dataclass(frozen=True, slots=True)
class LinkedObject:
    """One end of a link as the other one sees it: what it is to that one, and its row."""

    kind: str
    row: Any


def linkable(wiring: Wiring, kind: str) -> Linkable:
    """Return what is declared about a kind of things.

    Raises `NotLinkable` when nothing is.
    """
    for each in wiring.answers.get("linkables", ()):
        if each.kind == kind:
            found: Linkable = each
            return found
    raise NotLinkable(kind=kind)


async def between(one: ObjectRef, other: ObjectRef) -> list[Link]:
    """Return the links between two objects, whoever they start from."""
    there = Q(source_kind=one.kind, source_id=one.id, target_kind=other.kind, target_id=other.id)
    back = Q(source_kind=other.kind, source_id=other.id, target_kind=one.kind, target_id=one.id)
    return await Link.filter(there | back)


async def links_of(
    actor: Actor, own: Linkable, other: Linkable, ids: Sequence[int], *, kinds: Collection[str] | None = None
) -> dict[int, list[LinkedObject]]:
    """Return the things of one kind that things of another (or the same) kind are linked with, oldest link first.

    Only those the actor sees, and only those of `kinds` unless it is None.
    """
    out = Q(source_kind=own.kind, source_id__in=list(ids), target_kind=other.kind)
    back = Q(target_kind=own.kind, target_id__in=list(ids), source_kind=other.kind)
    ends: list[tuple[int, str, int]] = []
    for link in await Link.filter(out | back).order_by("id"):
        if link.source_kind == own.kind and link.target_kind == other.kind:
            ends.append((link.source_id, link.kind, link.target_id))
        if link.target_kind == own.kind and link.source_kind == other.kind:
            ends.append((link.target_id, inverse(link.kind), link.source_id))
    rows = {row.id: row for row in await other.visible(actor).filter(id__in={end for _, _, end in ends})}
    found: dict[int, list[LinkedObject]] = {key: [] for key in ids}
    for key, kind, end in ends:
        if key in found and end in rows and (kinds is None or kind in kinds):
            found[key].append(LinkedObject(kind, rows[end]))
    return found
