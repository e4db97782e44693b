"""Schema directives: who owns a definition, what it costs, which permission it needs."""

import strawberry
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
    description="Permission a caller needs, e.g. `queues.manage`.",
)
class Requires:
    """Names the permission a field needs; the engine enforces it."""

    permission: str
