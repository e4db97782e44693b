"""What a supervisor tells a generation to be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """A generation's order.

    `work` is `serve`, `demo` or `work`; `folder` the set of packages, None for the one that ran last and empty for
    none. `insist` says to run it even if another one should be run; one that `follows` tells of those that should.
    The `first` generation furnishes the house and greets; one that is `alone` shares its database with no other.
    `sockets` are descriptors.
    """

    work: str
    data: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    sockets: tuple[int, ...] = ()
    folder: str | None = None
    insist: bool = True
    follows: bool = True
    first: bool = True
    alone: bool = True

    @property
    def address(self) -> str:
        """Where people find the API."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/graphql"
