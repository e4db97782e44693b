"""What background work asks of a role."""

from tessera.plugin import Permission

MANAGE = Permission("jobs.manage", "See everybody's background work, try it again, call it off.")
