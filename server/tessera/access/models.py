"""Tables of groups, roles and what they grant."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from tessera.accounts.models import Agent
from tessera.kit.model import Row, Versioned

MAX_NAME = 200
MAX_KEY = 500
"""Folded names may be longer than the names."""


class Group(Versioned):
    """Rights are granted on groups; queues belong to groups."""

    name = fields.CharField(max_length=MAX_NAME)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "access_group"


class Role(Versioned):
    """A bundle of permissions and of rights on groups."""

    name = fields.CharField(max_length=MAX_NAME)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "role"


class RolePermission(Row):
    """A permission a role gives."""

    role: fields.ForeignKeyRelation[Role] = fields.ForeignKeyField(
        "tessera.Role", related_name=False, on_delete=fields.RESTRICT
    )
    role_id: int
    permission = fields.CharField(max_length=100)

    class Meta:
        """Each permission once."""

        app = "tessera"
        table = "role_permission"
        constraints = (UniqueConstraint(fields=("role", "permission"), name="role_permission_unique"),)


class RoleGrant(Row):
    """An agent has a role."""

    role: fields.ForeignKeyRelation[Role] = fields.ForeignKeyField(
        "tessera.Role", related_name=False, on_delete=fields.RESTRICT
    )
    role_id: int
    agent: fields.ForeignKeyRelation[Agent] = fields.ForeignKeyField(
        "tessera.Agent", related_name=False, on_delete=fields.RESTRICT
    )
    agent_id: int

    class Meta:
        """Each role once."""

        app = "tessera"
        table = "role_grant"
        constraints = (UniqueConstraint(fields=("agent", "role"), name="role_grant_unique"),)


class GroupGrant(Row):
    """A right on a group, of a role or of one agent (`holder_kind` is `role` or `agent`)."""

    holder_kind = fields.CharField(max_length=20)
    holder_id = fields.BigIntField()
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "tessera.Group", related_name=False, on_delete=fields.RESTRICT
    )
    group_id: int
    right = fields.CharField(max_length=20)

    class Meta:
        """Each right once."""

        app = "tessera"
        table = "group_grant"
        constraints = (
            UniqueConstraint(fields=("holder_kind", "holder_id", "group", "right"), name="group_grant_unique"),
        )
