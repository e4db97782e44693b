"""What a role may allow about tickets as such; rights on single tickets come from their queue's group."""

from tessera.plugin import Permission

MANAGE = Permission("tickets.manage", "Configure ticket states, priorities and types.")
