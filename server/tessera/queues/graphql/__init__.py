"""The API of queues, their addresses, texts and templates."""

from tessera.queues.graphql.mutations import QueueMutation
from tessera.queues.graphql.texts import QueueTextMutation
from tessera.queues.graphql.types import (
    AutoResponse,
    Queue,
    QueuePermissions,
    QueueQuery,
    Salutation,
    Signature,
    SystemAddress,
    Template,
    TemplateKind,
)

__all__ = [
    "AutoResponse",
    "Queue",
    "QueueMutation",
    "QueuePermissions",
    "QueueQuery",
    "QueueTextMutation",
    "Salutation",
    "Signature",
    "SystemAddress",
    "Template",
    "TemplateKind",
]
