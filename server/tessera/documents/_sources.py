"""Reads documents out of files: GraphQL itself, Apollo's manifest, and Relay's."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode, parse

from tessera.documents.errors import DocumentsUnfit
from tessera.engine.documents import digest_of

TEXTS = (".graphql", ".gql")
MANIFESTS = (".json",)
APOLLO = "apollo-persisted-query-manifest"


@dataclass(frozen=True, slots=True)
class Source:
    """A document somebody wants imported: where it was read, its text, and the hash its manifest gives it."""

    place: str
    text: str
    claimed: str | None = None

    @property
    def hash(self) -> str:
        """The hash of the text."""
        return digest_of(self.text).hex()


def read(paths: Sequence[Path]) -> list[Source]:
    """Read files, and those below folders, in order of their names.

    Raises `DocumentsUnfit` for what cannot be read, and when there is nothing to read.
    """
    files = [file for path in paths for file in (sorted(_below(path)) if path.is_dir() else [path])]
    sources: list[Source] = []
    failures: list[str] = []
    for file in files:
        try:
            sources += _read(file)
        except (OSError, ValueError) as error:
            failures.append(f"{file}: {error}")
    if failures:
        raise DocumentsUnfit.because(failures)
    if not sources:
        raise DocumentsUnfit.because([f"{path}: There are no documents here." for path in paths])
    return sources


def operations(text: str) -> list[tuple[str, str]]:
    """Return the kind and the name (empty: none) of each operation in a valid document."""
    return [
        (node.operation.value, node.name.value if node.name is not None else "")
        for node in parse(text).definitions
        if isinstance(node, OperationDefinitionNode)
    ]


def _below(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and file.suffix in (*TEXTS, *MANIFESTS))


def _read(file: Path) -> list[Source]:
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError:
        raise ValueError("The file is not UTF-8.") from None
    if file.suffix in TEXTS:
        return [Source(str(file), text)]
    if file.suffix not in MANIFESTS:
        raise ValueError(f"A document ends with {' or '.join(TEXTS)}, a manifest with {' or '.join(MANIFESTS)}.")
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("The file is not JSON.") from None
    return [Source(f"{file}: {name}", body, claimed.lower()) for name, claimed, body in _entries(manifest)]


def _entries(manifest: Any) -> Iterator[tuple[str, str, str]]:
    """Yield what a manifest names: a name for people, the hash, the text."""
    if not isinstance(manifest, dict):
        raise ValueError("A manifest is a JSON object.")  # noqa: TRY004 - the file's fault, not a caller's
    if "format" in manifest:
        entries = manifest.get("operations")
        if manifest["format"] != APOLLO or manifest.get("version") != 1 or not isinstance(entries, list):
            raise ValueError(f"The manifest is not of the format {APOLLO}, version 1.")
        for each in entries:
            entry = each if isinstance(each, dict) else {}
            yield _entry(entry.get("name") or entry.get("id"), entry.get("id"), entry.get("body"))
    else:
        for hash_, text in manifest.items():
            yield _entry(hash_, hash_, text)


def _entry(name: Any, hash_: Any, text: Any) -> tuple[str, str, str]:
    if not isinstance(hash_, str) or not isinstance(text, str):
        raise ValueError(f"{name}: The manifest has no hash and text here.")  # noqa: TRY004 - the file's fault, not a caller's
    return str(name), hash_, text
