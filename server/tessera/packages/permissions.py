"""What packages ask of a role."""

from tessera.plugin import Permission

MANAGE = Permission("packages.manage", "Install, upgrade, switch off and remove packages.")
