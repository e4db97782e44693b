"""Plans: the generated function of a query, with everything it names."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, OperationType, get_named_type

from tessera.engine.context import Context
from tessera.engine.documents import Prepared
from tessera.engine.mutations import call_of
from tessera.engine.plans import running
from tessera.engine.plans.code import Block, ThingLevel
from tessera.engine.plans.compiler import Compiler, Setting
from tessera.engine.plans.kept import Kept
from tessera.engine.plans.leaves import need
from tessera.engine.plans.running import Run
from tessera.engine.plans.selection import Declined, Selections
from tessera.engine.plans.variables import Variables
from tessera.engine.sources import ComputedSource, IdSource, ManySource, PerformedSource, RowsSource, source_of
from tessera.kit import paging
from tessera.kit.sql import seen

_GIVEN = {
    name: getattr(running, name)
    for name in (
        *("among", "array_of", "batch", "cursors", "first_of", "guard", "keys_of", "of_text"),
        *("order_of", "page_info", "paged", "rows_of", "shown", "windows"),
    )
} | {"need": need, "seen": seen, "counted": paging.counted, "counts": paging.counts, "shape": paging.shape}
"""What every generated function may call."""


@dataclass(frozen=True)
class Root:
    """A field of the root: its name in the answer and in the schema, the lines before, and its value's expression."""

    key: str
    name: str
    lines: tuple[str, ...]
    expression: str


@dataclass(frozen=True)
class Plan:
    """A compiled query."""

    run: Callable[[Run], Awaitable[dict[str, Any]]]
    roots: tuple[Root, ...]
    constants: Mapping[str, Any]
    variables: Variables

    @property
    def source(self) -> str:
        """The text of the function."""
        return function_of(self.roots)

    def execute(
        self, context: Context, kept: Kept, values: Mapping[str, Any], given: Mapping[str, Any]
    ) -> Awaitable[dict[str, Any]]:
        """Return the data; whatever is raised means that graphql-core has to answer."""
        return self.run(Run(context, kept, values, given))


def compile_query(setting: Setting, prepared: Prepared, variables: Variables, values: Mapping[str, Any]) -> Plan:
    """Compile a query or a mutation; raises `Declined` with the field that made it impossible."""
    if prepared.kind is OperationType.SUBSCRIPTION or prepared.operation.directives:
        raise Declined("only queries and mutations without directives of their own are compiled")
    schema = setting.schema._schema  # noqa: SLF001 - Strawberry has no public name for it
    selections = Selections(schema, prepared.document, values)
    compiler = Compiler(setting, selections, variables)
    root = cast("GraphQLObjectType", schema.get_root_type(prepared.operation.operation))
    selected = selections.fields(root, [prepared.operation.selection_set])
    roots = tuple(_root(compiler, root, key, nodes) for key, nodes in selected.items())
    namespace = {**_GIVEN, **compiler.names.constants}
    exec(compile(function_of(roots), "<plan>", "exec"), namespace)  # noqa: S102 - names of ours and literals through repr, never values
    return Plan(cast("Any", namespace["run"]), roots, compiler.names.constants, variables)


def function_of(roots: Sequence[Root]) -> str:
    """Return the text of the function that answers these fields."""
    parts = ", ".join(f"{root.key!r}: {root.expression}" for root in roots)
    lines = [line for root in roots for line in root.lines]
    return "async def run(x):\n" + "".join(f"    {line}\n" for line in [*lines, f"return {{{parts}}}"])


def _root(compiler: Compiler, root: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Root:
    name = nodes[0].name.value
    try:
        lines, expression = _written(compiler, root, key, nodes)
    except Declined as declined:
        raise declined.at(f"{root.name}.{name}") from None
    return Root(key, name, tuple(lines), expression)


def _written(compiler: Compiler, root: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> tuple[list[str], str]:
    name = nodes[0].name.value
    if name == "__typename":
        return [], repr(root.name)
    definition = root.fields.get(name)
    source = source_of(definition) if definition is not None else None
    match source:
        case ManySource(via=None):
            return compiler.connections.root(definition, source, nodes)
        case RowsSource():
            return compiler.connections.rows(definition, source, nodes)
        case IdSource():
            return compiler.connections.by_id(definition, source, nodes)
        case ComputedSource():
            function = compiler.names.constant("F", source.compute)
            arguments = compiler.arguments(definition, nodes[0])
            return _from_python(compiler, definition, nodes, f"{function}(x.context, **{arguments})")
        case PerformedSource():
            function = compiler.names.constant("F", source.perform)
            payload = cast("GraphQLObjectType", get_named_type(definition.type))
            call = compiler.names.constant("C", call_of(name, payload))
            arguments = compiler.arguments(definition, nodes[0])
            return _from_python(compiler, definition, nodes, f"x.perform({key!r}, {function}, {call}, {arguments})")
    raise Declined("its resolver is Python of its own: no declaration says where the value lives")


def _from_python(
    compiler: Compiler, definition: GraphQLField, nodes: list[FieldNode], call: str
) -> tuple[list[str], str]:
    """Return the lines and the expression of a field whose value a call returns."""
    found, block = compiler.names.new("v"), Block()
    built = compiler.complete(
        found, definition.type, [node.selection_set for node in nodes], ThingLevel("", block, "x")
    )
    return [f"{found} = await {call}", *block.before, *block.after], built
