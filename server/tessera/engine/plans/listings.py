"""The compiler's part for lists: connections of the root and of other nodes, on each database in its own way."""

import inspect
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from tessera.engine.plans.code import Block, Draft, Level, RecordLevel, Unpackable
from tessera.engine.plans.pages import Names, Pages, Place
from tessera.engine.plans.running import paged
from tessera.engine.plans.statements import parent_given, parent_is
from tessera.engine.plans.variables import Arguments
from tessera.engine.sources import IdSource, ManySource, RowsSource

if TYPE_CHECKING:
    from tessera.engine.plans.compiler import Compiler


Written = tuple[list[str], str]
"""Lines, and the expression of a value."""


class Connections:
    """Writes lists for a compiler."""

    def __init__(self, compiler: "Compiler") -> None:
        self._compiler = compiler
        self._pages = Pages(compiler)

    # -- the root ---------------------------------------------------------------------------------------------------

    def root(self, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> Written:
        """Return the lines and the expression of a connection that belongs to no other node."""
        return self._whole_or_not(lambda draft, block: self._root(draft, block, definition, source, nodes))

    def rows(self, definition: GraphQLField, source: RowsSource, nodes: list[FieldNode]) -> Written:
        """Return the lines and the expression of a listing without pages: all rows, or the first one."""
        return self._whole_or_not(lambda draft, block: self._rows(draft, block, definition, source, nodes))

    def by_id(self, definition: GraphQLField, source: IdSource, nodes: list[FieldNode]) -> Written:
        """Return the lines and the expression of the visible object with an id."""
        return self._whole_or_not(lambda draft, block: self._by_id(draft, block, definition, source, nodes))

    def _whole_or_not(self, write: Callable[[Draft, Block], Written]) -> Written:
        """Let each row come as one text where the database and what is made of it allow that."""
        names = self._compiler.names
        if self._compiler.setting.dialect == "postgres":
            block, constants = Block(), dict(names.constants)
            with suppress(Unpackable):
                written = write(Draft(names.new("t"), packed=True), block)
                if not block.after:  # nothing is fetched for the objects beside their rows
                    return written
            names.constants = constants
        return write(Draft(names.new("t")), Block())

    def _root(
        self, draft: Draft, block: Block, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]
    ) -> Written:
        wanted = self._pages.wanted(definition, nodes)
        names = self._named(draft, wanted)
        self._opened(block, names, definition, source, nodes[0])
        place = Place(names.rows, "", block, draft, lambda: f"{names.rows}n")
        expression = self._pages.page(place, names, definition, nodes)
        tail = draft.slot(f"rows_of({names.listing}, {names.request}, {names.alias!r})")
        text = draft.select(tail, self._order(draft, names), self._cursor_columns(draft, names, wanted))
        lines = [*block.before, f"{names.rows} = await x.fetch({draft.fetched(text, self._compiler.names)})"]
        if "totalCount" in wanted:
            lines.append(f"{names.rows}n = await x.count({names.listing})")
        return [*lines, *self._cursor_line(names, wanted, packed=draft.packed), *block.after], expression

    def _rows(
        self, draft: Draft, block: Block, definition: GraphQLField, source: RowsSource, nodes: list[FieldNode]
    ) -> Written:
        compiler, names = self._compiler, self._named(draft)
        type_ = cast("GraphQLObjectType", get_named_type(definition.type))
        call = (
            f"{compiler.names.constant('F', source.listing)}(x.context, **{compiler.arguments(definition, nodes[0])})"
        )
        block.before.append(f"{names.listing} = {_awaited(source.listing)}{call}")
        path = f" for {names.row} in {names.rows}"
        level = self._pages.record(path, block, names, draft, type_)
        built = compiler.whole(level, type_, [node.selection_set for node in nodes])
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

    def _by_id(
        self, draft: Draft, block: Block, definition: GraphQLField, source: IdSource, nodes: list[FieldNode]
    ) -> Written:
        compiler, names = self._compiler, self._named(draft)
        type_ = cast("GraphQLObjectType", get_named_type(definition.type))
        arguments = compiler.arguments(definition, nodes[0])
        block.before.append(f"{names.keys} = {compiler.names.constant('F', source.key_of)}(**{arguments})")
        level = self._pages.record(f" for {names.row} in {names.rows}", block, names, draft, type_)
        built = compiler.whole(level, type_, [node.selection_set for node in nodes])
        sight = draft.slot(f"{compiler.sight(source.visible)}.source")
        text = draft.find(sight, draft.slot(f"among({names.alias!r}, ({names.keys},))"))
        fetch = f"await x.fetch({draft.fetched(text, compiler.names)})"
        return [
            *block.before,
            f"{names.rows} = () if {names.keys} is None else {fetch}",
            *block.after,
            f"{names.row} = {names.rows}[0] if {names.rows} else None",
        ], f"({built} if {names.rows} else None)"

    # -- of other nodes ---------------------------------------------------------------------------------------------

    def nested(self, level: Level, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> str:
        """Return the expression of a connection that belongs to another node."""
        if isinstance(level, RecordLevel) and self._compiler.setting.dialect == "postgres":
            return self._inside(level, definition, source, nodes)
        return self._beside(level, definition, source, nodes)

    def _inside(self, level: RecordLevel, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> str:
        """Write the rows as an array in the parent's row: PostgreSQL.

        Its driver reads records in records so slowly that they come as JSON, where their values allow it.
        """
        outer, block = level.draft, level.block
        if outer.packed:
            return self._array(level, definition, source, nodes, packed=True)
        if outer.outer is None and outer.flat:
            lists: tuple[list[Any], ...] = (
                block.before,
                block.after,
                outer.columns,
                outer.joins,
                outer.pieces,
                outer.unpacked,
            )
            lengths = [len(each) for each in lists]
            try:
                return self._array(level, definition, source, nodes, packed=True)
            except Unpackable:
                for each, length in zip(lists, lengths, strict=True):
                    del each[length:]
        return self._array(level, definition, source, nodes, packed=False)

    def _array(
        self,
        level: RecordLevel,
        definition: GraphQLField,
        source: ManySource,
        nodes: list[FieldNode],
        *,
        packed: bool,
    ) -> str:
        wanted = self._pages.wanted(definition, nodes)
        draft = Draft(self._compiler.names.new("t"), outer=level.draft, packed=packed)
        names = self._named(draft, wanted)
        self._opened(level.block, names, definition, source, nodes[0])
        place = len(level.draft.columns)
        level.draft.columns.append("")
        level.draft.deep = True
        found = f"{level.row}[{place}]"
        inside = Place(found, level.path, level.block, draft, lambda: self._total(names, level, str(source.via)))
        expression = self._pages.page(inside, names, definition, nodes)
        parent = self._compiler.names.constant("C", parent_is(str(source.via), f'{level.alias}."id"'))
        tail = draft.slot(f"rows_of({names.listing}, {names.request}, {names.alias!r}, {parent})")
        extra = self._cursor_columns(draft, names, wanted)
        array = f"ARRAY({draft.select(tail, self._order(draft, names), extra, record=True)})"
        if packed and not level.draft.packed:
            array = f"array_to_json({array})"
            level.draft.unpacked.append(place)
        level.draft.columns[place] = array
        level.block.before += self._cursor_line(names, wanted, packed=packed)
        return expression

    def _beside(self, level: Level, definition: GraphQLField, source: ManySource, nodes: list[FieldNode]) -> str:
        """Write a statement of its own, for all parents at once or run for each."""
        compiler, wanted = self._compiler, self._pages.wanted(definition, nodes)
        draft, block = Draft(compiler.names.new("t"), flat=compiler.setting.dialect != "postgres"), Block()
        names = self._named(draft, wanted)
        self._opened(block, names, definition, source, nodes[0])
        key = compiler.value(level, "id")
        found, parents = compiler.names.new("C"), compiler.names.new("K")
        count = compiler.names.new("N") if "totalCount" in wanted else ""
        beside = Place(f"{found}[{key}]", level.path, block, draft, lambda: f"{count}[{key}]")
        expression = self._pages.page(beside, names, definition, nodes)
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

    def _named(self, draft: Draft, wanted: Collection[str] = ()) -> Names:
        new, spare = self._compiler.names.new, int("more" in wanted)
        return Names(new("R"), new("r"), draft.alias, new("l"), new("q"), new("c"), new("Z"), spare)

    def _opened(
        self, block: Block, names: Names, definition: GraphQLField, source: ManySource, node: FieldNode
    ) -> None:
        compiler, spare = self._compiler, names.spare
        arguments = Arguments(compiler.setting.schema, definition, node, compiler.variables)
        function = compiler.names.constant("F", source.listing)
        given = compiler.names.new("a")
        if arguments.constant is not None:
            asked = compiler.names.constant("Q", paged(arguments.constant, spare))
            compiler.names.fixed.add(names.request)
        else:
            compiler.names.tied[names.request] = f"{names.request}.request"
            asked = f"paged({compiler.names.constant('A', arguments)}.of(x.values, x.given), {spare})"
        block.before += [
            f"{names.request}, {given} = {asked}",
            f"{names.listing} = {_awaited(source.listing)}{function}(x.context, **{given})",
        ]

    def _cursor_columns(self, draft: Draft, names: Names, wanted: set[str]) -> str:
        self._compiler.names.constants[names.keys] = len(draft.columns) or 1
        return draft.slot(f"keys_of({names.listing}, {names.alias!r})") if "cursor" in wanted else ""

    def _cursor_line(self, names: Names, wanted: set[str], *, packed: bool = False) -> list[str]:
        if "cursor" not in wanted:
            return []
        return [f"{names.cursor} = cursors({names.listing}, {names.keys}, packed={packed})"]

    def _order(self, draft: Draft, names: Names) -> str:
        if not draft.joins and not draft.deep:
            return ""
        return draft.slot(f"order_of({names.listing}, {names.request}, {names.alias!r})")

    def _total(self, names: Names, parent: RecordLevel, via: str) -> str:
        """Write the number of rows as a column of the parent's row: PostgreSQL."""
        alias = self._compiler.names.new("n")
        condition = self._compiler.names.constant("C", parent_is(via, f'{parent.alias}."id"'))
        parent.draft.columns.append(f"({parent.draft.slot(f'counted({names.listing}, {alias!r}, {condition})')})")
        parent.draft.deep = True
        return f"{parent.row}[{len(parent.draft.columns) - 1}]"


def _awaited(function: object) -> str:
    return "await " if inspect.iscoroutinefunction(function) else ""
