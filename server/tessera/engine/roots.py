"""The root types every slice extends, and the plainest types they share."""

import asyncio
from enum import Enum

import strawberry

from tessera.engine.directives import Cost
from tessera.engine.nodes import Node, load_node
from tessera.kit.errors import Invalid

MAX_NODES = 100


@strawberry.type(description="Reads. Single objects are nullable: unknown and hidden look the same.")
class Query:
    """The root of reads."""

    @strawberry.field(description="Relay refetch.")
    async def node(self, info: strawberry.Info, id: strawberry.ID) -> Node | None:
        """Refetch one object."""
        return await load_node(info, id)

    @strawberry.field(
        description="Relay batch refetch, in order, nulls for what you cannot see; at most 100.",
        directives=[Cost(weight=1, assumed=100)],
    )
    async def nodes(self, info: strawberry.Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Refetch many objects."""
        if len(ids) > MAX_NODES:
            raise Invalid("At most {limit} ids at once.", limit=MAX_NODES, field=("ids",))
        return list(await asyncio.gather(*(load_node(info, id_) for id_ in ids)))


@strawberry.type(
    description=(
        "Writes: object first, then verb. One intent per mutation; `expectedVersion` turns on optimistic locking."
    )
)
class Mutation:
    """The root of writes."""


@strawberry.type(
    description=(
        "Streams. Each takes a cursor, replays what was missed, then goes live; "
        "rights are checked again for every event."
    )
)
class Subscription:
    """The root of streams."""


@strawberry.enum
class OrderDirection(Enum):
    """How a list is sorted."""

    ASC = strawberry.enum_value("asc", description="Smallest first; nulls last.")
    DESC = strawberry.enum_value("desc", description="Largest first; nulls last.")
