"""What administrators may change about groups."""

from tessera.plugin import Setting
from tessera_masterslave._cascades import CASCADES

NEW_CASCADES = Setting(
    "masterslave.cascades",
    list,
    default=list(CASCADES),
    sentence=f"What the slaves of a new group repeat: any of {', '.join(CASCADES)}.",
)
UNLINK_ON_MERGE = Setting(
    "masterslave.unlink_on_merge",
    bool,
    default=False,
    sentence=(
        "Whether merging takes a ticket out of its group, and dissolves a merged master's; otherwise the ticket it was "
        "merged into takes its place, unless that has a place of its own."
    ),
)
