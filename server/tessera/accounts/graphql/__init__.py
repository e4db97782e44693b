"""The API of agents, customer users, customers, sessions and tokens."""

from tessera.accounts.graphql.mutations import AccountMutation, hash_given_password
from tessera.accounts.graphql.sessions import AcknowledgePayload, SessionMutation
from tessera.accounts.graphql.types import (
    AccountQuery,
    ActorType,
    Agent,
    ApiToken,
    Customer,
    CustomerUser,
    Viewer,
    actor_of,
)

__all__ = [
    "AccountMutation",
    "AccountQuery",
    "AcknowledgePayload",
    "ActorType",
    "Agent",
    "ApiToken",
    "Customer",
    "CustomerUser",
    "SessionMutation",
    "Viewer",
    "actor_of",
    "hash_given_password",
]
