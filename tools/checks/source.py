"""What every check works on: the product's modules, parsed, and what a check answers."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("server/tessera", "plugins/*/tessera_*")
"""Where the product's packages live, as patterns below the root; tests and tools are not product."""


@dataclass(frozen=True)
class Finding:
    """One place where a rule of the house is broken."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        """Return the finding in the form editors can jump to."""
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Module:
    """One Python file: its path relative to the root it was found under, and its text."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def is_generated(self) -> bool:
        """Whether the file is a migration, which a generator writes."""
        return "migrations" in self.path.parts

    def plays(self, *roles: str) -> bool:
        """Whether the file is one of the grammar's files (`graphql`), alone or as a package of that name."""
        return any(self.path.stem == role or role in self.path.parts[:-1] for role in roles)

    def find(self, node: ast.stmt | ast.expr, text: str) -> Finding:
        """Return a finding at a node of this file."""
        return Finding(self.path, node.lineno, text)


def modules(root: Path = ROOT, patterns: tuple[str, ...] = PRODUCT) -> Iterator[Module]:
    """Yield every module below the folders the patterns name, in a stable order."""
    for pattern in patterns:
        for folder in sorted(root.glob(pattern)):
            for path in sorted(folder.rglob("*.py")):
                yield Module(path.relative_to(root), path.read_text(encoding="utf-8"))


def root_name(node: ast.expr) -> str | None:
    """Return the leftmost name of a chain: `Ticket` for `Ticket.filter(...).first()`."""
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner) | ast.Call(func=inner) | ast.Subscript(value=inner):
                node = inner
            case _:
                return None
    return node.id


def last_name(node: ast.expr) -> str | None:
    """Return the rightmost name of a decorator or callee: `field` for `strawberry.field(...)`."""
    match node:
        case ast.Call(func=inner):
            return last_name(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return None
