"""What the access rules ask of a role."""

from tessera.plugin import Permission

MANAGE = Permission("access.manage", "Create and change groups and roles, and give them to agents.")
