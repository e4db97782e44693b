"""Facts about groups, roles and who holds what."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class GroupCreated(Event):
    """A group was created."""

    name: ClassVar[str] = "group.created"
    sentence: ClassVar[str] = "The group {label} was made."

    label: str


@dataclass(frozen=True, kw_only=True)
class GroupChanged(Event):
    """One field of a group changed; `before` and `after` are display text."""

    name: ClassVar[str] = "group.changed"
    sentence: ClassVar[str] = "{field} of the group changed from {before} to {after}."

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class RoleCreated(Event):
    """A role was created."""

    name: ClassVar[str] = "role.created"
    sentence: ClassVar[str] = "The role {label} was made."

    label: str


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Event):
    """One field of a role changed; permissions are told as a sorted, comma-separated list."""

    name: ClassVar[str] = "role.changed"
    sentence: ClassVar[str] = "{field} of the role changed from {before} to {after}."

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class RoleGranted(Event):
    """The agent that is the subject got a role."""

    name: ClassVar[str] = "agent.role_granted"
    sentence: ClassVar[str] = "The role {role} was granted."

    role: str
    role_id: int


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Event):
    """The agent that is the subject lost a role."""

    name: ClassVar[str] = "agent.role_revoked"
    sentence: ClassVar[str] = "The role {role} was taken away."

    role: str
    role_id: int


@dataclass(frozen=True, kw_only=True)
class RightsChanged(Event):
    """The role or agent that is the subject holds other rights on a group; told as comma-separated lists."""

    name: ClassVar[str] = "access.rights_changed"
    sentence: ClassVar[str] = "The rights on the group {group} changed from {before} to {after}."
    changed: ClassVar[str | None] = "rights"

    group: str
    group_id: int
    before: str
    after: str
