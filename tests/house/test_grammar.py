"""The grammar of a slice, and the budgets of files, functions and comments."""

import ast
import io
import math
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tools.checks.source import Module, last_name, modules

FILES = frozenset({"__init__", "models", "events", "errors", "permissions", "settings", "hooks", "queries", "service"})
FILES |= {"graphql", "handlers", "jobs", "cli", "plugin"}
FLOOR_FOLDERS = frozenset({"kit", "engine", "transport", "plugin", "assembly", "testing", "migrations"})
FLOOR_FOLDERS |= {"supervisor", "generation"}
DOCUMENTED = ("kit", "plugin", "testing")

FILE_MAXIMUM, FILE_P90 = 500, 300
FUNCTION_MAXIMUM, FUNCTION_P90 = 60, 30
CLASS_P90 = 120

PRODUCT = list(modules())
TESTS = [module for module in modules(patterns=("tests", "tools", "plugins/*/tests")) if not module.is_generated]
HAND_WRITTEN = [module for module in PRODUCT if not module.is_generated]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.ClassDef | Function


def at(module: Module, line: int, what: str) -> str:
    return f"{module.path}:{line}: {what}"


def in_slice(module: Module) -> tuple[str, ...]:
    """Return the path below the slice's folder, or nothing for a module that is in no slice."""
    parts = module.path.parts
    start = next(index for index, part in enumerate(parts) if part.startswith("tessera"))
    inside = parts[start + 1 :]
    if parts[0] == "plugins":
        return inside
    return inside[1:] if len(inside) > 1 and inside[0] not in FLOOR_FOLDERS else ()


def functions(module: Module) -> Iterator[Function]:
    return (node for node in ast.walk(module.tree) if isinstance(node, Function))


def length(node: Definition) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def percentile_90(values: Iterable[int]) -> int:
    ranked = sorted(values)
    return ranked[math.ceil(len(ranked) * 0.9) - 1] if ranked else 0


def test_a_slice_holds_only_the_files_of_the_grammar() -> None:
    strangers = [
        str(module.path)
        for module in HAND_WRITTEN
        if (inside := in_slice(module))
        and inside[0].removesuffix(".py") not in FILES
        and not inside[0].startswith("_")
        and not (module.path.parts[0] == "plugins" and len(inside) > 1 and inside[1].removesuffix(".py") in FILES)
    ]
    assert strangers == []


def test_a_slice_begins_with_one_sentence_and_no_code() -> None:
    assert [
        str(module.path)
        for module in HAND_WRITTEN
        if in_slice(module) == ("__init__.py",) and module.path.parts[0] != "plugins" and len(module.tree.body) != 1
    ] == []


def test_every_module_says_its_duty_first() -> None:
    assert [
        str(module.path)
        for module in HAND_WRITTEN + TESTS
        if module.text.strip() and ast.get_docstring(module.tree) is None and not is_test(module)
    ] == []


def is_test(module: Module) -> bool:
    return module.path.name.startswith(("test_", "conftest"))


@pytest.mark.parametrize("module", HAND_WRITTEN + TESTS, ids=lambda module: str(module.path))
def test_no_file_and_no_function_outgrows_the_reader(module: Module) -> None:
    lines = len(module.text.splitlines())
    assert lines <= FILE_MAXIMUM, f"{module.path} has {lines} lines"
    assert [at(module, node.lineno, node.name) for node in functions(module) if length(node) > FUNCTION_MAXIMUM] == []


def test_nine_of_ten_are_short() -> None:
    classes = (node for module in HAND_WRITTEN for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))
    assert percentile_90(len(module.text.splitlines()) for module in HAND_WRITTEN) <= FILE_P90
    assert percentile_90(length(node) for module in HAND_WRITTEN for node in functions(module)) <= FUNCTION_P90
    assert percentile_90(length(node) for node in classes) <= CLASS_P90


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield what a module or class offers, with its dotted name; overloads speak through the last one."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            decorators = {last_name(decorator) for decorator in node.decorator_list}
            if not decorators & {"overload", "override", "setter"}:
                yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


def documented(module: Module) -> bool:
    return module.path.parts[:2] == ("server", "tessera") and module.path.parts[2] in DOCUMENTED


def test_the_public_tools_are_documented() -> None:
    assert [
        at(module, node.lineno, name)
        for module in HAND_WRITTEN
        if documented(module) and not module.path.name.startswith("_")
        for name, node in public(module.tree.body)
        if ast.get_docstring(node) is None and name.rpartition(".")[2] != "Meta"
    ] == []


def test_every_verb_is_documented() -> None:
    assert [
        at(module, node.lineno, node.name)
        for module in HAND_WRITTEN
        if in_slice(module) and module.plays("service")
        for node in module.tree.body
        if isinstance(node, Function) and not node.name.startswith("_") and ast.get_docstring(node) is None
    ] == []


def answers_an_optional_hook(node: Function) -> bool:
    return any("optionalhook=True" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_imports_stand_at_the_top() -> None:
    assert [
        at(module, inner.lineno, ast.unparse(inner))
        for module in HAND_WRITTEN + TESTS
        for node in functions(module)
        if not answers_an_optional_hook(node)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ] == []


def private_imports(module: Module) -> Iterator[str]:
    """Yield imports of another room's `_x` modules; a room is a slice, or a folder of a floor."""
    package = ".".join(module.path.with_suffix("").parts)
    for node in ast.walk(module.tree):
        for name in imported(node):
            owner, found, _ = name.partition("._")
            if found and name.startswith("tessera") and f".{owner}." not in f".{package}.":
                yield at(module, getattr(node, "lineno", 0), name)


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(source), names=names):
            return [f"{source}.{alias.name}" for alias in names]
        case _:
            return []


def test_a_rooms_private_modules_stay_in_the_room() -> None:
    assert [line for module in HAND_WRITTEN for line in private_imports(module)] == []


def test_a_private_import_is_recognised() -> None:
    text = "from tessera.mail._parse import parse\nfrom tessera.mail import _loop\nimport tessera.kit.text\n"
    assert len(list(private_imports(Module(Path("server/tessera/tickets/service.py"), text)))) == 2
    assert list(private_imports(Module(Path("server/tessera/mail/service.py"), text))) == []


def reasonless(comment: str) -> bool:
    """Whether a comment silences a tool without saying which rule and why."""
    if not re.search(r"#\s*(noqa|type:\s*ignore)", comment):
        return False
    found = re.search(r"#\s*(?:noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*|type:\s*ignore\[[\w,\s-]+\])(.*)", comment)
    return found is None or len(re.findall(r"\w+", found[1])) < 2


@pytest.mark.parametrize(
    ("comment", "is_reasonless"),
    [
        ("# noqa: S608 - the table's name is ours", False),
        ("# type: ignore[arg-type]  # the stub forgets None", False),
        ("# noqa: S608, E501  # the table's name is ours", False),
        ("# noqa", True),
        ("# noqa: S608", True),
        ("# type: ignore", True),
        ("# type: ignore[arg-type]", True),
        ("# type: ignore  # the stub forgets None", True),
        ("# an honest remark", False),
    ],
)
def test_a_reason_is_recognised(comment: str, is_reasonless: bool) -> None:
    assert reasonless(comment) is is_reasonless


@pytest.mark.parametrize("module", HAND_WRITTEN + TESTS, ids=lambda module: str(module.path))
def test_whoever_silences_a_tool_says_why(module: Module) -> None:
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    assert [at(module, token.start[0], token.string) for token in comments if reasonless(token.string)] == []
