"""The table of remarks."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from tessera.accounts.models import Agent
from tessera.kit.model import Row
from tessera.tickets.models import Ticket


class Remark(Row):
    """A remark on a ticket, of which there is at most one."""

    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    agent: fields.ForeignKeyNullableRelation[Agent] = fields.ForeignKeyField(
        "tessera.Agent", related_name=False, on_delete=fields.RESTRICT, null=True
    )
    agent_id: int | None
    text = fields.CharField(max_length=200)
    reactions = fields.IntField(default=0)

    class Meta:
        app = "dummy"
        table = "dummy_remark"
        constraints = (UniqueConstraint(fields=("ticket",), name="dummy_remark_ticket"),)
