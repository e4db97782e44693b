"""Problems of documents."""

from collections.abc import Sequence
from typing import Self

from tessera.kit.errors import Invalid


class DocumentsUnfit(Invalid):
    """Some of the documents cannot be imported, so none was; `reasons` has a line for each fault."""

    reason = "documents.unfit"
    sentence = "Nothing was imported:{reasons}"

    @classmethod
    def because(cls, reasons: Sequence[str]) -> Self:
        """Make one that lists its reasons, each on a line of its own."""
        return cls(reasons="".join(f"\n- {reason}" for reason in reasons))
