"""The compiler's part for a connection's own object: its edges, its page's facts, whatever its rows came from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from tessera.engine.plans.code import Block, Draft, RecordLevel
from tessera.engine.plans.leaves import Form
from tessera.engine.plans.selection import Declined

if TYPE_CHECKING:
    from tessera.engine.plans.compiler import Compiler, Sets


@dataclass(frozen=True)
class Names:
    """The variables of one listing: the rows, one row, the listing, the page request, the cursor's maker."""

    rows: str
    row: str
    alias: str
    listing: str
    request: str
    cursor: str
    keys: str
    """The constant that says at which column the cursor's keys begin."""

    spare: int
    """How many rows beyond a page are read, to tell whether there are more."""


@dataclass(frozen=True)
class Place:
    """Where a connection's rows are: the expression `found`, behind the clauses of `path`.

    `total` returns the expression of their number, without the limits of a page.
    """

    found: str
    path: str
    block: Block
    draft: Draft
    total: Callable[[], str]


class Pages:
    """Writes connections for a compiler."""

    def __init__(self, compiler: "Compiler") -> None:
        self._compiler = compiler

    def page(self, place: Place, names: Names, definition: GraphQLField, nodes: list[FieldNode]) -> str:
        """Return the expression of a connection."""
        type_ = cast("GraphQLObjectType", get_named_type(definition.type))
        sets = [node.selection_set for node in nodes]
        shown = f"shown({place.found}, {names.request})"
        node_type = cast("GraphQLObjectType", get_named_type(type_.fields["nodes"].type))
        level = self.record(f"{place.path} for {names.row} in {shown}", place.block, names, place.draft, node_type)
        cursor = names.cursor if "cursor" in self.wanted(definition, nodes) else None
        self._compiler.names.tied[names.cursor] = f"shape({names.listing})"
        parts = []
        for key, selected in self._compiler.selections.fields(type_, sets).items():
            inner = [node.selection_set for node in selected]
            match selected[0].name.value:
                case "nodes":
                    value = f"[{self._compiler.whole(level, node_type, inner)} for {names.row} in {shown}]"
                case "edges":
                    value = f"[{self._edge(type_, level, names, inner)} for {names.row} in {shown}]"
                case "pageInfo":
                    told = self._page_info(type_, inner)
                    end = f"of_text({cursor})" if cursor and place.draft.whole else cursor
                    value = f"page_info({told}, {place.found}, {names.request}, {end})"
                case "totalCount":
                    value = place.total()
                case "__typename":
                    value = repr(type_.name)
                case other:
                    raise Declined(f"{type_.name}.{other}")
            parts.append(f"{key!r}: {value}")
        return "{" + ", ".join(parts) + "}"

    def _edge(self, connection: GraphQLObjectType, level: RecordLevel, names: Names, sets: "Sets") -> str:
        type_ = cast("GraphQLObjectType", get_named_type(connection.fields["edges"].type))
        node_type = cast("GraphQLObjectType", get_named_type(type_.fields["node"].type))
        parts = []
        for key, nodes in self._compiler.selections.fields(type_, sets).items():
            match nodes[0].name.value:
                case "cursor":
                    value = f"{names.cursor}({names.row})"
                case "node":
                    value = self._compiler.selection(level, node_type, [node.selection_set for node in nodes])
                case "__typename":
                    value = repr(type_.name)
                case other:
                    raise Declined(f"{type_.name}.{other}")
            parts.append(f"{key!r}: {value}")
        return self._compiler.remembered(level, type_, "{" + ", ".join(parts) + "}")

    def _page_info(self, connection: GraphQLObjectType, sets: "Sets") -> str:
        type_ = cast("GraphQLObjectType", get_named_type(connection.fields["pageInfo"].type))
        fields = self._compiler.selections.fields(type_, sets)
        return self._compiler.names.constant("I", tuple((key, nodes[0].name.value) for key, nodes in fields.items()))

    def wanted(self, definition: GraphQLField, nodes: list[FieldNode]) -> set[str]:
        """Name what is selected of a connection: its fields, `cursor` when a cursor is made, `more` when it matters."""
        selections = self._compiler.selections
        type_ = cast("GraphQLObjectType", get_named_type(definition.type))
        wanted: set[str] = set()
        for selected in selections.fields(type_, [node.selection_set for node in nodes]).values():
            name = selected[0].name.value
            wanted.add(name)
            if name not in {"edges", "pageInfo"}:
                continue
            inner = cast("GraphQLObjectType", get_named_type(type_.fields[name].type))
            for each in selections.fields(inner, [node.selection_set for node in selected]).values():
                if each[0].name.value in {"cursor", "startCursor", "endCursor"}:
                    wanted.add("cursor")
                elif each[0].name.value in {"hasNextPage", "hasPreviousPage"}:
                    wanted.add("more")
        return wanted

    def record(self, path: str, block: Block, names: Names, draft: Draft, type_: GraphQLObjectType) -> RecordLevel:
        spec = self._compiler.spec(type_)
        form: Form = "json" if draft.packed else self._compiler.setting.dialect
        return RecordLevel(path, block, names.row, draft, names.alias, spec.model, form)
