"""The verbs of groups, and what a slave does to follow its master."""

from tessera_masterslave.service._following import follow, retry_all
from tessera_masterslave.service._groups import Outcome, attach, attach_all, detach, dissolve, promote, set_cascades
from tessera_masterslave.service._merging import follow_merge
from tessera_masterslave.service._preview import Effect, preview

__all__ = [
    "Effect",
    "Outcome",
    "attach",
    "attach_all",
    "detach",
    "dissolve",
    "follow",
    "follow_merge",
    "preview",
    "promote",
    "retry_all",
    "set_cascades",
]
