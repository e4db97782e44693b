"""The supervisor's log: the lines of `tessera.kit.log`, written without the library that would weigh on it."""

import json
import sys
from datetime import UTC, datetime

LEVELS = ("debug", "info", "warning", "error")


class Log:
    """Writes lines to standard error; `configure` it when the configuration is known."""

    def __init__(self) -> None:
        self._level = "info"
        self._as_json = False

    def configure(self, *, level: str, as_json: bool) -> None:
        """Write lines of a level and above, as JSON if wanted."""
        self._level, self._as_json = level.lower(), as_json

    def write(self, level: str, event: str, **facts: object) -> None:
        """Write one line."""
        if LEVELS.index(level) < LEVELS.index(self._level):
            return
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")  # noqa: TID251 - kit.clock brings in libraries
        line = json.dumps({**facts, "event": event, "level": level, "timestamp": at}, default=str)
        if not self._as_json:
            told = " ".join(f"{name}={value}" for name, value in facts.items())
            line = f"{at} [{level:<9}] {event:<30} {told}".rstrip()
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
