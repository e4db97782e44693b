"""Writes a new package: a table, a field of the ticket, a verb, a handler, and tests that pass at once."""

import re
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tessera import __version__

LABEL = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
SUFFIX = ".txt"


class NotWritten(Exception):
    """The package cannot be written; the message is a sentence."""


def write(label: str, folder: Path) -> Path:
    """Write the package with a label into a new folder below `folder`; return it.

    Raises `NotWritten`.
    """
    if not LABEL.fullmatch(label):
        raise NotWritten(f"{label} is no name for a package: lower-case letters, digits and single underscores.")
    if label in _taken():
        raise NotWritten(f"The name {label} is taken.")
    words = _words(label)
    target = folder / f"tessera-{words['__dashed__']}"
    if target.exists():
        raise NotWritten(f"{target} exists already.")
    _copy(files("tessera.packages") / "_template", target, words)
    return target


def _taken() -> set[str]:
    rooms = {each.name.partition(".")[0] for each in files("tessera").iterdir()}
    return {"tessera", *rooms, *(each.name for each in entry_points(group="tessera"))}


def _words(label: str) -> dict[str, str]:
    """Return what stands for each word of the template."""
    first, *others = label.split("_")
    rest = "".join(part.title() for part in others)
    major, minor = (int(part) for part in __version__.split(".")[:2])
    newest = max(each.name for each in files("tessera.migrations").iterdir() if re.match(r"\d{4}_", each.name))
    return {
        "__Label__": first.title() + rest,
        "__camel__": first + rest,
        "__dashed__": label.replace("_", "-"),
        "__label__": label,
        "__migration__": newest.removesuffix(".py"),
        "__from__": f"{major}.{minor}",
        "__until__": f"{major}.{minor + 1}",
    }


def _copy(source: Traversable, target: Path, words: dict[str, str]) -> None:
    target.mkdir(parents=True)
    for each in source.iterdir():
        name = _filled(each.name, words)
        if each.is_dir():
            _copy(each, target / name, words)
        elif name.endswith(SUFFIX):
            text = _filled(each.read_text(encoding="utf-8"), words)
            (target / name.removesuffix(SUFFIX)).write_text(text, encoding="utf-8")


def _filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text
