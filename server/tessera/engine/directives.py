"""Schema directives: who owns a definition, what it costs, how often it may be used, which permission it needs."""

from collections.abc import Iterator

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[
        Location.OBJECT,
        Location.INTERFACE,
        Location.UNION,
        Location.ENUM,
        Location.INPUT_OBJECT,
        Location.SCALAR,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.ARGUMENT_DEFINITION,
    ],
    description="Which package contributed this; absent on kernel definitions. SDL only.",
)
class Package:
    """Marks a definition with the package it comes from."""

    name: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description=(
        "Worst-case cost of a field; multiplied by `first`/`last` (or by `assumed` without one). "
        "Default: 0 for leaf fields, 1 for objects."
    ),
)
class Cost:
    """Weighs a field for the guard."""

    weight: int
    assumed: int | None = strawberry.UNSET


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description=(
        "A root field that may be used only so often a minute: for each value of each thing in `by`, which is "
        "`caller` (the session or token, else the network address), `peer` (the network address) or an argument."
    ),
)
class Limited:
    """Gives a root field a bucket of its own; fields that name the same bucket share it."""

    bucket: str
    per_minute: int
    by: list[str]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Permission a caller needs, e.g. `queues.manage`.",
)
class Requires:
    """Names the permission a field needs; the engine enforces it."""

    permission: str


def declared(schema: GraphQLSchema) -> Iterator[tuple[str, str, object]]:
    """Yield the directives on fields, with the type's and the field's name; Strawberry keeps them beside the schema."""
    for type_ in schema.type_map.values():
        if not isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
            continue
        for name, field in type_.fields.items():
            own = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            for directive in own.directives if own is not None else ():
                yield type_.name, name, directive
