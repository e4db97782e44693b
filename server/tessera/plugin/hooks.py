"""Hooks: the eleven questions the house asks every slice, once per assembly."""

from tessera.plugin import hookspec
from tessera.plugin.declarations import (
    Check,
    Command,
    Daemon,
    Extension,
    Guard,
    Handler,
    Job,
    Permission,
    Route,
    Schedule,
    Setting,
)


class Hooks:
    """Every hook is synchronous, takes nothing and returns declarations."""

    @hookspec
    def extensions(self) -> list[Extension]:
        """Return the fields this slice adds to GraphQL types, root types included."""
        raise NotImplementedError

    @hookspec
    def handlers(self) -> list[Handler]:
        """Return what reacts to events after their commit."""
        raise NotImplementedError

    @hookspec
    def guards(self) -> list[Guard]:
        """Return what may refuse events before their commit."""
        raise NotImplementedError

    @hookspec
    def jobs(self) -> list[Job | Schedule]:
        """Return background work, and when it starts by itself."""
        raise NotImplementedError

    @hookspec
    def daemons(self) -> list[Daemon]:
        """Return what listens or watches as long as the house works."""
        raise NotImplementedError

    @hookspec
    def permissions(self) -> list[Permission]:
        """Return what roles may allow."""
        raise NotImplementedError

    @hookspec
    def settings(self) -> list[Setting[object]]:
        """Return what administrators may change."""
        raise NotImplementedError

    @hookspec
    def commands(self) -> list[Command]:
        """Return commands of `tessera`."""
        raise NotImplementedError

    @hookspec
    def routes(self) -> list[Route]:
        """Return HTTP routes beside `/graphql`."""
        raise NotImplementedError

    @hookspec
    def checks(self) -> list[Check]:
        """Return what says whether this slice is well, for `/health` and `tessera check`."""
        raise NotImplementedError

    @hookspec
    def hookspecs(self) -> list[type]:
        """Return classes of hook specifications by which this slice asks the others.

        Each hook in them is asked once per assembly; its answers are found in `Wiring.answers`.
        """
        raise NotImplementedError
