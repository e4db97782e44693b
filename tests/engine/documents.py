"""Documents over a schema: every field, argument and directive, merged and spread in every way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from hypothesis import strategies as st

from tests.engine.values import Draw, Name, Values, literal
from tests.engine.world import World

DEPTH = 5
"""How deep objects are nested; a connection costs two levels."""

ALONE = frozenset({"node", "nodes", "rateLimit", "serverInfo", "ticketChanges"})
"""Root fields that only their resolvers know."""


CONDITION: GraphQLNonNull[Any] = GraphQLNonNull(GraphQLBoolean)


@dataclass(frozen=True)
class Asked:
    """One request: who asks, with which variables."""

    viewer: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A document, the operation to run, and who runs it."""

    document: str
    operation: str | None
    asked: Sequence[Asked]
    compilable: bool
    """Whether nothing is selected that only a resolver knows, and no value is wrong."""

    def __repr__(self) -> str:
        requests = "\n".join(f"{each.viewer}: {dict(each.variables)!r}" for each in self.asked)
        return f"\n{self.document}\noperation {self.operation}\n{requests}\n"


@dataclass
class Writer:
    """Writes one operation with its fragments."""

    schema: GraphQLSchema
    world: World
    values: Values
    prefix: str
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The text of each fragment, and the type it stands on."""
    compilable: bool = True
    _names: int = 0
    _bare: dict[str, str] = field(default_factory=dict)
    """How a field is called with arguments where it has no alias: the same everywhere, or they would not merge."""

    def operation(self, name: str | None) -> str:
        """Return the text of the operation and its fragments."""
        query = self.schema.query_type
        assert query is not None
        selected = self.selection(query, DEPTH)
        declared = ", ".join(
            f"${each.name}: {each.type}" + ("" if each.default is None else f" = {each.default}")
            for each in self.values.variables
        )
        head = f"query {name or ''}({declared})" if declared else f"query {name or ''}"
        fragments = "".join(f"\nfragment {key} on {on} {text}" for key, (text, on) in self.fragments.items())
        return f"{head} {selected}{fragments}"

    def selection(self, type_: GraphQLObjectType, depth: int) -> str:
        """Return a selection set on an object."""
        count = self.values.draw(st.integers(1, 3 if depth < DEPTH else 2))
        parts = [self._part(type_, depth) for _ in range(count)]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: GraphQLObjectType, depth: int) -> str:
        """Return a field or a fragment."""
        if not self.values.chance(6):
            return self._field(type_, depth)
        known = [key for key, (_, on) in self.fragments.items() if on in self._names_of(type_)]
        way = self.values.any(("plain", "typed", "named", "known" if known else "named", "interface"))
        decided = self._directives()
        if way == "known":
            return f"...{self.values.any(known)}{decided}"
        if way == "interface" and "Node" in self._names_of(type_):
            return f"... on Node{decided} {{ id __typename ... on {type_.name} {self.selection(type_, depth)} }}"
        inner = self.selection(type_, depth)
        if way == "plain":
            return f"...{decided} {inner}"
        if way == "typed":
            return f"... on {type_.name}{decided} {inner}"
        self._names += 1
        key = f"{self.prefix.upper()}{self._names}"
        self.fragments[key] = (inner, type_.name)
        return f"...{key}{decided}"

    def _names_of(self, type_: GraphQLObjectType) -> set[str]:
        return {type_.name, *(each.name for each in type_.interfaces)}

    def _field(self, type_: GraphQLObjectType, depth: int) -> str:
        fields = {name: each for name, each in type_.fields.items() if depth > 0 or _is_leaf(each)}
        if not fields or self.values.chance(10):
            return self._called("", "__typename", "")
        name = self.values.any(self._offered(type_, fields))
        definition = fields[name]
        if type_ is self.schema.query_type and name in ALONE:
            self.compilable = False
        arguments = self._arguments(type_, definition, name, depth)
        below = "" if _is_leaf(definition) else f" {self._below(definition, depth)}"
        called = self._called(arguments, name, self._directives()) + below
        if below and self._bare.get(name) == arguments == "" and self.values.chance(4):
            return f"{called} {name} {self._below(definition, depth)}"
        return called

    def _offered(self, type_: GraphQLObjectType, fields: Mapping[str, GraphQLField]) -> list[str]:
        """Name the fields to choose from; at the root, tickets come more often, and what does not compile less."""
        if type_ is not self.schema.query_type:
            return list(fields)
        usual = [name for name in fields if name not in ALONE]
        if self.values.chance(25):
            return sorted(ALONE.intersection(fields))
        return [*usual, *(["tickets", "ticket"] * 5), "queues", "queues", "viewer"]

    def _called(self, arguments: str, name: str, decided: str) -> str:
        """Return a field's name as it stands in the document: with an alias where arguments could differ."""
        aliased = self.values.chance(3 if arguments else 10)
        if not aliased and self._bare.setdefault(name, arguments) == arguments:
            return f"{name}{arguments}{decided}"
        self._names += 1
        return f"{self.prefix}{self._names}: {name}{arguments}{decided}"

    def _below(self, definition: GraphQLField, depth: int) -> str:
        inner = get_named_type(definition.type)
        if isinstance(inner, GraphQLObjectType):
            return self.selection(inner, depth - 1)
        assert is_abstract_type(inner)
        possible = self.values.any(self.schema.get_possible_types(inner))
        return f"{{ id __typename ... on {possible.name} {self.selection(possible, depth - 1)} }}"

    def _directives(self) -> str:
        if not self.values.chance(10):
            return ""
        names = self.values.any((("skip",), ("include",), ("skip", "include")))
        decided = [literal(self.values.argument(CONDITION, "if", [], has_default=False)) for _ in names]
        return "".join(f" @{name}(if: {value})" for name, value in zip(names, decided, strict=True))

    # -- arguments --------------------------------------------------------------------------------------------------

    def _arguments(self, type_: GraphQLObjectType, definition: GraphQLField, name: str, depth: int) -> str:
        kind, given = get_named_type(definition.type).name, {}
        pages = "first" in definition.args
        sorts = "orderBy" in definition.args and get_named_type(definition.args["orderBy"].type).name == "TicketOrder"
        order = self.values.any(ORDERS) if sorts and self.values.chance(3) else None
        for argument, declared in definition.args.items():
            required = str(declared.type).endswith("!") and not _has_default(declared)
            if argument == "orderBy":
                continue
            if required or self._wanted(argument, pages=pages, depth=depth):
                hint = kind if argument == "id" else argument
                cursors = self.world.cursors.get((type_.name, name, *(order or ())), [])
                given[argument] = self.values.argument(declared.type, hint, cursors, has_default=_has_default(declared))
        if order is not None:
            given["orderBy"] = [_order_value(each) for each in order]
        if not given:
            return ""
        names = self.values.draw(st.permutations(sorted(given))) if len(given) > 1 else sorted(given)
        return "(" + ", ".join(f"{each}: {literal(given[each])}" for each in names) + ")"

    def _wanted(self, argument: str, *, pages: bool, depth: int) -> bool:
        if argument == "first" and pages:
            return not self.values.chance(12 if depth < DEPTH - 1 else 3)
        return self.values.chance({"after": 4, "before": 6, "last": 6}.get(argument, 2))


ORDERS: tuple[tuple[str, ...], ...] = (
    ("-CREATED_AT",),
    ("TITLE",),
    ("NUMBER",),
    ("-NUMBER",),
    ("-PRIORITY", "UPDATED_AT"),
    ("PENDING_UNTIL",),
    ("-PENDING_UNTIL", "TITLE"),
    ("TITLE", "-TITLE"),
    (),
)


def _order_value(order: str) -> dict[str, Any]:
    if order.startswith("-"):
        return {"field": Name(order[1:]), "direction": Name("DESC")}
    return {"field": Name(order)}


def order_literal(order: Sequence[str]) -> str:
    """Write an order as the argument's literal."""
    return literal([_order_value(each) for each in order])


@st.composite
def cases(draw: Draw, schema: GraphQLSchema, world: World) -> Case:
    """Draw a document with one or two operations, and one to three requests for one of them."""
    writers = [Writer(schema, world, Values(draw, world, prefix), prefix) for prefix in ("a", "b")]
    alone = draw(st.integers(0, 6)) != 6
    if alone:
        writers = writers[:1]
    named = not alone or draw(st.booleans())
    texts = [writer.operation(writer.prefix.upper() if named else None) for writer in writers]
    chosen = writers[-1] if len(writers) > 1 else writers[0]
    asked = []
    for _ in range(draw(st.integers(1, 3))):
        given = {each.name: each.given() for each in chosen.values.variables}
        viewer = chosen.values.any(VIEWERS)
        asked.append(Asked(viewer, {name: value for name, value in given.items() if value is not ...}))
    operation = chosen.prefix.upper() if named and (not alone or draw(st.booleans())) else None
    return Case("\n".join(texts), operation, asked, chosen.compilable and chosen.values.fit)


VIEWERS = (
    "administrator",
    "restricted",
    "administrator",
    "customer",
    "sharing customer",
    "restricted",
    "stranger",
    "powerless",
    "administrator",
    "anonymous",
)


def _is_leaf(definition: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(definition.type))


def _has_default(declared: GraphQLArgument) -> bool:
    return declared.default_value is not Undefined or declared.default is not None
