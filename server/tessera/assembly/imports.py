"""What a package imports of the kernel, read from its files without running them: doors only."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tessera.assembly.discovery import KERNEL, KERNEL_DISTRIBUTION, Distribution

DOORS = frozenset({"models", "events", "errors", "permissions", "hooks", "queries", "service", "graphql"})
"""The modules of a slice that others may import."""

TOOLS = frozenset({"plugin", "kit", "engine", "__version__"})
"""What of the kernel is everybody's, beside the slices' doors."""


def back_rooms(package: Distribution) -> list[str]:
    """Return where a package imports what is no door of the kernel, one sentence each; runs nothing of it."""
    spec = find_spec(package.package)
    folders = [] if spec is None else [Path(each) for each in spec.submodule_search_locations or ()]
    return [found for folder in folders for path in sorted(folder.rglob("*.py")) for found in _in_file(path, folder)]


def _in_file(path: Path, folder: Path) -> Iterator[str]:
    place = path.relative_to(folder.parent).as_posix()
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        yield f"{place} cannot be read: {error}."
        return
    for node in ast.walk(tree):
        for name in _imported(node):
            if not is_door(name):
                yield f"{place}, line {getattr(node, 'lineno', 0)}, imports {name}, which is no door of the kernel."


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module=str(source), names=names, level=0):
            return [f"{source}.{each.name}" for each in names]
        case ast.Call(func=ast.Name(id="import_module" | "__import__"), args=[ast.Constant(value=str(name)), *_]):
            return [name]
        case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
            return [name]
        case _:
            return []


def is_door(name: str) -> bool:
    """Tell whether a dotted name is outside the kernel, or what packages may import of it."""
    top, *inside = name.split(".")
    if top != KERNEL_DISTRIBUTION.package or not inside:
        return True
    if any(part.startswith("_") and not part.startswith("__") for part in inside):
        return False
    room = inside[0]
    return room in TOOLS or (room in KERNEL and len(inside) > 1 and inside[1] in DOORS)
