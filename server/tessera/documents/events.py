"""Facts about documents."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class DocumentImported(Event):
    """An administrator imported a document, so that clients may run it by its hash."""

    name: ClassVar[str] = "document.imported"
    sentence: ClassVar[str] = "The document {hash} was imported."

    hash: str
