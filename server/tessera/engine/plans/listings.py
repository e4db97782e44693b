"""The compiler's part for lists: connections of the root and of other nodes, on each database in its own way."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from tessera.engine.plans.code import Block, Draft, Level, RecordLevel
from tessera.engine.plans.running import paged
from tessera.engine.plans.selection import Declined
from tessera.engine.plans.statements import parent_given, parent_is
from tessera.engine.plans.variables import Arguments
from tessera.engine.sources import ManySource, RowsSource

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


class Connections:
    """Writes lists for a compiler."""

    def __init__(self, compiler: "Compiler") -> None:
        self._compiler = compiler

    # -- the root ---------------------------------------------------------------------------------------------------

    def root(self, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> tuple[list[str], str]:
        """Return the lines and the expression of a connection that belongs to no other node."""
        names, block = self._named(), Block()
        draft = Draft(names.alias)
        self._opened(block, names, definition, source, nodes[0])
        wanted = self._wanted(definition, nodes)
        place = Place(names.rows, "", block, draft, lambda: f"{names.rows}n")
        expression = self._page(place, names, definition, nodes)
        tail = draft.slot(f"rows_of({names.listing}, {names.request}, {names.alias!r})")
        text = draft.select(tail, self._order(draft, names), self._cursor_columns(draft, names, wanted))
        lines = [*block.before, f"{names.rows} = await x.fetch({draft.fetched(text, self._compiler.names)})"]
        if "totalCount" in wanted:
            lines.append(f"{names.rows}n = await x.count({names.listing})")
        return [*lines, *self._cursor_line(names, wanted), *block.after], expression

    def rows(self, definition: GraphQLField, source: RowsSource, nodes: list[FieldNode]) -> tuple[list[str], str]:
        """Return the lines and the expression of a listing without pages: all rows, or the first one."""
        compiler, names, block = self._compiler, self._named(), Block()
        draft = Draft(names.alias)
        type_ = cast("GraphQLObjectType", get_named_type(definition.type))
        call = (
            f"{compiler.names.constant('F', source.listing)}(x.context, **{compiler.arguments(definition, nodes[0])})"
        )
        block.before.append(f"{names.listing} = {_awaited(source.listing)}{call}")
        path = f" for {names.row} in {names.rows}"
        level = self._record(path, block, names, draft, type_)
        built = compiler.selection(level, type_, [node.selection_set for node in nodes])
        limit = 1 if source.single else None
        tail = draft.slot(f"first_of({names.listing}, {names.alias!r}, {limit})")
        text = draft.select(
            tail, draft.slot(f"order_of({names.listing}, None, {names.alias!r})") if draft.joins or draft.deep else ""
        )
        fetch = f"await x.fetch({draft.fetched(text, compiler.names)})"
        lines = [*block.before, f"{names.rows} = () if {names.listing} is None else {fetch}", *block.after]
        if not source.single:
            return lines, f"[{built}{path}]"
        return [
            *lines,
            f"{names.row} = {names.rows}[0] if {names.rows} else None",
        ], f"({built} if {names.rows} else None)"

    # -- of other nodes ---------------------------------------------------------------------------------------------

    def nested(self, level: Level, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> str:
        """Return the expression of a connection that belongs to another node."""
        if isinstance(level, RecordLevel) and self._compiler.setting.dialect == "postgres":
            return self._inside(level, definition, source, nodes)
        return self._beside(level, definition, source, nodes)

    def _inside(self, level: RecordLevel, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> str:
        """Write the rows as an array of records in the parent's row: PostgreSQL."""
        names, wanted = self._named(), self._wanted(definition, nodes)
        draft = Draft(names.alias, outer=level.draft)
        self._opened(level.block, names, definition, source, nodes[0])
        place = len(level.draft.columns)
        level.draft.columns.append("")
        level.draft.deep = True
        found = f"{level.row}[{place}]"
        inside = Place(found, level.path, level.block, draft, lambda: self._total(names, level, str(source.via)))
        expression = self._page(inside, names, definition, nodes)
        parent = self._compiler.names.constant("C", parent_is(str(source.via), f'{level.alias}."id"'))
        tail = draft.slot(f"rows_of({names.listing}, {names.request}, {names.alias!r}, {parent})")
        extra = self._cursor_columns(draft, names, wanted)
        level.draft.columns[place] = f"ARRAY({draft.select(tail, self._order(draft, names), extra, record=True)})"
        level.block.before += self._cursor_line(names, wanted)
        return expression

    def _beside(self, level: Level, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> str:
        """Write a statement of its own, for all parents at once or run for each."""
        compiler, names, wanted = self._compiler, self._named(), self._wanted(definition, nodes)
        draft, block = Draft(names.alias), Block()
        self._opened(block, names, definition, source, nodes[0])
        key = compiler.value(level, "id")
        found, parents = compiler.names.new("C"), compiler.names.new("K")
        count = compiler.names.new("N") if "totalCount" in wanted else ""
        beside = Place(f"{found}[{key}]", level.path, block, draft, lambda: f"{count}[{key}]")
        expression = self._page(beside, names, definition, nodes)
        lines = [f"{parents} = list(dict.fromkeys([{key} {level.path}]))", *block.before]
        lines.append(f"{found} = {self._children(names, draft, source, parents, wanted)}")
        if count:
            lines.append(f"{count} = await counts({names.listing}, via={source.via!r}, parents={parents})")
        level.block.after += [*lines, *self._cursor_line(names, wanted), *block.after]
        return expression

    def _children(self, names: Names, draft: Draft, source: ManySource, parents: str, wanted: set[str]) -> str:
        compiler, via = self._compiler, str(source.via)
        extra = self._cursor_columns(draft, names, wanted)
        if compiler.setting.dialect == "sqlite":
            given = compiler.names.constant("C", parent_given(via))
            tail = draft.slot(f"rows_of({names.listing}, {names.request}, {names.alias!r}, {given})")
            text = draft.select(tail, self._order(draft, names), extra)
            return f"await x.each({parents}, {draft.fetched(text, compiler.names)})"
        if compiler.setting.dialect == "postgres":
            return self._by_array(names, draft, via, parents, extra)
        tail = draft.slot(f"windows({names.listing}, {names.request}, {via!r}, {parents})")
        columns = [*(draft.columns or ["1"]), f'{names.alias}."{via}"']
        ranked = f"({tail}) {names.alias}{''.join(draft.joins)}"
        text = f"SELECT {', '.join(columns)}{extra} FROM {ranked} ORDER BY {names.alias}.page_rank"  # noqa: S608 - names are ours
        compiler.names.constants[names.keys] = len(columns)
        place = len(columns) - 1
        return f"await x.grouped({parents}, {place}, {draft.fetched(text, compiler.names)})"

    def _by_array(self, names: Names, draft: Draft, via: str, parents: str, extra: str) -> str:
        parent = self._compiler.names.constant("C", parent_is(via, "parent.id"))
        tail = draft.slot(f"rows_of({names.listing}, {names.request}, {names.alias!r}, {parent})")
        array = draft.select(tail, self._order(draft, names), extra, record=True)
        source = draft.slot(f"array_of({parents})")
        text = f"SELECT parent.id, ARRAY({array}) FROM unnest({source}) AS parent(id)"  # noqa: S608 - names are ours
        return f"dict(await x.fetch({draft.fetched(text, self._compiler.names)}))"

    # -- both -------------------------------------------------------------------------------------------------------

    def _named(self) -> Names:
        new = self._compiler.names.new
        return Names(new("R"), new("r"), new("t"), new("l"), new("q"), new("c"), new("Z"))

    def _opened(
        self, block: Block, names: Names, definition: GraphQLField, source: ManySource, node: FieldNode
    ) -> None:
        compiler = self._compiler
        arguments = Arguments(compiler.setting.schema, definition, node, compiler.variables)
        function = compiler.names.constant("F", source.listing)
        given = compiler.names.new("a")
        if arguments.constant is not None:
            asked = compiler.names.constant("Q", paged(arguments.constant))
        else:
            asked = f"paged({compiler.names.constant('A', arguments)}.of(x.values, x.given))"
        block.before += [
            f"{names.request}, {given} = {asked}",
            f"{names.listing} = {_awaited(source.listing)}{function}(x.context, **{given})",
        ]

    def _wanted(self, definition: GraphQLField, nodes: list[FieldNode]) -> set[str]:
        """Name what is selected of a connection: its fields, and `cursor` when a cursor is made."""
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
        return wanted

    def _cursor_columns(self, draft: Draft, names: Names, wanted: set[str]) -> str:
        self._compiler.names.constants[names.keys] = len(draft.columns) or 1
        return draft.slot(f"keys_of({names.listing}, {names.alias!r})") if "cursor" in wanted else ""

    def _cursor_line(self, names: Names, wanted: set[str]) -> list[str]:
        return [f"{names.cursor} = cursors({names.listing}, {names.keys})"] if "cursor" in wanted else []

    def _order(self, draft: Draft, names: Names) -> str:
        if not draft.joins and not draft.deep:
            return ""
        return draft.slot(f"order_of({names.listing}, {names.request}, {names.alias!r})")

    def _record(self, path: str, block: Block, names: Names, draft: Draft, type_: GraphQLObjectType) -> RecordLevel:
        spec = self._compiler.spec(type_)
        return RecordLevel(path, block, names.row, draft, names.alias, spec.model, self._compiler.setting.dialect)

    def _page(self, place: Place, names: Names, definition: GraphQLField, nodes: list[FieldNode]) -> str:
        """Return the expression of a connection."""
        type_ = cast("GraphQLObjectType", get_named_type(definition.type))
        sets = [node.selection_set for node in nodes]
        shown = f"shown({place.found}, {names.request})"
        node_type = cast("GraphQLObjectType", get_named_type(type_.fields["nodes"].type))
        level = self._record(f"{place.path} for {names.row} in {shown}", place.block, names, place.draft, node_type)
        cursor = names.cursor if "cursor" in self._wanted(definition, nodes) else None
        parts = []
        for key, selected in self._compiler.selections.fields(type_, sets).items():
            inner = [node.selection_set for node in selected]
            match selected[0].name.value:
                case "nodes":
                    value = f"[{self._compiler.selection(level, node_type, inner)} for {names.row} in {shown}]"
                case "edges":
                    value = f"[{self._edge(type_, level, names, inner)} for {names.row} in {shown}]"
                case "pageInfo":
                    told = self._page_info(type_, inner)
                    value = f"page_info({told}, {place.found}, {names.request}, {cursor})"
                case "totalCount":
                    value = place.total()
                case "__typename":
                    value = repr(type_.name)
                case other:
                    raise Declined(f"{type_.name}.{other}")
            parts.append(f"{key!r}: {value}")
        return "{" + ", ".join(parts) + "}"

    def _total(self, names: Names, parent: RecordLevel, via: str) -> str:
        """Write the number of rows as a column of the parent's row: PostgreSQL."""
        alias = self._compiler.names.new("n")
        condition = self._compiler.names.constant("C", parent_is(via, f'{parent.alias}."id"'))
        parent.draft.columns.append(f"({parent.draft.slot(f'counted({names.listing}, {alias!r}, {condition})')})")
        parent.draft.deep = True
        return f"{parent.row}[{len(parent.draft.columns) - 1}]"

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
        return "{" + ", ".join(parts) + "}"

    def _page_info(self, connection: GraphQLObjectType, sets: "Sets") -> str:
        type_ = cast("GraphQLObjectType", get_named_type(connection.fields["pageInfo"].type))
        fields = self._compiler.selections.fields(type_, sets)
        return self._compiler.names.constant("I", tuple((key, nodes[0].name.value) for key, nodes in fields.items()))


def _awaited(function: object) -> str:
    return "await " if inspect.iscoroutinefunction(function) else ""
