"""The API of groups, roles and grants, and of agents with theirs."""

from tessera.access.graphql.agents import AgentMutation, AgentPayload
from tessera.access.graphql.mutations import AccessMutation
from tessera.access.graphql.types import AccessQuery, AgentAccess, Group, GroupGrant, QueueRight, Role

__all__ = [
    "AccessMutation",
    "AccessQuery",
    "AgentAccess",
    "AgentMutation",
    "AgentPayload",
    "Group",
    "GroupGrant",
    "QueueRight",
    "Role",
]
