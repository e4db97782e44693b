"""Problems of packages."""

from tessera.kit.errors import Conflict, Invalid, NotFound, WrongState


class PackageUnknown(NotFound):
    """There is no package of this name; facts: `name`."""

    reason = "packages.unknown"
    sentence = "There is no package {name}."


class PackageIncompatible(Invalid):
    """The package cannot run here; facts: `why`, a sentence."""

    reason = "packages.incompatible"
    sentence = "This is not possible: {why}"


class RepositoryUnusable(Invalid):
    """A repository cannot be read or trusted; facts: `place`, `why`."""

    reason = "packages.repository_unusable"
    sentence = "The repository {place} cannot be used: {why}"


class PackageNotInstalled(WrongState):
    """Only what is installed can be changed; facts: `name`."""

    reason = "packages.not_installed"
    sentence = "The package {name} is not installed."


class PackageAlreadyThere(WrongState):
    """The package is as it should be already; facts: `name`, `state`."""

    reason = "packages.already"
    sentence = "The package {name} is already {state}."


class PackageNeeded(WrongState):
    """Other packages need it; facts: `name`, `others`."""

    reason = "packages.needed"
    sentence = "The package {name} is needed by {others}."


class PackageOfEnvironment(WrongState):
    """The package belongs to the server's environment and is changed there; facts: `name`."""

    reason = "packages.of_environment"
    sentence = "The package {name} is part of the server's environment and is not managed here."


class SetChanged(Conflict):
    """Somebody else changed the packages in the meantime."""

    reason = "packages.set_changed"
    sentence = "Somebody changed the packages in the meantime. Try again."


class PackageAltered(WrongState):
    """Files of a package are not those that were installed; facts: `name`, `files`."""

    reason = "packages.altered"
    sentence = "Files of the package {name} are not those that were installed: {files}."
