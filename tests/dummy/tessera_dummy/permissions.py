"""What remarks ask of a role."""

from tessera.plugin import Permission

REMARK = Permission("dummy.remark", "Remark on tickets.")
