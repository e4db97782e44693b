"""What the queues declare."""

from tessera.engine.roots import Mutation, Query
from tessera.plugin import Extension, Permission, hookimpl
from tessera.queues import permissions as own
from tessera.queues.graphql import QueueMutation, QueueQuery, QueueTextMutation


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, QueueQuery),
        Extension(Mutation, QueueMutation),
        Extension(Mutation, QueueTextMutation),
    ]


@hookimpl
def permissions() -> list[Permission]:
    return [own.MANAGE]
