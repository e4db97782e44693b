"""Declarations: the frozen answers plugins give to the house's questions."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

from tessera.kit.events import Event

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Extension:
    """Fields to add to a GraphQL type, `Query`, `Mutation` and `Subscription` included.

    `fields` is a strawberry type whose fields are appended to `target`, which is never changed itself.
    """

    target: type
    fields: type


@dataclass(frozen=True, slots=True)
class Handler:
    """`async def run(unit, entry)`, called at least once after an event was committed.

    `name` is `<slice>.<verb>` and stable: it names the owed work in the database. `on` is the event's
    class; `Event` itself means every event. `when(event)` looks at the event before the commit, without any effect,
    and says whether there is work at all: whoever needs few of many events saves the others' jobs. Where the event
    alone does not tell, `async def concerns(unit, event)` asks the database, in the event's own transaction and by
    one quick statement.

    Without `in_unit` it is `async def run(work, entry)`, for more than one transaction should hold: like such a
    `Job` it opens units of its own and is repeated until it succeeds. It is work of whoever made the event happen,
    who can watch its progress.

    With `together` it is `async def run(unit, entries)`, for handlers that keep something as the facts say and record
    none: facts that wait at the same moment, a hundred at most, are given to it at once and in their order. They fail
    together too, and are tried again one by one.
    """

    name: str
    on: type[Event]
    run: Callable[..., Awaitable[None]]
    when: Callable[[Any], bool] | None = None
    concerns: Callable[..., Awaitable[bool]] | None = None
    in_unit: bool = True
    together: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """`async def run(unit, event)`, called before an event is written; it may raise a Problem.

    Fast and without network: the transaction is open.
    """

    on: type[Event]
    run: Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """Background work by name.

    With `in_unit`, `async def run(unit, **payload)` works in one transaction with its own completion
    (exactly once). Without, `async def run(work, **payload)` may wait for the outside (at least once).
    `attempts` is how often it is tried before it becomes a dead letter.
    """

    name: str
    run: Callable[..., Awaitable[object]]
    in_unit: bool = True
    attempts: int = 8


@dataclass(frozen=True, slots=True)
class Schedule:
    """A declared job that starts again and again, once per span over all processes."""

    job: str
    every: timedelta
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permission:
    """Something a role may allow: `<slice>.<verb>` and a sentence for administrators."""

    name: str
    sentence: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Setting(Generic[ValueT]):
    """What an administrator may change while the house runs.

    `kind` is the Python type of the value (bool, int, float, str, list, dict); `choices` closes the set;
    `minimum` and `maximum` bound numbers. `None` is allowed when it is the default.
    """

    name: str
    kind: type
    default: ValueT
    sentence: str
    choices: tuple[ValueT, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A typer application that becomes `tessera <name> …`."""

    name: str
    app: Any


@dataclass(frozen=True, slots=True)
class Health:
    """What a check found: whether all is well, facts for machines, and for people what is wrong and what to do."""

    ok: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """`async def run(wiring) -> Health`, asked by `GET /health` and `tessera check`; quick, without network."""

    name: str
    run: Callable[..., Awaitable[Health]]


@dataclass(frozen=True, slots=True)
class Daemon:
    """`async def run(units)`, kept running as long as a process that does background work; cancelled at its end.

    Several processes may run it at once. When it fails it is started again a little later.
    """

    name: str
    run: Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """An HTTP route: a method, a path and `async def endpoint(request) -> response` (starlette's).

    A package's paths begin with `/x/<label>/`.
    """

    method: str
    path: str
    endpoint: Callable[..., Awaitable[Any]]
