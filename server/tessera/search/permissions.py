"""What roles may allow about the search."""

from tessera.plugin import Permission

MANAGE = Permission("search.manage", "Have the full-text index built again.")
