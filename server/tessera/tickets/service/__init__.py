"""The verbs of tickets; whoever writes tickets does it here."""

from tessera.tickets.service.changes import (
    Changes,
    assign_owner,
    assign_responsible,
    close,
    follow_up,
    move,
    reopen,
    set_state,
    update,
)
from tessera.tickets.service.configuration import (
    create_priority,
    create_state,
    create_type,
    update_priority,
    update_state,
    update_type,
)
from tessera.tickets.service.creation import create
from tessera.tickets.service.deadlines import act_on_pending, release_expired_lock
from tessera.tickets.service.labels import add_tags, mark_seen, remove_tags, unwatch, watch
from tessera.tickets.service.locks import lock, touch, unlock
from tessera.tickets.service.merging import merge
from tessera.tickets.service.rules import require_workable

__all__ = [
    "Changes",
    "act_on_pending",
    "add_tags",
    "assign_owner",
    "assign_responsible",
    "close",
    "create",
    "create_priority",
    "create_state",
    "create_type",
    "follow_up",
    "lock",
    "mark_seen",
    "merge",
    "move",
    "release_expired_lock",
    "remove_tags",
    "reopen",
    "require_workable",
    "set_state",
    "touch",
    "unlock",
    "unwatch",
    "update",
    "update_priority",
    "update_state",
    "update_type",
    "watch",
]
