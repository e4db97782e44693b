"""What the settings ask of a role."""

from tessera.plugin import Permission

MANAGE = Permission("settings.manage", "Read and change the settings.")
