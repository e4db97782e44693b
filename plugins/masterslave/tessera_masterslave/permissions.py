"""What groups ask of a role."""

from tessera.plugin import Permission

MANAGE = Permission("masterslave.manage", "Make tickets follow a master, change such groups and dissolve them.")
