"""What roles may allow about mail."""

from tessera.plugin import Permission

MANAGE = Permission("mail.manage", "Set up mail accounts and filters, and handle mails that could not be filed.")
