"""Tables of packages and of the sets they run in."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from tortoise import fields

from tessera.kit.clock import now
from tessera.kit.model import Row, Versioned

MAX_LABEL = 50
MAX_DISTRIBUTION = 100


class PackageState(StrEnum):
    """The closed set of states; an available package is in a repository, or was uninstalled and left its data."""

    AVAILABLE = "available"
    ENABLED = "enabled"
    DISABLED = "disabled"
    QUARANTINED = "quarantined"


class PackageAction(StrEnum):
    """The closed set of what can be done with a package."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    ENABLE = "enable"
    DISABLE = "disable"
    UNINSTALL = "uninstall"
    PURGE = "purge"


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A distribution of a set: its wheel by name and SHA-256; `label` is empty for a library packages need."""

    name: str
    version: str
    label: str
    filename: str
    sha256: str


class Package(Versioned):
    """A package by its label (`faq`), which stays when the package goes: its data may stay, too.

    `version` and `sha256` are of the wheel that is installed or left data behind, `source` is where it came from.
    Lists are JSON texts, told by the package when it was probed.
    """

    name = fields.CharField(max_length=MAX_LABEL, unique=True)
    distribution = fields.CharField(max_length=MAX_DISTRIBUTION)
    version_installed = fields.CharField(max_length=50, null=True)
    version_available = fields.CharField(max_length=50, null=True)
    title = fields.CharField(max_length=200)
    description = fields.TextField()
    vendor = fields.CharField(max_length=200, null=True)
    license = fields.CharField(max_length=200, null=True)
    homepage = fields.CharField(max_length=500, null=True)
    state = fields.CharEnumField(PackageState, max_length=16, description="PackageState")
    problem = fields.TextField(null=True)
    requires = fields.TextField()
    framework = fields.CharField(max_length=200)
    permissions = fields.TextField()
    tables = fields.TextField()
    settings = fields.TextField()
    verified = fields.BooleanField(null=True)
    sha256 = fields.CharField(max_length=64, null=True)
    filename = fields.CharField(max_length=255, null=True)
    source = fields.CharField(max_length=500, null=True)

    class Meta:
        """One row per label."""

        app = "tessera"
        table = "package"


class PackageSet(Row):
    """What runs: the newest revision is the set every server of the house should run.

    `digest` names the set's folder, and is empty for a set without packages. `members` is a JSON text.
    """

    revision = fields.IntField(unique=True)
    digest = fields.CharField(max_length=64)
    members = fields.TextField()
    reason = fields.CharField(max_length=500)
    actor_name = fields.CharField(max_length=200)
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """Never changed: going back is a new revision with an old digest."""

        app = "tessera"
        table = "package_set"

    @property
    def listed(self) -> tuple[Member, ...]:
        """The members, by name."""
        return tuple(Member(**each) for each in json.loads(self.members))


class PackageRunner(Row):
    """A server's process that runs a set and says so again and again; one that is silent for long is dead."""

    token = fields.CharField(max_length=32, unique=True)
    digest = fields.CharField(max_length=64)
    seen_at: datetime = fields.DatetimeField(default=now)

    class Meta:
        """Gone as soon as the process answers nobody any more."""

        app = "tessera"
        table = "package_runner"


def written(members: tuple[Member, ...]) -> str:
    """Return members as the text of the column."""
    return json.dumps([asdict(each) for each in sorted(members)], separators=(",", ":"))
