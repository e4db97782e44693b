"""Law two: what an actor sees starts from `queries.visible_to`: no reader goes to a table directly."""

import ast
from collections.abc import Iterable, Iterator

from tools.checks.source import Finding, Module, root_name

READS = frozenset(
    {"all", "annotate", "exclude", "exists", "filter", "first", "get", "get_or_none", "in_bulk", "last", "raw"}
)
READERS = ("graphql", "search", "stats", "tessera_stats")


def check(module: Module, guarded: frozenset[str]) -> Iterator[Finding]:
    """Yield each read of a table by its model where only queries may read it.

    `guarded` names the slices that decide visibility, as `guarded_slices` finds them. A graphql module may
    not start a query from any model; search and statistics not from a guarded slice's.
    """
    if not module.plays(*READERS):
        return
    models = set(_models(module, guarded))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READS:
            name = root_name(node.func.value)
            if name in models and isinstance(node.func.value, ast.Name | ast.Attribute):
                yield module.find(
                    node, f"{ast.unparse(node.func)} reads the table; start from queries.visible_to(actor)"
                )


def guarded_slices(modules: Iterable[Module]) -> frozenset[str]:
    """Return the dotted names of slices whose `queries` define `visible_to`."""
    return frozenset(
        _slice_name(module)
        for module in modules
        if module.plays("queries")
        and any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "visible_to"
            for node in module.tree.body
        )
    )


def _slice_name(module: Module) -> str:
    """Return `tessera.tickets` for `server/tessera/tickets/queries.py` (or a package of that name)."""
    parts = module.path.with_suffix("").parts
    start = next(index for index, part in enumerate(parts) if part.startswith("tessera"))
    return ".".join(parts[start : parts.index("queries")])


def _models(module: Module, guarded: frozenset[str]) -> Iterator[str]:
    """Yield the names under which a file knows the models it may not query: classes and `models` modules."""
    for node in module.tree.body:
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        owner, _, door = node.module.rpartition(".")
        for alias in node.names:
            slice_name = owner if door == "models" else node.module
            is_model = door == "models" or alias.name == "models"
            if is_model and (module.plays("graphql") or slice_name in guarded):
                yield alias.asname or alias.name
