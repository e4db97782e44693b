"""What somebody wants changed, and what became of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from packaging.version import Version

from tessera.kit.actor import Actor
from tessera.kit.clock import isoformat
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Job
from tessera.kit.model import among
from tessera.kit.unit import Unit, Units, or_taken
from tessera.packages import queries
from tessera.packages._planning import LEAVING, Plan, Shelf, Target, Wish
from tessera.packages._planning import plan as planned
from tessera.packages._resolve import Offer, Unresolvable, requirement
from tessera.packages._rows import probed, told
from tessera.packages.errors import PackageAltered, PackageIncompatible, SetChanged
from tessera.packages.events import (
    PackageChangeRefused,
    PackageChangeRequested,
    PackageDisabled,
    PackageEnabled,
    PackageInstalled,
    PackageOffered,
    PackagePurged,
    PackageUninstalled,
    PackageUpgraded,
    PackageVerified,
    RepositoryRead,
)
from tessera.packages.models import MAX_LABEL, Package, PackageAction, PackageSet, PackageState
from tessera.packages.permissions import MANAGE
from tessera.packages.service._sets import SUBJECT, differences, ensure_set, publish

CHANGE = "packages.change"
SHOWN = 10
SOMEWHERE = "file"
"""What a package's source is when an administrator handed its wheel over."""

Report = Mapping[str, Any]


async def request(unit: Unit, wish: Wish, *, restore: str | None = None) -> Job:
    """Have a package come, change or go: returns the work, which can be followed.

    `restore` is the SHA-256 of a stored export whose rows come back with the package. Needs `packages.manage`. Raises
    `PackageUnknown` for what is not there and should change, `PackageIncompatible` for a wish that cannot be read.
    """
    unit.actor.require(MANAGE.name)
    row = None
    if wish.action in {PackageAction.INSTALL, PackageAction.UPGRADE}:
        try:
            name = requirement(wish.requirement).name
        except Unresolvable as error:
            raise PackageIncompatible(why=str(error), field=("requirement",)) from error
    else:
        row = await queries.named(wish.requirement)
        name = row.name
    await unit.record(
        PackageChangeRequested(subject=ObjectRef(SUBJECT, row.id if row else 0), package=name, action=wish.action.value)
    )
    payload = {"action": wish.action.value, "requirement": wish.requirement, "wheels": wish.wheels, "restore": restore}
    return await unit.enqueue(CHANGE, payload)


async def refuse(unit: Unit, wish: Wish, why: str) -> None:
    """Note that a wish was not fulfilled, and why; nothing else was changed."""
    unit.actor.require(MANAGE.name)
    row = await Package.get_or_none(among("name", [wish.requirement], longest=MAX_LABEL))
    await unit.record(
        PackageChangeRefused(
            subject=ObjectRef(SUBJECT, row.id if row else 0),
            package=wish.requirement,
            action=wish.action.value,
            why=why,
        )
    )


async def settle(unit: Unit, target: Target, report: Report) -> PackageSet:
    """Make a target the set that runs, and write down what each package is now.

    Raises `SetChanged` when the target was worked out from another set than the newest.
    """
    unit.actor.require(MANAGE.name)
    made = await publish(
        unit, target.members, after=target.after, reason=f"{target.wish.action.value} {target.wish.requirement}"
    )
    await _note_read(unit, target.read)
    before = {member.label: member for member in target.running if member.label}
    for offer in target.offers:
        label = offer.facts.label
        if label and (label not in before or before[label].sha256 != offer.sha256):
            await _arrived(unit, target, offer, report["packages"].get(label, {}), made.revision)
    gone = set(before) - {offer.facts.label for offer in target.offers}
    if target.wish.action in LEAVING:
        gone.add(target.label)
    for label in sorted(gone):
        await _left(unit, await queries.named(label), target.wish.action, made.revision)
    return made


async def _arrived(unit: Unit, target: Target, offer: Offer, report: Report, revision: int) -> None:
    row = await Package.get_or_none(name=offer.facts.label)
    was = row.state if row else PackageState.AVAILABLE
    earlier = row.version_installed if row else None
    values = {
        **told(offer),
        **probed(report),
        "version_installed": offer.facts.version,
        "state": PackageState.ENABLED,
        "problem": None,
        "verified": True,
        "sha256": offer.sha256,
        "filename": offer.filename,
    }
    if offer.source or was is PackageState.AVAILABLE:
        values["source"] = offer.source or SOMEWHERE
    row = await unit.update(row, **values) if row else await _new(offer.facts.label, values)
    subject, name, release = ObjectRef(SUBJECT, row.id), row.name, offer.facts.version
    if was is PackageState.AVAILABLE or earlier is None:
        await unit.record(
            PackageInstalled(subject=subject, package=name, release=release, sha256=offer.sha256, revision=revision)
        )
    elif earlier != offer.facts.version or target.wish.action is PackageAction.UPGRADE:
        await unit.record(
            PackageUpgraded(
                subject=subject,
                package=name,
                earlier=earlier,
                release=release,
                sha256=offer.sha256,
                revision=revision,
            )
        )
    else:
        await unit.record(PackageEnabled(subject=subject, package=name, revision=revision))


async def _new(label: str, values: Mapping[str, Any]) -> Package:
    async with or_taken(SetChanged()):
        return await Package.create(name=label, **values)


async def _left(unit: Unit, row: Package, action: PackageAction, revision: int) -> None:
    subject, name, release = ObjectRef(SUBJECT, row.id), row.name, row.version_installed or ""
    if action is PackageAction.DISABLE:
        await unit.update(row, state=PackageState.DISABLED, problem=None)
        await unit.record(PackageDisabled(subject=subject, package=name, revision=revision))
    elif row.state is not PackageState.AVAILABLE:
        await unit.update(row, state=PackageState.AVAILABLE, problem=None, verified=None)
        await unit.record(PackageUninstalled(subject=subject, package=name, release=release, revision=revision))


async def forget(unit: Unit, label: str, export: str) -> None:
    """Note that a package's data was exported (a stored file, by its SHA-256) and its tables are gone."""
    unit.actor.require(MANAGE.name)
    row = await queries.named(label)
    await unit.update(row, version_installed=None, sha256=None, filename=None, source=None)
    await unit.record(PackagePurged(subject=ObjectRef(SUBJECT, row.id), package=row.name, export=export))


async def plan(actor: Actor, wish: Wish) -> Plan:
    """Say what a wish would do, and change nothing; takes as long as two servers take to start.

    Raises `Forbidden` without the permission `packages.manage`.
    """
    actor.require(MANAGE.name)
    newest = await queries.wanted_set()
    return await planned(wish, await ensure_set(newest) if newest else None)


async def verify(units: Units, actor: Actor, name: str) -> Package:
    """Compare a package's files with those that were installed, and note what was found.

    Raises `Forbidden` without the permission `packages.manage`, `PackageUnknown`, `PackageNotInstalled`, and
    `PackageAltered`, with the package as `current`, when files are missing, altered or added.
    """
    actor.require(MANAGE.name)
    label = (await queries.named(name)).name
    found = await differences(label)
    row = await units.run(actor, lambda unit: _note_verified(unit, label, found))
    if found:
        problem = PackageAltered(name=label, files=", ".join(found[:SHOWN]) + (" …" if found[SHOWN:] else ""))
        problem.current = row
        raise problem
    return row


async def _note_verified(unit: Unit, label: str, differences: Sequence[str]) -> Package:
    row = await queries.named(label)
    await unit.update(row, verified=not differences)
    await unit.record(
        PackageVerified(subject=ObjectRef(SUBJECT, row.id), package=row.name, differences=tuple(differences[:100]))
    )
    return row


async def offer(unit: Unit, found: Shelf) -> list[str]:
    """Note which packages the repositories offer, newest versions only; return the labels of what is new."""
    unit.actor.require(MANAGE.name)
    await _note_read(unit, found.read)
    newest: dict[str, Offer] = {}
    for each in found.offers:
        label = each.facts.label
        if label and not Version(each.facts.version).is_prerelease:
            newest[label] = max(newest.get(label, each), each, key=lambda one: one.version)
    known = {row.name: row for row in await Package.all()}
    for label, row in known.items():
        if label not in newest and row.version_available is not None:
            await unit.update(row, version_available=None)
    news = sorted(label for label, each in newest.items() if _is_news(each, known.get(label)))
    for label in news:
        row = await _offered(unit, newest[label], known.get(label))
        await unit.record(
            PackageOffered(subject=ObjectRef(SUBJECT, row.id), package=label, release=row.version_available or "")
        )
    return news


async def _note_read(unit: Unit, read: Mapping[str, datetime]) -> None:
    """Remember the newest index of each repository, so that no older one is taken for it."""
    for place, made_at in read.items():
        known = await queries.newest_read(place)
        if known is None or known < made_at:
            subject = queries.repository(place)
            await unit.record(RepositoryRead(subject=subject, repository=place, made_at=isoformat(made_at)))


async def _offered(unit: Unit, offer: Offer, row: Package | None) -> Package:
    values: dict[str, Any] = {"version_available": offer.facts.version}
    if row is None:
        return await _new(offer.facts.label, {**_blank(), **told(offer), **values})
    if row.state is PackageState.AVAILABLE:
        values |= told(offer)
    return await unit.update(row, expected_version=None, **values)


def _is_news(offer: Offer, row: Package | None) -> bool:
    return row is None or row.version_available != offer.facts.version


def _blank() -> dict[str, Any]:
    empty = json.dumps([])
    return {"state": PackageState.AVAILABLE, "permissions": empty, "tables": empty, "settings": empty}
