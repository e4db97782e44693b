"""What packages declare."""

from typing import Any

from tessera.files.hooks import BlobOwner
from tessera.packages import queries
from tessera.packages import settings as own
from tessera.packages._health import check
from tessera.packages.permissions import MANAGE
from tessera.plugin import Check, Permission, Setting, hookimpl


@hookimpl
def permissions() -> list[Permission]:
    return [MANAGE]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [own.REPOSITORIES, own.TRUSTED_KEYS, own.MAX_BYTES]


@hookimpl
def blob_owners() -> list[BlobOwner]:
    return [BlobOwner("packages", queries.named_blobs)]


@hookimpl
def checks() -> list[Check]:
    return [Check("packages", check)]
