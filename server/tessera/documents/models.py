"""Tables of the imported documents."""

from tortoise import fields

from tessera.kit.clock import now
from tessera.kit.model import Row


class Document(Row):
    """A GraphQL document and the SHA-256 of its text in UTF-8, in lower-case hexadecimal digits."""

    hash = fields.CharField(max_length=64, unique=True)
    text = fields.TextField()
    imported_at = fields.DatetimeField(default=now)

    class Meta:
        """Never changed: another text has another hash."""

        app = "tessera"
        table = "document"
