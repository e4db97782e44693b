"""Tables of the blobs and of uploads that wait to be used."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now
from tessera.kit.model import Row


class Blob(Row):
    """Bytes known by their SHA-256; `place` says where they lie (`folder`, `database`).

    `stored_at` is when somebody last sent them: what was sent lately is not swept away.
    """

    digest = fields.CharField(max_length=64, unique=True)
    size = fields.BigIntField()
    place = fields.CharField(max_length=20)
    stored_at = fields.DatetimeField(default=now)

    class Meta:
        """One row per content."""

        app = "tessera"
        table = "blob"


class BlobContent(Row):
    """A part, of 1 MiB at most, of a blob that lies in the database; parts count from 0."""

    digest = fields.CharField(max_length=64)
    part = fields.IntField()
    content = fields.BinaryField()

    class Meta:
        """Apart from `Blob`, so that looking a blob up never carries its bytes."""

        app = "tessera"
        table = "blob_content"
        constraints = (UniqueConstraint(fields=("digest", "part"), name="blob_content_unique"),)


class Upload(Row):
    """A file somebody sent and has not used yet; its token's digest is what is stored of the token."""

    token_digest = fields.CharField(max_length=64, unique=True)
    blob_digest = fields.CharField(max_length=64)
    filename = fields.CharField(max_length=255)
    content_type = fields.CharField(max_length=200)
    size = fields.BigIntField()
    owner_kind = fields.CharField(max_length=20)
    owner_id = fields.BigIntField(null=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        """Removed when used or expired."""

        app = "tessera"
        table = "upload"
