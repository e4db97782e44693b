"""Tables of the full-text index; the words themselves are in the table `search_text`, which the ports know."""

from datetime import datetime

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.model import Row

MAX_KIND = 100
MAX_TITLE = 500


class SearchDocument(Row):
    """One thing as the index knows it; its id is that of its words.

    `digest` is of everything indexed, so that what did not change is not written.
    """

    kind = fields.CharField(max_length=MAX_KIND)
    subject_id = fields.BigIntField()
    title = fields.CharField(max_length=MAX_TITLE)
    digest = fields.CharField(max_length=64)

    class Meta:
        """One for each thing."""

        app = "tessera"
        table = "search_document"
        constraints = (UniqueConstraint(fields=("kind", "subject_id"), name="search_document_unique"),)


class SearchKind(Row):
    """A kind of things that was indexed whole; `version` says by which rules."""

    kind = fields.CharField(max_length=MAX_KIND, unique=True)
    version = fields.CharField(max_length=50)
    built_at: datetime = fields.DatetimeField()

    class Meta:
        """One row for each kind."""

        app = "tessera"
        table = "search_kind"
