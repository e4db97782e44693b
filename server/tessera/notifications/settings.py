"""What administrators may change about notifications."""

from tessera.plugin import Setting

KEEP_READ_DAYS = Setting(
    "notifications.keep_read_days",
    int,
    default=30,
    sentence="After how many days a notification that was read is removed.",
    minimum=1,
    maximum=3660,
)
