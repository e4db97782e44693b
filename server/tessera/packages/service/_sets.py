"""The set that runs: its folder, its next revision, and what happens to a package that broke."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from packaging.utils import canonicalize_name

from tessera.files import queries as files
from tessera.files.errors import FileMissing
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.config import in_use
from tessera.kit.errors import Forbidden
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit, Units, or_taken
from tessera.packages import _overlay, queries
from tessera.packages._overlay import SetAltered
from tessera.packages._rows import needs
from tessera.packages._wheels import WheelUnfit
from tessera.packages.errors import PackageNotInstalled, SetChanged
from tessera.packages.events import PackageQuarantined
from tessera.packages.models import Member, Package, PackageRunner, PackageSet, PackageState, written
from tessera.packages.permissions import MANAGE

TOPIC = "packages"
"""Where a new revision of the set is told, by its number."""

SUBJECT = "package"
DEAD = timedelta(days=1)
"""After how long a process that says nothing of itself is forgotten."""

REASON_LENGTH = 500
KEPT_SETS = 3
"""How many of the newest sets keep their folders: an older generation may still finish its requests."""


async def ensure_set(wanted: PackageSet) -> Path | None:
    """Return the folder of a set, unpacked from the stored wheels if it is not there; None when it has no members.

    Raises `SetAltered` when the folder is there and its files are not those of the wheels, `FileMissing` when a wheel
    is not stored, `WheelUnfit` when one is damaged.
    """
    members, root = wanted.listed, in_use().packages
    if not members:
        return None
    wheels = {member.sha256: await files.read(member.sha256) for member in members}
    return await asyncio.to_thread(_checked, root, members, wheels)


def _checked(root: Path, members: Sequence[Member], wheels: Mapping[str, bytes]) -> Path:
    folder = _overlay.build(root, members, wheels)
    if differences := _overlay.compare(root, members, wheels):
        raise SetAltered(differences)
    _overlay.forget_bytecode(folder)
    return folder


async def differences(label: str) -> list[str]:
    """Compare the files of a package that runs with its wheel; return what is missing, altered or added.

    Raises `PackageNotInstalled` when it does not run, `FileMissing` when its wheel is lost.
    """
    wanted = await queries.wanted_set()
    members = wanted.listed if wanted else ()
    own = next((member for member in members if member.label == label), None)
    if own is None:
        raise PackageNotInstalled(name=label, field=("name",))
    wheels = {member.sha256: await files.read(member.sha256) for member in members}
    found = await asyncio.to_thread(_overlay.compare, in_use().packages, members, wheels)
    return found.get(own.name, [])


async def prepare(units: Units) -> tuple[int, Path | None]:
    """Return the revision (0: none yet) and the folder of the set this machine should run now, checked.

    A package whose files are missing or altered is put into quarantine, and the next set is looked at. Commands of
    this machine find the set from now on.
    """
    while True:
        wanted = await queries.wanted_set()
        if wanted is None:
            return 0, None
        try:
            folder = await ensure_set(wanted)
        except SetAltered as altered:
            await _quarantine_altered(units, wanted, altered.differences)
            continue
        except (FileMissing, WheelUnfit) as error:
            await _quarantine_unreadable(units, wanted, str(error))
            continue
        await asyncio.to_thread(_settle, wanted.listed, await _kept(wanted))
        return wanted.revision, folder


async def _quarantine_altered(units: Units, wanted: PackageSet, differences: Mapping[str, list[str]]) -> None:
    """Blame the packages whose files differ; a library's files are those of every package."""
    members = wanted.listed
    blamed = [member for member in members if member.label and member.name in differences]
    for member in blamed or [member for member in members if member.label]:
        found = differences.get(member.name) or next(iter(differences.values()))
        why = f"Its files are not those that were installed: {', '.join(found[:5])}{' …' if found[5:] else ''}."
        await units.run(SYSTEM, lambda unit, label=member.label, why=why: quarantine(unit, label, why))  # type: ignore[misc]  # bound at once
    await asyncio.to_thread(_overlay.discard, in_use().packages, members)


async def _quarantine_unreadable(units: Units, wanted: PackageSet, why: str) -> None:
    """Blame the packages whose wheels are gone or damaged; all of them when it is a library's wheel."""
    members = wanted.listed
    unread = {member.name for member in members if not await _is_readable(member)}
    blamed = [member for member in members if member.label and member.name in unread]
    for member in blamed or [member for member in members if member.label]:
        await units.run(SYSTEM, lambda unit, label=member.label: quarantine(unit, label, f"Its wheel is lost: {why}"))  # type: ignore[misc]  # bound at once


async def _is_readable(member: Member) -> bool:
    try:
        wheel = await files.read(member.sha256)
    except FileMissing:
        return False
    return _overlay.is_whole(member, wheel)


def _settle(members: Sequence[Member], kept: Collection[str]) -> None:
    root = in_use().packages
    root.mkdir(parents=True, exist_ok=True)
    _overlay.activate(root, members)
    _overlay.prune(root, kept)


async def _kept(wanted: PackageSet) -> set[str]:
    newest = await PackageSet.filter(revision__lte=wanted.revision).order_by("-revision").limit(KEPT_SETS)
    return {each.digest for each in newest}


async def publish(unit: Unit, members: Sequence[Member], *, after: int, reason: str) -> PackageSet:
    """Make a set the one every server should run; `after` is the revision it was worked out from, 0 for none.

    Raises `Forbidden` without the permission `packages.manage`, `SetChanged` when there is a newer revision.
    """
    unit.actor.require(MANAGE.name)
    newest = await queries.wanted_set()
    if (newest.revision if newest else 0) != after:
        raise SetChanged
    async with or_taken(SetChanged()):
        return await PackageSet.create(
            revision=after + 1,
            digest=_overlay.digest(members),
            members=written(tuple(members)),
            reason=reason[:REASON_LENGTH],
            actor_name=(unit.actor.name or unit.actor.kind.value)[:200],
        )


async def appear(token: str, digest: str) -> None:
    """Note that a process runs a set, and that it still does; `token` names the process. Dead ones are forgotten."""
    if not await PackageRunner.filter(token=token).update(seen_at=now(), digest=digest):
        await PackageRunner.create(token=token, digest=digest)
        await PackageRunner.filter(seen_at__lt=now() - DEAD).delete()


async def withdraw(token: str) -> None:
    """Note that a process answers nobody with its set any more."""
    await PackageRunner.filter(token=token).delete()


async def quarantine(unit: Unit, label: str, reason: str) -> PackageSet | None:
    """Let the house run without a package that broke, and without those that need it; for the house's own rules.

    Returns the new set, None when the package does not run. Raises `Forbidden` for anybody but the system.
    """
    if not unit.actor.is_system:
        raise Forbidden
    newest = await queries.wanted_set()
    broken = await Package.get_or_none(name=label, state=PackageState.ENABLED)
    if newest is None or broken is None or all(member.label != label for member in newest.listed):
        return None
    gone = {broken.name: reason}
    running = await Package.filter(state=PackageState.ENABLED)
    while more := [row for row in running if row.name not in gone and needs(row) & _names(running, gone)]:
        gone |= {row.name: f"It needs {broken.name}, which broke." for row in more}
    members = [member for member in newest.listed if member.label not in gone]
    if not any(member.label for member in members):
        members = []
    made = await publish(unit, members, after=newest.revision, reason=f"{label} broke: {reason}")
    for row in running:
        if row.name in gone:
            await unit.update(row, state=PackageState.QUARANTINED, problem=gone[row.name])
            await unit.record(
                PackageQuarantined(
                    subject=ObjectRef(SUBJECT, row.id), package=row.name, why=gone[row.name], revision=made.revision
                )
            )
    return made


def _names(rows: Collection[Package], labels: Collection[str]) -> set[str]:
    return {canonicalize_name(row.distribution) for row in rows if row.name in labels}
