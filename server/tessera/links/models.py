"""Tables of the links."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now
from tessera.kit.model import Row


class Link(Row):
    """A directed, typed relation between two objects of any kind."""

    kind = fields.CharField(max_length=50)
    source_kind = fields.CharField(max_length=50)
    source_id = fields.BigIntField()
    target_kind = fields.CharField(max_length=50)
    target_id = fields.BigIntField()
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """Each relation once."""

        app = "tessera"
        table = "link"
        constraints = (
            UniqueConstraint(
                fields=("source_kind", "source_id", "kind", "target_kind", "target_id"), name="link_unique"
            ),
        )
        indexes = (("target_kind", "target_id"),)
