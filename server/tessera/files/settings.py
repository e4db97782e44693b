"""What an administrator may change about files."""

from tessera.plugin import Setting

PLACE = Setting(
    "files.place",
    str,
    default="folder",
    choices=("folder", "database"),
    sentence="Where new files are kept: in the data folder or in the database.",
)
MAX_BYTES = Setting(
    "files.max_bytes",
    int,
    default=50 * 1024 * 1024,
    minimum=1024,
    maximum=2 * 1024**3,
    sentence="How many bytes an uploaded file may have.",
)
