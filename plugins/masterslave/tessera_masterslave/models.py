"""Tables of the groups: who follows whom, how far, and what could not be followed."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now
from tessera.kit.model import Row, Versioned
from tessera.tickets.models import Ticket


class Group(Versioned):
    """A master and what its slaves repeat: `cascades` is a JSON list of names of `_cascades.CASCADES`."""

    master: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    master_id: int
    cascades = fields.TextField()

    class Meta:
        """Written by compare-and-set with everything that changes who is in it."""

        app = "masterslave"
        table = "masterslave_group"
        constraints = (UniqueConstraint(fields=("master",), name="masterslave_group_master"),)


class Member(Row):
    """A ticket in a group, the master included; `position` is the id of the last fact of the master it has followed."""

    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "masterslave.Group", related_name=False, on_delete=fields.RESTRICT
    )
    group_id: int
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    position = fields.BigIntField(default=0)

    class Meta:
        """A ticket is in one group at most, as its master or as a slave: nobody is both."""

        app = "masterslave"
        table = "masterslave_member"
        constraints = (UniqueConstraint(fields=("ticket",), name="masterslave_member_ticket"),)
        indexes = (Index(fields=("group_id",), name="masterslave_member_group"),)


class Failure(Row):
    """What a slave could not follow, and why: a problem's code, reason, sentence and facts (JSON).

    `entry_id` is the fact on the master.
    """

    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "masterslave.Group", related_name=False, on_delete=fields.RESTRICT
    )
    group_id: int
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    entry_id = fields.BigIntField()
    cascade = fields.CharField(max_length=20)
    code = fields.CharField(max_length=20)
    reason: str | None = fields.CharField(max_length=100, null=True)  # type: ignore[assignment]  # null is not in its type
    sentence = fields.TextField()
    facts = fields.TextField(default="{}")
    at = fields.DatetimeField(default=now)

    class Meta:
        """Each fact once for each slave; gone when it was followed after all, or the slave has left."""

        app = "masterslave"
        table = "masterslave_failure"
        constraints = (UniqueConstraint(fields=("ticket", "entry_id"), name="masterslave_failure_unique"),)
        indexes = (Index(fields=("group_id",), name="masterslave_failure_group"),)
