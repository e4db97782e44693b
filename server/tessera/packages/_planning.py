"""Works out what a wish means: which set, out of which wheels, and what it would change; writes no row."""

import asyncio
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tessera.documents import queries as documents
from tessera.engine.changes import compare
from tessera.files import queries as files
from tessera.files.errors import FileMissing
from tessera.kit.config import Config, in_use
from tessera.kit.model import among
from tessera.packages import _child, _environment, _fetch, _overlay, queries
from tessera.packages._child import ChildFailed
from tessera.packages._index import Index, IndexUnfit
from tessera.packages._resolve import Offer, Unresolvable, requirement, resolve
from tessera.packages._rows import as_offered, needs, unwritten
from tessera.packages._wheels import WheelUnfit, contents, facts
from tessera.packages.errors import (
    PackageAlreadyThere,
    PackageIncompatible,
    PackageNeeded,
    PackageNotInstalled,
    PackageOfEnvironment,
)
from tessera.packages.models import (
    MAX_DISTRIBUTION,
    MAX_LABEL,
    Member,
    Package,
    PackageAction,
    PackageSet,
    PackageState,
)
from tessera.packages.settings import MAX_BYTES, REPOSITORIES, TRUSTED_KEYS
from tessera.settings import queries as settings

LABEL = re.compile(r"[a-z][a-z0-9_]{0,49}")
LEAVING = (PackageAction.DISABLE, PackageAction.UNINSTALL, PackageAction.PURGE)
FAILURES = (Unresolvable, WheelUnfit, ChildFailed, _fetch.Unfetchable, IndexUnfit)
"""What this module's helpers raise, each a sentence."""

Wheels = dict[str, bytes]
"""The bytes of wheels by their SHA-256."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants: an action, and a name or a version requirement.

    `wheels` are stored wheels, by file name and SHA-256, that an administrator handed over at the machine itself.
    """

    action: PackageAction
    requirement: str
    wheels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Target:
    """The set a wish leads to: its wheels in the order in which they come, and the set it was worked out from.

    `read` says of each repository that was asked when its index was made.
    """

    wish: Wish
    label: str
    offers: tuple[Offer, ...]
    running: tuple[Member, ...]
    after: int
    read: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of the set."""
        return tuple(
            Member(each.facts.name, each.facts.version, each.facts.label, each.filename, each.sha256)
            for each in self.offers
        )

    @property
    def steps(self) -> list[str]:
        """What comes and what goes, as `name==version`, in order."""
        before, now = {each.sha256 for each in self.running}, {each.sha256 for each in self.offers}
        names = {each.facts.name for each in self.offers}
        coming = [each.pin for each in self.offers if each.sha256 not in before]
        leaving = [each for each in self.running if each.sha256 not in now and each.name not in names]
        return coming + [f"{each.name}=={each.version}" for each in leaving]

    def offer(self, label: str) -> Offer | None:
        """Return the wheel of a package of the set."""
        return next((each for each in self.offers if each.facts.label == label), None)


@dataclass(frozen=True)
class Shelf:
    """What the repositories offer, what is wrong with those that cannot be used, when the others were made."""

    offers: tuple[Offer, ...]
    faults: tuple[str, ...] = ()
    read: Mapping[str, datetime] = field(default_factory=dict)


async def shelf() -> Shelf:
    """Ask every repository what it offers."""
    places = [str(each) for each in await settings.value(REPOSITORIES)]
    trusted = [str(each) for each in await settings.value(TRUSTED_KEYS)]
    answers = await asyncio.gather(*(_looked(place, trusted) for place in places), return_exceptions=True)
    found: list[Offer] = []
    faults: list[str] = []
    read: dict[str, datetime] = {}
    for place, answer in zip(places, answers, strict=True):
        if isinstance(answer, _fetch.Unfetchable | IndexUnfit):
            faults.append(f"The repository {place} cannot be used: {answer}")
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found += answer.offers
            if answer.made_at is not None:
                read[place] = answer.made_at
    return Shelf(tuple(found), tuple(faults), read)


async def _looked(place: str, trusted: list[str]) -> Index:
    index = await _fetch.index(place, trusted)
    index.require_not_before(await queries.newest_read(place))
    return index


async def work_out(wish: Wish) -> Target:
    """Return the set a wish leads to.

    Raises `PackageUnknown`, `PackageNotInstalled`, `PackageAlreadyThere`, `PackageNeeded`, `PackageOfEnvironment` and
    `PackageIncompatible`, whose sentence says why.
    """
    newest = await queries.wanted_set()
    running = newest.listed if newest else ()
    try:
        kept = [await stored(member.filename, member.sha256) for member in running]
        found = Shelf(()) if wish.action in LEAVING else await shelf()
        label, offers = await (_without(wish, kept) if wish.action in LEAVING else _with(wish, kept, found))
    except FAILURES as error:
        raise PackageIncompatible(why=str(error), field=("requirement",)) from error
    return Target(wish, label, tuple(offers), running, newest.revision if newest else 0, found.read)


async def _without(wish: Wish, kept: list[Offer]) -> tuple[str, list[Offer]]:
    row = await queries.named(wish.requirement)
    is_running = row.state is PackageState.ENABLED
    if wish.action is PackageAction.DISABLE and not is_running:
        raise PackageNotInstalled(name=row.name, field=("name",))
    if wish.action is PackageAction.UNINSTALL and row.state is PackageState.AVAILABLE:
        raise PackageNotInstalled(name=row.name, field=("name",))
    if row.sha256 is None:
        raise PackageNotInstalled(name=row.name, field=("name",))
    if needing := await _needing(row, wish.action):
        raise PackageNeeded(name=row.name, others=", ".join(needing), field=("name",))
    others = [each for each in kept if each.facts.label not in {"", row.name}]
    return row.name, resolve(_wished(others), kept, _environment.base(in_use()), kept=kept)


async def _needing(row: Package, action: PackageAction) -> list[str]:
    """Return the packages an action would take the ground from: those that run, are installed, or left data."""
    others = await Package.exclude(name=row.name).order_by("name")
    own = canonicalize_name(row.distribution)
    return [
        each.name
        for each in others
        if own in needs(each)
        and (
            each.state is PackageState.ENABLED
            or (action is not PackageAction.DISABLE and each.state is not PackageState.AVAILABLE)
            or (action is PackageAction.PURGE and each.sha256 is not None)
        )
    ]


async def _with(wish: Wish, kept: list[Offer], found: Shelf) -> tuple[str, list[Offer]]:
    wanted, config = requirement(wish.requirement), in_use()
    own = [await stored(filename, sha256) for filename, sha256 in wish.wheels]
    if wish.action is PackageAction.ENABLE:
        own.append(await _switched_off(wanted.name))
    wanted.name = _distribution(wanted.name, [*own, *kept, *found.offers])
    base = _environment.base(config)
    if canonicalize_name(wanted.name) in base:
        raise PackageOfEnvironment(name=wanted.name, field=("requirement",))
    await _require_change(wish, wanted)
    others = [each for each in kept if each.facts.label and each.facts.name != canonicalize_name(wanted.name)]
    fixed = [each for each in kept if each.facts.name != canonicalize_name(wanted.name)] + own
    try:
        offers = resolve([wanted, *_wished(others)], [*kept, *found.offers], base, kept=fixed)
    except Unresolvable as error:
        raise Unresolvable(" ".join([str(error), *found.faults])) from None
    chosen = next(each for each in offers if each.facts.name == canonicalize_name(wanted.name))
    if not LABEL.fullmatch(chosen.facts.label):
        raise Unresolvable(f"{chosen.pin} is no package of Tessera: it has no entry point in the group `tessera`.")
    _require_newer(wish, chosen, kept)
    return chosen.facts.label, offers


async def _switched_off(name: str) -> Offer:
    row = await queries.named(name)
    if row.state is PackageState.ENABLED:
        raise PackageAlreadyThere(name=row.name, state="switched on", field=("name",))
    if row.state is PackageState.AVAILABLE or row.sha256 is None or row.filename is None:
        raise PackageNotInstalled(name=row.name, field=("name",))
    return await stored(row.filename, row.sha256)


async def _require_change(wish: Wish, wanted: Requirement) -> None:
    row = await Package.get_or_none(distribution=canonicalize_name(wanted.name))
    state = PackageState.AVAILABLE if row is None else row.state
    if wish.action is PackageAction.INSTALL and state in {PackageState.ENABLED, PackageState.DISABLED}:
        how = "installed" if state is PackageState.ENABLED else "installed, and switched off"
        raise PackageAlreadyThere(name=wanted.name, state=how, field=("requirement",))
    if wish.action is PackageAction.UPGRADE and state in {PackageState.AVAILABLE, PackageState.DISABLED}:
        raise PackageNotInstalled(name=wanted.name, field=("requirement",))


def _require_newer(wish: Wish, chosen: Offer, kept: Sequence[Offer]) -> None:
    before = next((each for each in kept if each.facts.name == chosen.facts.name), None)
    if wish.action is not PackageAction.UPGRADE or before is None:
        return
    if chosen.version == before.version:
        state = f"in version {before.facts.version}, and nothing newer that fits is within reach"
        raise PackageAlreadyThere(name=chosen.facts.label, state=state, field=("requirement",))
    if chosen.version < before.version:
        raise Unresolvable(f"{before.pin} runs; an upgrade does not lead back to {chosen.facts.version}.")


def _distribution(name: str, offers: Iterable[Offer]) -> str:
    """Return the name of a distribution by itself or by the label of its package."""
    return next((each.facts.name for each in offers if each.facts.label == name), name)


def _wished(offers: Iterable[Offer]) -> list[Requirement]:
    return [Requirement(each.facts.name) for each in offers]


async def stored(filename: str, sha256: str) -> Offer:
    """Return a stored wheel as an offer.

    Raises `WheelUnfit` when it is lost or damaged.
    """
    try:
        wheel = await files.read(sha256)
    except FileMissing:
        raise WheelUnfit(f"The wheel {filename} is lost.") from None
    return Offer(filename, sha256, len(wheel), "", await asyncio.to_thread(facts, filename, wheel))


async def obtain(target: Target) -> Wheels:
    """Return the wheels of a target, fetched unless they are stored.

    Raises `PackageIncompatible` when one cannot be had, is not what was announced, or brings what is the server's.
    """
    limit, found = await settings.value(MAX_BYTES), {}
    try:
        for offer in target.offers:
            wheel = await (_fetch.wheel(offer, limit) if offer.source else files.read(offer.sha256))
            await asyncio.to_thread(_require_honest, offer, wheel, in_use())
            found[offer.sha256] = wheel
    except FAILURES as error:
        raise PackageIncompatible(why=str(error)) from error
    return found


def _require_honest(offer: Offer, wheel: bytes, config: Config) -> None:
    if facts(offer.filename, wheel).requires != offer.facts.requires:
        raise WheelUnfit(f"{offer.filename} needs something else than its index says.")
    tops = {path.partition("/")[0].removesuffix(".py") for path, _ in contents(offer.filename, wheel)}
    for top in sorted(tops):
        if top.isidentifier() and _environment.holds(config, top):
            raise WheelUnfit(f"{offer.pin} brings the module {top}, which is the server's.")


@dataclass(frozen=True)
class Plan:
    """What a wish would do: see the fields of `PackagePlan` in the API."""

    action: PackageAction
    package: Package
    steps: Sequence[str] = ()
    migrations: Sequence[str] = ()
    changes: Sequence[Mapping[str, str]] = ()
    broken: Sequence[str] = ()
    problems: Sequence[str] = ()


async def plan(wish: Wish, running: Path | None) -> Plan:
    """Say what a wish would do, and change nothing; `running` is the folder of the set that runs now."""
    shown = await _shown(wish)
    try:
        target = await work_out(wish)
        wheels = await obtain(target)
        report = await _compared(target, wheels, running)
        undone = await _undone(target) if wish.action is PackageAction.PURGE else []
    except PackageIncompatible as problem:
        return Plan(wish.action, shown, problems=[str(problem.facts["why"])])
    except (PackageAlreadyThere, PackageNeeded, PackageNotInstalled, PackageOfEnvironment) as problem:
        return Plan(wish.action, shown, problems=[problem.message])
    offer = target.offer(target.label)
    return Plan(
        wish.action,
        as_offered(offer, shown) if offer else shown,
        target.steps,
        [*report["pending"], *undone],
        report["changes"],
        report["broken"],
    )


async def _compared(target: Target, wheels: Wheels, running: Path | None) -> dict[str, Any]:
    config = in_use()
    texts = {row.hash: row.text for row in await documents.imported()}
    with tempfile.TemporaryDirectory(prefix="tessera-plan-") as place:
        try:
            folder = (
                await asyncio.to_thread(_overlay.build, Path(place), target.members, wheels) if target.offers else None
            )
            before, after = await asyncio.gather(
                _child.run("probe", config, running), _child.run("probe", config, folder)
            )
        except FAILURES as error:
            raise PackageIncompatible(why=str(error)) from error
    compared = await asyncio.to_thread(compare, before["sdl"], after["sdl"], texts)
    return {"pending": after["pending"], "changes": compared.changes, "broken": compared.broken}


async def _undone(target: Target) -> list[str]:
    offers = await remains(target.label)
    with tempfile.TemporaryDirectory(prefix="tessera-plan-") as place:
        wheels = {each.sha256: await files.read(each.sha256) for each in offers}
        members = Target(target.wish, target.label, tuple(offers), (), 0).members
        folder = await asyncio.to_thread(_overlay.build, Path(place), members, wheels)
        steps: list[str] = (await _child.run("removal", in_use(), folder, label=target.label))["steps"]
        return steps


async def remains(label: str) -> list[Offer]:
    """Return the stored wheels by which a package's data can be reached, whether it runs or not.

    Raises `PackageNotInstalled` when it left none, `PackageIncompatible` when what it needs is lost.
    """
    row = await queries.named(label)
    if row.sha256 is None or row.filename is None:
        raise PackageNotInstalled(name=row.name)
    sets = await PackageSet.all().order_by("-revision").limit(queries.KEPT_SETS)
    known = {member.sha256: member for each in reversed(sets) for member in each.listed}
    try:
        own = await stored(row.filename, row.sha256)
        others = [await stored(each.filename, each.sha256) for each in known.values() if each.sha256 != own.sha256]
        return resolve([Requirement(own.pin)], others, _environment.base(in_use()), kept=[own])
    except FAILURES as error:
        raise PackageIncompatible(why=str(error)) from error


async def _shown(wish: Wish) -> Package:
    """Return the row of the package a wish is about, or one that is not written."""
    try:
        name = requirement(wish.requirement).name
    except Unresolvable:
        return unwritten(wish.requirement)
    found = await shelf()
    distribution = canonicalize_name(_distribution(name, found.offers))
    row = await Package.get_or_none(among("distribution", [distribution], longest=MAX_DISTRIBUTION))
    row = row or await Package.get_or_none(among("name", [name], longest=MAX_LABEL))
    if row is not None:
        return row
    offers = [each for each in found.offers if each.facts.name == distribution]
    return as_offered(max(offers, key=lambda each: each.version)) if offers else unwritten(name)
