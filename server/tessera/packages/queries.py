"""Reads of packages and sets."""

from collections.abc import Collection

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.packages.errors import PackageUnknown
from tessera.packages.models import Package, PackageSet, PackageState
from tessera.packages.permissions import MANAGE

INSTALLED = (PackageState.ENABLED, PackageState.DISABLED, PackageState.QUARANTINED)


def visible_to(actor: Actor) -> QuerySet[Package]:
    """Return the packages an actor sees: those that run; all, those on the shelf too, with `packages.manage`."""
    return Package.all() if actor.can(MANAGE.name) else Package.filter(state=PackageState.ENABLED)


def installed() -> QuerySet[Package]:
    """Return what is installed, running or not."""
    return Package.filter(state__in=INSTALLED)


async def search(actor: Actor, text: str | None = None) -> list[Package]:
    """Return the visible packages whose name, title or description contains the text, by name."""
    wanted = (text or "").strip().casefold()
    rows = await visible_to(actor).order_by("name")
    return [row for row in rows if wanted in f"{row.name} {row.distribution} {row.title} {row.description}".casefold()]


async def named(name: str) -> Package:
    """Return a package by its label or the name of its distribution.

    Raises `PackageUnknown`.
    """
    row = await Package.get_or_none(Q(name=name) | Q(distribution=name))
    if row is None:
        raise PackageUnknown(name=name, field=("name",))
    return row


async def wanted_set() -> PackageSet | None:
    """Return the set every server of the house should run; None when no package was ever installed."""
    return await PackageSet.all().order_by("-revision").first()


async def named_blobs(digests: Collection[str]) -> set[str]:
    """Return which of these contents are wheels that a package or the wanted set needs."""
    own = await Package.filter(sha256__in=list(digests)).values_list("sha256", flat=True)
    newest = await wanted_set()
    members = {member.sha256 for member in newest.listed} if newest else set()
    return {str(each) for each in own} | (members & set(digests))
