"""What the queues ask of a role."""

from tessera.plugin import Permission

MANAGE = Permission("queues.manage", "Create and change queues, their addresses, texts and templates.")
