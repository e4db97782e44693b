"""Who acts, and with which rights."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tessera.kit.errors import Forbidden


class ActorKind(StrEnum):
    """The closed set of those who act."""

    AGENT = "agent"
    CUSTOMER_USER = "customer_user"
    SYSTEM = "system"


RIGHTS = ("ro", "move_into", "create", "note", "owner", "priority", "rw")
"""The rights on a group, in OTRS's words; `rw` implies the others."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An agent, a customer user or the system, with everything that decides what it may do.

    `permissions` are names such as `queues.manage`; `grants` maps a group's id to the rights held
    there; `customer_id` is a customer user's company when they may see its tickets too.
    `scopes` limits an API token to some permissions; None is no limit. `queues` tells the group of every queue in
    those groups, if that was read together with the rights. `memory` keeps what was worked out from the rights, for
    as long as this actor is used.
    """

    kind: ActorKind
    id: int | None
    name: str
    login: str = ""
    permissions: frozenset[str] = frozenset()
    grants: Mapping[int, frozenset[str]] = field(default_factory=dict)
    customer_id: int | None = None
    locale: str = "en"
    timezone: str = "UTC"
    scopes: frozenset[str] | None = None
    queues: Mapping[int, int] | None = None
    memory: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_agent(self) -> bool:
        """Whether this is an agent."""
        return self.kind is ActorKind.AGENT

    @property
    def is_customer_user(self) -> bool:
        """Whether this is a customer user."""
        return self.kind is ActorKind.CUSTOMER_USER

    @property
    def is_system(self) -> bool:
        """Whether this is the server itself, which may do everything."""
        return self.kind is ActorKind.SYSTEM

    @property
    def agent_id(self) -> int | None:
        """The agent's id, None for everybody else."""
        return self.id if self.is_agent else None

    @property
    def customer_user_id(self) -> int | None:
        """The customer user's id, None for everybody else."""
        return self.id if self.is_customer_user else None

    def can(self, permission: str) -> bool:
        """Tell whether the actor holds a permission such as `queues.manage`."""
        if self.is_system:
            return True
        return permission in self.permissions and (self.scopes is None or permission in self.scopes)

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the actor holds a permission."""
        if not self.can(permission):
            raise Forbidden("This needs the permission {permission}.", permission=permission)

    def has_right(self, right: str, group_id: int) -> bool:
        """Tell whether the actor holds a right on a group; `rw` implies every right."""
        if self.is_system:
            return True
        rights = self.grants.get(group_id, frozenset())
        return right in rights or "rw" in rights

    def groups_with(self, right: str) -> tuple[int, ...]:
        """Return the ids, ascending, of the groups on which the actor holds a right."""
        return tuple(sorted(group_id for group_id in self.grants if self.has_right(right, group_id)))

    def queues_with(self, right: str) -> tuple[int, ...] | None:
        """Return the ids, ascending, of the queues on whose group the actor holds a right; None: that was not read."""
        if self.queues is None:
            return None
        groups = frozenset(self.groups_with(right))
        return tuple(sorted(queue_id for queue_id, group_id in self.queues.items() if group_id in groups))


SYSTEM = Actor(kind=ActorKind.SYSTEM, id=None, name="Tessera")
"""The server itself: jobs, the postmaster and commands act as it."""
