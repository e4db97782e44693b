"""requirements.lock answers every distribution's and every group's needs, with hashes."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.checks.source import ROOT, Module, modules

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = {
    canonicalize_name(name): version for name, version in re.findall(r"^([\w.\[\]-]+)==([^\s;]+)", LOCK, re.MULTILINE)
}
MEMBERS = [ROOT / "server", ROOT / "clients" / "python", *sorted((ROOT / "plugins").glob("*"))]


def needs() -> Iterator[Requirement]:
    """Yield what the checkout's distributions and its own groups ask for, except each other."""
    members = [folder / "pyproject.toml" for folder in MEMBERS if (folder / "pyproject.toml").is_file()]
    projects = [tomllib.loads(file.read_text(encoding="utf-8"))["project"] for file in members]
    own = {project["name"] for project in projects}
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    texts = [text for project in projects for text in project.get("dependencies", [])]
    texts += [
        text for project in projects for extra in project.get("optional-dependencies", {}).values() for text in extra
    ]
    texts += [text for group in ("setup", "test", "dev") for text in groups[group]]
    return (requirement for text in texts if (requirement := Requirement(text)).name not in own)


@pytest.mark.parametrize("requirement", list(needs()), ids=str)
def test_every_need_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    version = PINS.get(canonicalize_name(requirement.name))
    assert version is not None, "run `make lock`"
    assert requirement.specifier.contains(version), "run `make lock`"


def test_every_pin_has_hashes() -> None:
    blocks = re.split(r"^(?=\w)", LOCK, flags=re.MULTILINE)
    assert [block.split()[0] for block in blocks if block.strip() and "--hash=sha256:" not in block] == []


def test_the_server_declares_what_it_imports() -> None:
    """What comes only with another library may leave with it."""
    server = tomllib.loads((ROOT / "server" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*server["dependencies"], *(each for extra in server["optional-dependencies"].values() for each in extra)]
    declared = {canonicalize_name(Requirement(text).name) for text in needed}
    providers = packages_distributions()
    undeclared = {
        f"{module.path}: {name}"
        for module in modules(patterns=("server/tessera",))
        for name in imported(module)
        if not {canonicalize_name(distribution) for distribution in providers.get(name, [])} & declared
    }
    assert undeclared == set()


def imported(module: Module) -> Iterator[str]:
    """Yield the top-level names of the foreign packages a module imports."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(source), level=0):
                names = [source]
            case _:
                continue
        tops = (name.partition(".")[0] for name in names)
        yield from (top for top in tops if top not in sys.stdlib_module_names and top != "tessera")
