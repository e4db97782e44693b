"""Facts about packages."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class PackageChangeRequested(Event):
    """Somebody wants a package to come, change or go; `action` is a PackageAction in lower case."""

    name: ClassVar[str] = "package.change_requested"
    sentence: ClassVar[str] = "The package {package} should change ({action})."

    package: str
    action: str


@dataclass(frozen=True, kw_only=True)
class PackageInstalled(Event):
    """A package was installed and runs from this revision of the set on."""

    name: ClassVar[str] = "package.installed"
    sentence: ClassVar[str] = "The package {package} {release} was installed."

    package: str
    release: str
    sha256: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class PackageUpgraded(Event):
    """A package runs in another version from this revision of the set on."""

    name: ClassVar[str] = "package.upgraded"
    sentence: ClassVar[str] = "The package {package} was upgraded from {earlier} to {release}."

    package: str
    earlier: str
    release: str
    sha256: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class PackageEnabled(Event):
    """An installed package was switched on."""

    name: ClassVar[str] = "package.enabled"
    sentence: ClassVar[str] = "The package {package} was switched on."

    package: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class PackageDisabled(Event):
    """A package was switched off; it stays installed."""

    name: ClassVar[str] = "package.disabled"
    sentence: ClassVar[str] = "The package {package} was switched off."

    package: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class PackageUninstalled(Event):
    """A package was uninstalled; its data stays."""

    name: ClassVar[str] = "package.uninstalled"
    sentence: ClassVar[str] = "The package {package} {release} was uninstalled."

    package: str
    release: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class PackagePurged(Event):
    """A package's data was exported into a stored file, by its SHA-256, and its tables were dropped."""

    name: ClassVar[str] = "package.purged"
    sentence: ClassVar[str] = "The data of the package {package} was exported and removed."

    package: str
    export: str


@dataclass(frozen=True, kw_only=True)
class PackageQuarantined(Event):
    """A package broke; the house runs without it."""

    name: ClassVar[str] = "package.quarantined"
    sentence: ClassVar[str] = "The package {package} was put into quarantine: {why}"

    package: str
    why: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class PackageChangeRefused(Event):
    """A change of a package was refused before anything was touched."""

    name: ClassVar[str] = "package.change_refused"
    sentence: ClassVar[str] = "The package {package} was not changed ({action}): {why}"

    package: str
    action: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PackageVerified(Event):
    """Every file of a package was compared with its recorded hash; `differences` names those that differ."""

    name: ClassVar[str] = "package.verified"
    sentence: ClassVar[str] = "The files of the package {package} were compared."

    package: str
    differences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PackageOffered(Event):
    """A repository offers a package, or a newer version of it."""

    name: ClassVar[str] = "package.offered"
    sentence: ClassVar[str] = "The package {package} is available in version {release}."

    package: str
    release: str


@dataclass(frozen=True, kw_only=True)
class RepositoryRead(Event):
    """A repository's index is newer than all of it that were read before; older ones are refused from now on."""

    name: ClassVar[str] = "package.repository_read"
    sentence: ClassVar[str] = "The index of the repository {repository} that was made at {made_at} was read."

    repository: str
    made_at: str
