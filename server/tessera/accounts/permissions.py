"""What the accounts ask of a role."""

from tessera.plugin import Permission

MANAGE = Permission("accounts.manage", "Create and change agents, customer users and customers.")
