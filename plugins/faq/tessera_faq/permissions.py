"""What the knowledge base asks of a role."""

from tessera.plugin import Permission

EDIT = Permission("faq.edit", "Write FAQ items, and see those that are not published.")
APPROVE = Permission("faq.approve", "Approve FAQ items.")
MANAGE = Permission("faq.manage", "Set up FAQ categories.")
