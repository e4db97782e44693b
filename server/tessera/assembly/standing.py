"""What a process says of the packages that it runs and that it should run."""

from dataclasses import dataclass


@dataclass
class Standing:
    """The revision of the set that runs, 0 for none, and of the one that should; why that one cannot be run."""

    running: int = 0
    wanted: int = 0
    problem: str | None = None
