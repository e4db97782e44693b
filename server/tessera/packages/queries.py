"""Reads of packages and sets."""

import hashlib
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from packaging.utils import canonicalize_name
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.kit.clock import now
from tessera.kit.ids import ObjectRef
from tessera.kit.journal import Entry
from tessera.kit.model import among
from tessera.kit.wiring import Wiring
from tessera.packages import _environment
from tessera.packages._environment import ENVIRONMENT
from tessera.packages.errors import PackageUnknown
from tessera.packages.events import (
    PackageDisabled,
    PackageEnabled,
    PackageInstalled,
    PackageUninstalled,
    PackageUpgraded,
    RepositoryRead,
)
from tessera.packages.models import MAX_DISTRIBUTION, MAX_LABEL, Package, PackageRunner, PackageSet, PackageState
from tessera.packages.permissions import MANAGE

SETTLED = tuple(
    each.name for each in (PackageInstalled, PackageUpgraded, PackageEnabled, PackageDisabled, PackageUninstalled)
)
INSTALLED = (PackageState.ENABLED, PackageState.DISABLED, PackageState.QUARANTINED)


RUNNER_LIVES = timedelta(seconds=20)
"""How long a server's process that says nothing of itself counts as alive."""

KEPT_SETS = 20
"""The wheels of so many sets are kept: a package that is switched on again needs its libraries, too."""


def visible_to(actor: Actor) -> QuerySet[Package]:
    """Return the packages an actor sees: those that run; all, those on the shelf too, with `packages.manage`."""
    return Package.all() if actor.can(MANAGE.name) else Package.filter(state=PackageState.ENABLED)


def installed() -> QuerySet[Package]:
    """Return what is installed, running or not."""
    return Package.filter(state__in=INSTALLED)


async def search(actor: Actor, text: str | None, wiring: Wiring) -> list[Package]:
    """Return the visible packages whose name, title or description contains the text, by name.

    Those of the server's environment are among them, though they have no rows.
    """
    wanted = (text or "").strip().casefold()
    of_use = ~Q(state=PackageState.AVAILABLE) | Q(sha256__isnull=False) | Q(version_available__isnull=False)
    rows = await visible_to(actor).filter(of_use)
    found = [*rows, *_environment.rows(wiring)]
    return sorted(
        (row for row in found if wanted in f"{row.name} {row.distribution} {row.title} {row.description}".casefold()),
        key=lambda row: row.name,
    )


async def running(actor: Actor, wiring: Wiring) -> list[Package]:
    """Return the packages that run, by name; those of the server's environment are among them."""
    return [row for row in await search(actor, None, wiring) if row.state is PackageState.ENABLED]


async def find(actor: Actor, requirement: str) -> Package | None:
    """Return the visible package a requirement names, by its label or its distribution."""
    name = re.split(r"[^A-Za-z0-9_.-]", requirement.strip(), maxsplit=1)[0]
    return await visible_to(actor).get_or_none(_called(name))


async def named(name: str) -> Package:
    """Return a package by its label or the name of its distribution.

    Raises `PackageUnknown`.
    """
    row = await Package.get_or_none(_called(name))
    if row is None:
        raise PackageUnknown(name=name, field=("name",))
    return row


def _called(name: str) -> Q:
    distribution = among("distribution", [canonicalize_name(name)], longest=MAX_DISTRIBUTION)
    return among("name", [name], longest=MAX_LABEL) | distribution


async def wanted_set() -> PackageSet | None:
    """Return the set every server of the house should run; None when no package was ever installed."""
    return await PackageSet.all().order_by("-revision").first()


async def runners(label: str) -> int:
    """Return how many living processes of servers run a set with a package; a set that nobody knows may have it."""
    rows = PackageRunner.filter(seen_at__gt=now() - RUNNER_LIVES).exclude(digest="")
    alive = [str(each) for each in await rows.values_list("digest", flat=True)]
    known = {each.digest: each for each in await PackageSet.filter(digest__in=alive)}
    return sum(digest not in known or any(member.label == label for member in known[digest].listed) for digest in alive)


async def was_settled(cause_id: int | None) -> bool:
    """Tell whether the wish that an entry noted was fulfilled already."""
    return cause_id is not None and await Entry.filter(cause_id=cause_id, name__in=SETTLED).exists()


def repository(place: str) -> ObjectRef:
    """Return how the journal refers to a repository, which has no row."""
    return ObjectRef("package_repository", int.from_bytes(hashlib.sha256(place.encode()).digest()[:7], "big"))


async def newest_read(place: str) -> datetime | None:
    """Return when the newest index of a repository was made that was ever read here."""
    subject = repository(place)
    about = Entry.filter(subject_kind=subject.kind, subject_id=subject.id, name=RepositoryRead.name)
    entry = await about.order_by("-id").first()
    return None if entry is None else datetime.fromisoformat(str(entry.facts["made_at"]))


async def named_blobs(digests: Collection[str]) -> set[str]:
    """Return which of these contents are wheels that a package or one of the newest sets needs."""
    own = await Package.filter(sha256__in=list(digests)).values_list("sha256", flat=True)
    newest = await PackageSet.all().order_by("-revision").limit(KEPT_SETS)
    members = {member.sha256 for each in newest for member in each.listed}
    return {str(each) for each in own} | (members & set(digests))


__all__ = [
    "ENVIRONMENT",
    "INSTALLED",
    "KEPT_SETS",
    "RUNNER_LIVES",
    "find",
    "installed",
    "named",
    "named_blobs",
    "newest_read",
    "repository",
    "runners",
    "running",
    "search",
    "visible_to",
    "wanted_set",
    "was_settled",
]
