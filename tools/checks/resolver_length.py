"""A resolver maps fields to rows and verbs; ten lines suffice, more is a rule in the wrong room."""

import ast
from collections.abc import Iterator

from tools.checks.source import Finding, Module, last_name

LIMIT = 10
NO_RESOLVERS = frozenset({"asynccontextmanager", "cache", "classmethod", "contextmanager", "lru_cache", "staticmethod"})


def check(module: Module) -> Iterator[Finding]:
    """Yield each decorated function of a graphql module whose body is longer than the limit."""
    if not module.plays("graphql"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_resolver(node):
            length = body_length(node)
            if length > LIMIT:
                yield module.find(node, f"{node.name} has {length} lines; a resolver has at most {LIMIT}")


def body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function's body, its docstring not counted."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0


def _is_resolver(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(last_name(decorator) not in NO_RESOLVERS for decorator in node.decorator_list)
