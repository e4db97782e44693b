"""What packages declare."""

from datetime import timedelta
from typing import Any

from tessera.engine.roots import Mutation, Query
from tessera.files.hooks import BlobOwner
from tessera.packages import queries
from tessera.packages import settings as own
from tessera.packages._health import check
from tessera.packages.cli import app
from tessera.packages.graphql import PackageMutation, PackageQuery
from tessera.packages.jobs import change, refresh
from tessera.packages.permissions import MANAGE
from tessera.packages.service import CHANGE
from tessera.plugin import Check, Command, Extension, Job, Permission, Schedule, Setting, hookimpl


@hookimpl
def extensions() -> list[Extension]:
    return [Extension(Query, PackageQuery), Extension(Mutation, PackageMutation)]


@hookimpl
def permissions() -> list[Permission]:
    return [MANAGE]


@hookimpl
def commands() -> list[Command]:
    return [Command("package", app)]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [
        Job(CHANGE, change, in_unit=False),
        Job("packages.refresh", refresh, in_unit=False, attempts=1),
        Schedule("packages.refresh", every=timedelta(hours=1)),
    ]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [own.REPOSITORIES, own.TRUSTED_KEYS, own.MAX_BYTES]


@hookimpl
def blob_owners() -> list[BlobOwner]:
    return [BlobOwner("packages", queries.named_blobs)]


@hookimpl
def checks() -> list[Check]:
    return [Check("packages", check)]
