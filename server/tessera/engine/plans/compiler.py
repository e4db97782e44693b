"""The compiler: walks a query's selections and writes the statements and the function that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from strawberry import Schema

from tessera.engine.nodes import NodeSpec, Visible, spec_of
from tessera.engine.plans import leaves
from tessera.engine.plans.code import (
    Block,
    Draft,
    Level,
    Names,
    RecordLevel,
    ThingLevel,
    Unpackable,
    free_names,
)
from tessera.engine.plans.kept import KeptSelection
from tessera.engine.plans.listings import Connections
from tessera.engine.plans.rendered import RowSelection
from tessera.engine.plans.selection import Declined, Selections
from tessera.engine.plans.variables import Arguments, Variables
from tessera.engine.sources import (
    ROW,
    BatchSource,
    ColumnSource,
    DerivedSource,
    GlobalIdSource,
    ManySource,
    OneSource,
    definition_of,
    source_of,
)
from tessera.kit.db import Dialect

PURE = frozenset({"need", "page_info", "shown"})
"""What a generated function calls without anything coming out but what goes in."""

HOLE = "\4"
"""Where the value goes in an expression that is being made."""

Sets = Sequence[SelectionSetNode | None]


@dataclass(frozen=True)
class Setting:
    """What a plan depends on beside the document: the schema, the database, and whose kept rows are all visible."""

    schema: Schema
    dialect: Dialect
    open: frozenset[str]


class Compiler:
    """Writes the code of one selection; use `plans.plan`."""

    def __init__(self, setting: Setting, selections: Selections, variables: Variables) -> None:
        self.setting = setting
        self.selections = selections
        self.variables = variables
        self.names = Names()
        self.connections = Connections(self)

    # -- objects ---------------------------------------------------------------------------------------------------

    def selection(self, level: Level, type_: GraphQLObjectType, sets: Sets) -> str:
        """Return the expression of an object's JSON."""
        fields = self.selections.fields(type_, sets)
        return "{" + ", ".join(f"{key!r}: {self.field(level, type_, nodes)}" for key, nodes in fields.items()) + "}"

    def whole(self, level: RecordLevel, type_: GraphQLObjectType, sets: Sets) -> str:
        """Return the expression of a row's object; see `remembered`."""
        return self.remembered(level, type_, self.selection(level, type_, sets))

    def remembered(self, level: RecordLevel, type_: GraphQLObjectType, built: str) -> str:
        """Return the expression of what is made of a row, which is remembered where the row comes as one text.

        Raises `Unpackable` when it takes more than its row, rows in memory, pages asked for and their order.
        """
        if not level.draft.whole:
            return built
        free = free_names(built) - {level.row, *self.names.constants, *self.names.fixed, *PURE}
        if others := free - self.names.tied.keys():
            raise Unpackable(f"an object that takes more than its row: {', '.join(sorted(others))}")
        kept, found = self.names.new("X"), self.names.new("X")
        key = [self.names.constant("S", RowSelection(type_.name)), *[self.names.tied[name] for name in sorted(free)]]
        level.block.before.insert(0, f"{kept} = x.kept.rendered")  # before rows in memory are looked at
        level.block.before.append(f"{found} = {kept}.of({', '.join(key)})")
        row = f"{level.row}[0]"
        return f"({found}.get({row}) or {found}.keep({row}, lambda {level.row}: {built}))"

    def field(self, level: Level, type_: GraphQLObjectType, nodes: list[FieldNode]) -> str:
        """Return the expression of one field's value; raises `Declined`, with the field."""
        try:
            return self._field(level, type_, nodes)
        except Declined as declined:
            raise declined.at(f"{type_.name}.{nodes[0].name.value}") from None

    def _field(self, level: Level, type_: GraphQLObjectType, nodes: list[FieldNode]) -> str:  # noqa: PLR0911 - a table
        name = nodes[0].name.value
        if name == "__typename":
            return repr(type_.name)
        definition = type_.fields[name]
        sets = [node.selection_set for node in nodes]
        match source_of(definition):
            case ColumnSource() as source:
                return self._column(level, definition, source, sets)
            case GlobalIdSource():
                return f"{self.names.constant('G', leaves.global_ids(type_.name))}[{self.value(level, 'id')}]"
            case OneSource() as source:
                return self._one(level, definition, source, sets)
            case DerivedSource() as source:
                return self._derived(level, definition, source, sets)
            case BatchSource() as source:
                return self._batch(level, definition, source, nodes)
            case ManySource(via=str()) as source:
                return self.connections.nested(level, definition, source, nodes)
        raise Declined("its resolver is Python of its own: no declaration says where the value lives")

    def value(self, level: Level, column: str) -> str:
        """Return the expression of Python's value of a column or attribute; `ROW` is the row itself."""
        if isinstance(level, ThingLevel):
            return level.name if column == ROW else f"{level.name}.{column}"
        record = cast("RecordLevel", level)
        if column == ROW:
            return self._whole(record)
        convert = leaves.python_value(record.field(column), record.form)
        return self._converted(record.raw(column), convert, optional=record.field(column).null)

    def _whole(self, record: RecordLevel) -> str:
        if record.form == "json":
            raise Unpackable("a whole row")
        names = sorted(record.model._meta.db_fields)
        columns = record.model._meta.fields_db_projection_reverse
        values = ", ".join(record.raw(columns[name]) for name in names)
        return f"{self.names.constant('M', _instance(record.model, names))}({values})"

    def _converted(self, raw: str, convert: leaves.Convert | None, *, optional: bool) -> str:
        if convert is None:
            return raw
        called = f"{self.names.constant('P', convert)}({raw})"
        return f"(None if {raw} is None else {called})" if optional else called

    def _column(self, level: Level, definition: GraphQLField, source: ColumnSource, sets: Sets) -> str:
        if isinstance(level, RecordLevel) and (quick := self._quick(level, definition.type, source)) is not None:
            return quick
        value = self.value(level, source.column)
        if source.read is not None:
            value = f"{self.names.constant('R', source.read)}({value})"
        return self.complete(value, definition.type, sets, level)

    def _quick(self, record: RecordLevel, type_: GraphQLOutputType, source: ColumnSource) -> str | None:
        """Return the expression of a column that becomes JSON without a detour, None for other columns."""
        declared, leaf = record.field(source.column), get_nullable_type(type_)
        if not is_leaf_type(leaf):
            return None
        raw = record.raw(source.column)
        if isinstance(leaf, GraphQLEnumType) and isinstance(source.read, type) and issubclass(source.read, Enum):
            table = self.names.constant("E", leaves.enum_names(leaf, source.read))
            expression = f"{table}[{raw}]"
        elif source.read is not None:
            return None
        else:
            try:
                convert = leaves.wire_value(declared, leaf, record.form)
            except LookupError:
                return None
            expression = self._converted(raw, convert, optional=declared.null)
        return f"need({expression})" if declared.null and isinstance(type_, GraphQLNonNull) else expression

    # -- other nodes -----------------------------------------------------------------------------------------------

    def _one(self, level: Level, definition: GraphQLField, source: OneSource, sets: Sets) -> str:
        type_ = cast("GraphQLObjectType", get_named_type(definition.type))
        spec = self.spec(type_)
        if isinstance(level, RecordLevel):
            level.field(source.column)
        key = level.raw(source.column) if isinstance(level, RecordLevel) else self.value(level, source.column)
        if spec.kept is not None and (source.covered or spec.name in self.setting.open):
            build = self.simple(type_, sets)
            if build is not None:
                found = self._from_memory(level.block, spec, build)
                return self._required(f"{found}[{key}]", definition)
        if isinstance(level, RecordLevel):
            return self._joined(level, definition, source, spec, sets)
        return self._fetched(level, definition, source, spec, sets)

    def _joined(
        self, level: RecordLevel, definition: GraphQLField, source: OneSource, spec: NodeSpec, sets: Sets
    ) -> str:
        alias, table = self.names.new("j"), spec.model._meta.db_table
        own = f'{level.alias}."{level.model._meta.fields_db_projection[source.column]}"'
        guard = "" if source.covered else level.draft.slot(self._guard(spec, alias))
        level.draft.joins.append(f' LEFT JOIN "{table}" {alias} ON {alias}."id" = {own}{guard}')
        joined = RecordLevel(level.path, level.block, level.row, level.draft, alias, spec.model, level.form)
        there = f"{joined.raw('id')} is not None"
        inside = RecordLevel(
            f"{level.path} if {there}", level.block, level.row, level.draft, alias, spec.model, level.form
        )
        built = self.selection(inside, cast("GraphQLObjectType", get_named_type(definition.type)), sets)
        return self._required(f"({built} if {there} else None)", definition)

    def _fetched(self, level: Level, definition: GraphQLField, source: OneSource, spec: NodeSpec, sets: Sets) -> str:
        """Fetch nodes by the ids that objects in memory have."""
        alias, found, row, keys = (self.names.new(each) for each in ("t", "F", "r", "K"))
        key = self.value(level, source.column)
        draft, block = Draft(alias), Block()
        inner = RecordLevel(
            f"{level.path} for {row} in ({found}.get({key}),) if {row} is not None",
            block,
            row,
            draft,
            alias,
            spec.model,
            self.setting.dialect,
        )
        built = self.selection(inner, cast("GraphQLObjectType", get_named_type(definition.type)), sets)
        place = draft.column(f'{alias}."id"')
        table = f'"{spec.model._meta.db_table}"' if source.covered else draft.slot(f"{self.sight(spec.visible)}.source")
        text = draft.find(table, draft.slot(f"among({alias!r}, {keys})"))
        rows = f"await x.fetch({draft.fetched(text, self.names)})"
        level.block.after += [
            f"{keys} = [k for k in dict.fromkeys([{key} {level.path}]) if k is not None]",
            *block.before,
            f"{found} = {{r[{place}]: r for r in {rows}}} if {keys} else {{}}",
            *block.after,
        ]
        return self._required(f"(None if ({row} := {found}.get({key})) is None else {built})", definition)

    def _required(self, expression: str, definition: GraphQLField) -> str:
        return f"need({expression})" if isinstance(definition.type, GraphQLNonNull) else expression

    def _guard(self, spec: NodeSpec, alias: str) -> str:
        return f"guard({self.sight(spec.visible)}, {alias!r})"

    def sight(self, visible: Visible) -> str:
        """Return the expression of the rows the actor sees."""
        return f"seen(x.actor, {self.names.constant('V', visible)})"

    def _from_memory(self, block: Block, spec: NodeSpec, build: str) -> str:
        found = self.names.new("D")
        selection = self.names.constant("S", KeptSelection(spec))
        self.names.fixed.add(found)
        block.before.append(f"{found} = x.kept.ready({selection}) or await x.kept.load({selection}, lambda o: {build})")
        return found

    def simple(self, type_: GraphQLObjectType, sets: Sets) -> str | None:
        """Return the expression of an object `o` in memory that needs nothing but its own attributes, else None."""
        level = ThingLevel("", Block(), "o")
        for nodes in self.selections.fields(type_, sets).values():
            name = nodes[0].name.value
            if name == "__typename":
                continue
            source = source_of(type_.fields[name])
            if not isinstance(source, ColumnSource | GlobalIdSource):
                return None
        return self.selection(level, type_, sets)

    def spec(self, type_: GraphQLObjectType) -> NodeSpec:
        """Return where a type's rows live; raises `Declined` for types without rows."""
        definition = definition_of(type_)
        found = spec_of(definition.origin) if definition is not None else None
        if found is None:
            raise Declined(f"{type_.name} has no table")
        return found

    # -- what Python computes ---------------------------------------------------------------------------------------

    def _derived(self, level: Level, definition: GraphQLField, source: DerivedSource, sets: Sets) -> str:
        values = [self.value(level, column) for column in source.columns]
        arguments = ", ".join((["x.context"] if source.context else []) + values)
        made = f"{self.names.constant('F', source.derive)}({arguments})"
        return self.complete(made, definition.type, sets, level)

    def _batch(self, level: Level, definition: GraphQLField, source: BatchSource, nodes: list[FieldNode]) -> str:
        values = [self.value(level, column) for column in source.columns]
        key = values[0] if len(values) == 1 else f"({', '.join(values)})"
        found, function = self.names.new("B"), self.names.constant("F", source.resolve)
        arguments = self.arguments(definition, nodes[0])
        level.block.after.append(f"{found} = await batch({function}, x.context, [{key} {level.path}], {arguments})")
        return self.complete(f"{found}[{key}]", definition.type, [node.selection_set for node in nodes], level)

    def arguments(self, definition: GraphQLField, node: FieldNode) -> str:
        """Return the expression of a field's keyword arguments."""
        arguments = Arguments(self.setting.schema, definition, node, self.variables)
        if arguments.constant is not None:
            return self.names.constant("A", arguments.constant)
        return f"{self.names.constant('A', arguments)}.of(x.values, x.given)"

    def complete(self, value: str, type_: GraphQLOutputType, sets: Sets, level: Level) -> str:
        """Return the expression that turns Python's value into JSON's, as graphql-core's CompleteValue does."""
        required, inner = isinstance(type_, GraphQLNonNull), get_nullable_type(type_)
        if is_leaf_type(inner):
            leaf = f"{self.names.constant('L', leaves.leaf(inner))}({HOLE})"
            return self._guarded(value, leaf, self.names.new("v"), required=required, walks=False)
        if isinstance(inner, GraphQLList):
            item = self.names.new("v")
            among = ThingLevel(f"{level.path} for {item} in {value} or ()", level.block, item)
            each = self._item(item, inner.of_type, sets, among)
            return self._guarded(
                value, f"[{each} for {item} in {HOLE}]", self.names.new("v"), required=required, walks=True
            )
        if not isinstance(inner, GraphQLObjectType):
            raise Declined("an abstract type")
        name = self.names.new("o")
        thing = ThingLevel(f"{level.path} for {name} in ({value},) if {name} is not None", level.block, name)
        built = self.selection(thing, inner, sets)
        return f"({built} if ({name} := {'need' if required else ''}({value})) is not None else None)"

    def _item(self, item: str, type_: GraphQLOutputType, sets: Sets, among: ThingLevel) -> str:
        inner = get_nullable_type(type_)
        if not isinstance(inner, GraphQLObjectType):
            return self.complete(item, type_, sets, among)
        there = ThingLevel(f"{among.path} if {item} is not None", among.block, item)
        built = self.selection(there, inner, sets)
        empty = "need(None)" if isinstance(type_, GraphQLNonNull) else "None"
        return f"({built} if {item} is not None else {empty})"

    def _guarded(self, value: str, made: str, name: str, *, required: bool, walks: bool) -> str:
        """Complete a value that may be null; a comprehension cannot bind a name in what it walks."""
        if required:
            return made.replace(HOLE, f"need({value})", 1)
        if walks:
            return f"({made.replace(HOLE, value, 1)} if {value} is not None else None)"
        return f"({made.replace(HOLE, name, 1)} if ({name} := {value}) is not None else None)"


def _instance(model: Any, names: list[str]) -> Any:
    def make(*values: Any) -> Any:
        return model._init_from_db(**dict(zip(names, values, strict=True)))  # noqa: SLF001 - tortoise's own constructor

    return make
