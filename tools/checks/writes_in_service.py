"""Law one: only `service.py` writes rows; the kit, migrations and the test kit are the machinery below it."""

import ast
from collections.abc import Iterator

from tools.checks.source import Finding, Module, root_name

WRITES = frozenset(
    {"bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "update", "update_or_create"}
)
QUERY_STEPS = frozenset({"all", "exclude", "filter", "get", "select_for_update", "using_db"})


def check(module: Module) -> Iterator[Finding]:
    """Yield each write to a model outside the places that may write."""
    if module.plays("service", "kit", "migrations", "testing"):
        return
    names = _imported_modules(module.tree)
    awaited = {node.value for node in ast.walk(module.tree) if isinstance(node, ast.Await)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            receiver = node.func.value
            is_verb_of_module = isinstance(receiver, ast.Name) and receiver.id in names
            if not is_verb_of_module and (node in awaited or _is_query(receiver)):
                yield module.find(node, f"{ast.unparse(node.func)} writes; only service.py may")


def _is_query(receiver: ast.expr) -> bool:
    """Whether an expression is a model class or a query that starts from one."""
    name = root_name(receiver)
    if name is None or not name[:1].isupper() or name.isupper():
        return False
    return isinstance(receiver, ast.Name) or (
        isinstance(receiver, ast.Call)
        and isinstance(receiver.func, ast.Attribute)
        and receiver.func.attr in QUERY_STEPS
    )


def _imported_modules(tree: ast.Module) -> set[str]:
    """Return the lower-case names a file imports: modules, whose functions may be called anything."""
    return {
        name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if (name := alias.asname or alias.name).islower()
    }
