"""Values for the arguments of a schema, right and wrong, as literals and as variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
)
from hypothesis import strategies as st
from strawberry.schema.schema_converter import GraphQLCoreConverter

from tests.engine.world import WORDS, World

Draw = Callable[[st.SearchStrategy[Any]], Any]

NESTING = {"anyOf", "not"}
"""Fields of a filter that hold filters, which hold none themselves."""

REFERENCES = {
    "owner": "Agent",
    "responsible": "Agent",
    "state": "TicketState",
    "priority": "TicketPriority",
    "type": "TicketType",
    "ids": "Ticket",
}
"""What a name of an argument or an input field refers to, where it is not the type's own name."""

MALFORMED = (
    "",
    "nonsense",
    "VGlja2V0OnNlZ28",
    "VGlja2V0OjA",
    "Ticket:1",
    "VGlja2V0Ojk5OTk5OTk5OTk5OTk5OTk5OTk5OTk",
    "=",
)
SIZES = (1, 2, 3, 5)
WRONG_SIZES = (0, 100, 101, -1, 2_147_483_647)
INSTANTS = ("2020-01-01T00:00:00Z", "2026-06-01T12:30:00.5+02:00", "2999-12-31T23:59:59.999999Z")
WRONG_INSTANTS = ("yesterday", "2026-02-30T00:00:00Z", "2026-01-01")
MISFITS: tuple[Any, ...] = (True, 7, 1.5, "odd", [], ["odd"], {"odd": 1}, 2**40)
TEXTS = ("demo", "tag 1", "pr", "p", "%", "_", "", "printer 0", "schloss", "TÜR", "\\", "'", "normal", "ticket.created")
MARKS = ("", "p", "_")
CURSORS = ("nonsense", "", "WzEsIi1jcmVhdGVkX2F0LC1pZCIsW11d")
SCALARS: Mapping[str, tuple[Sequence[Any], Sequence[Any]]] = {
    "Int": (SIZES, WRONG_SIZES),
    "Boolean": ((False, True), TEXTS),
    "DateTime": (INSTANTS, WRONG_INSTANTS),
}
"""Right and wrong values; texts are never wrong."""

ONE_IN = 20
"""How often something is wrong on purpose."""


class Name(str):
    """A value of an enum, which stands bare in a literal."""

    __slots__ = ()


class Use(str):
    """A variable within a literal."""

    __slots__ = ()


@dataclass
class Variable:
    """A declared variable; `given` draws what a request gives it."""

    name: str
    type: str
    default: str | None
    given: Callable[[], Any]


@dataclass
class Values:
    """Draws arguments of one operation and keeps the variables they use.

    `place` names the listed type and is where its cursors are found.
    """

    draw: Draw
    world: World
    prefix: str
    variables: list[Variable] = field(default_factory=list)
    fit: bool = True
    """Whether no value so far is refused by a resolver or by the schema, wherever it comes to stand."""

    def unfit(self) -> bool:
        """Decide whether the next value is wrong on purpose."""
        if self.chance(ONE_IN):
            self.fit = False
            return True
        return False

    def chance(self, one_in: int) -> bool:
        """Say yes one time in some; shrinks to no."""
        return bool(self.draw(st.integers(0, one_in - 1)) == one_in - 1)

    def any(self, values: Any) -> Any:
        """Draw one of some values; shrinks to the first."""
        return self.draw(st.sampled_from(list(values)))

    def argument(self, type_: GraphQLInputType, hint: str, cursors: list[str], *, has_default: bool) -> Any:
        """Draw the literal of an argument: a value, or a variable."""
        if self.chance(3):
            return self.variable(type_, hint, cursors, has_default=has_default)
        return self.value(type_, hint, cursors)

    def variable(self, type_: GraphQLInputType, hint: str, cursors: list[str], *, has_default: bool = False) -> Use:
        """Declare a variable that may stand where a type is expected."""
        name = f"{self.prefix}{len(self.variables)}"
        required = isinstance(type_, GraphQLNonNull)
        inner: Any = get_nullable_type(type_)
        declared, default = str(inner), None
        if self.chance(4):
            default = literal(self.value(GraphQLNonNull(inner), hint, cursors, plain=True, right=True))
        elif (required and not has_default) or self.chance(3):
            declared += "!"
        nullable = not declared.endswith("!") and not (required and default is None and not has_default)

        def given() -> Any:
            if (nullable or default is not None) and self.chance(4):
                return ...
            if nullable and self.chance(5):
                self.fit = self.fit and not required
                return None
            if self.chance(3) and self.unfit():
                return self.any(MISFITS)
            return self.value(GraphQLNonNull(inner), hint, cursors, plain=True)

        self.variables.append(Variable(name, declared, default, given))
        return Use(name)

    def value(
        self, type_: GraphQLInputType, hint: str, cursors: list[str], *, plain: bool = False, right: bool = False
    ) -> Any:
        """Draw a value of a type; `plain` has no variables within, `right` is as the schema says."""
        if not isinstance(type_, GraphQLNonNull) and self.chance(ONE_IN):
            return None
        inner: Any = get_nullable_type(type_)
        if isinstance(inner, GraphQLList):
            return self._list(inner, hint, plain=plain, right=right)
        if isinstance(inner, GraphQLEnumType):
            return Name(self.any(inner.values))
        if isinstance(inner, GraphQLInputObjectType):
            return self._object(inner, plain=plain, right=right, nested=hint in NESTING)
        return self._scalar(inner.name, hint, cursors, right=right)

    def _list(self, type_: GraphQLList[Any], hint: str, *, plain: bool, right: bool) -> Any:
        if self.chance(8):
            return self.value(type_.of_type, hint, [], plain=plain, right=right)
        count = self.draw(st.integers(0, 3))
        return [self._within(type_.of_type, hint, plain=plain, right=right) for _ in range(count)]

    def _within(self, type_: GraphQLInputType, hint: str, *, plain: bool, right: bool) -> Any:
        if not plain and self.chance(6):
            return self.variable(type_, hint, [])
        return self.value(type_, hint, [], plain=plain, right=right)

    def _object(self, type_: GraphQLInputObjectType, *, plain: bool, right: bool, nested: bool) -> dict[str, Any]:
        if type_.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].is_one_of:  # graphql-core is not told
            name = self.any(type_.fields)
            member = GraphQLNonNull(get_nullable_type(type_.fields[name].type))
            return {name: self._within(member, name, plain=plain, right=right)}
        count = self.draw(st.integers(0, 2))
        names = {name for name, each in type_.fields.items() if _required(each)}
        names |= {self.any(type_.fields) for _ in range(count)}
        found = {}
        for name in sorted(names):
            declared = type_.fields[name]
            if get_named_type(declared.type) is type_ and (not self.unfit() if nested else self.chance(2)):
                continue
            hint = "" if name in {"in", "notIn"} else name
            inner = get_named_type(declared.type)
            if inner.name == "IDFilter":
                found[name] = self._references(name, right=right)
            else:
                found[name] = self._within(declared.type, hint, plain=plain, right=right)
        return found

    def _references(self, name: str, *, right: bool) -> dict[str, Any]:
        kind = any_kind(name, self.world.ids)
        found: dict[str, Any] = {}
        for key in ("in", "notIn"):
            if self.chance(2):
                count = self.draw(st.integers(0, 3))
                found[key] = [self._id(kind, right=right) for _ in range(count)]
        if self.chance(4):
            found["isNull"] = self.any((True, False, None))
        return found

    def _id(self, kind: str, *, right: bool) -> str:
        known = self.world.ids.get(kind) or ["VGlja2V0OjE"]
        if not right and self.chance(ONE_IN):
            return str(self.any(MALFORMED))
        if self.chance(ONE_IN):
            return str(self.any(self.world.ids[self.any(sorted(self.world.ids))] or known))
        return str(self.any(known))

    def _scalar(self, name: str, hint: str, cursors: list[str], *, right: bool) -> Any:
        if name == "ID":
            return self._id(any_kind(hint, self.world.ids), right=right)
        if hint in {"after", "before"}:
            self.fit = self.fit and bool(cursors)
            kinds: tuple[Sequence[Any], Sequence[Any]] = cursors or CURSORS, CURSORS
        elif hint == "contains":
            kinds = (*WORDS, "pr", "under_", "0%"), MARKS
        elif hint == "number":
            kinds = self.world.numbers, TEXTS
        else:
            kinds = SCALARS.get(name, ((*TEXTS, *WORDS), TEXTS))
        return self.any(kinds[1] if not right and kinds[1] is not TEXTS and self.unfit() else kinds[0])


def any_kind(hint: str, ids: Mapping[str, list[str]]) -> str:
    """Return the type that an argument's name refers to; a ticket if nothing better is known."""
    name = hint.removesuffix("Id")
    kind = REFERENCES.get(name, name[:1].upper() + name[1:])
    return kind if kind in ids else "Ticket"


def literal(value: Any) -> str:
    """Write a value as GraphQL does."""
    if value is None:
        return "null"
    if isinstance(value, Use):
        return f"${value}"
    if isinstance(value, str) and not isinstance(value, Name):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(literal(each) for each in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(each)}" for name, each in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def quoted(text: str) -> str:
    """Write a string; what is no plain character is escaped."""
    escaped = [char if char.isalnum() or char in " .,:;%_'-+=@" else f"\\u{ord(char):04x}" for char in text]
    return '"' + "".join(escaped) + '"'


def _required(declared: GraphQLInputField) -> bool:
    return isinstance(declared.type, GraphQLNonNull) and declared.default_value is None
