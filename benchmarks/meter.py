"""Reads what processes cost: CPU from /proc/<pid>/schedstat, memory from /proc/<pid>/statm."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

PROC = Path("/proc")
PAUSE_SECONDS = 0.05
QUIET_SHARE = 0.05
QUIET_TRIES = 400


def cpu_of(pid: int) -> int:
    """Return the nanoseconds of CPU a process has used with all its threads; 0 when it is gone."""
    total = 0
    for thread in PROC.glob(f"{pid}/task/*/schedstat"):
        with contextlib.suppress(OSError):
            total += int(thread.read_text().split()[0])
    return total


def resident(pid: int) -> int:
    """Return the bytes of memory a process holds."""
    return int((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def backends_of(database: str) -> list[int]:
    """Return the PostgreSQL processes that serve a database, as their titles tell; none when it is elsewhere."""
    found = []
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            title = (process / "cmdline").read_bytes().rstrip(b"\0").decode(errors="replace").split(" ")
            if database and title[0] == "postgres:" and database in title:
                found.append(int(process.name))
    return found


class Meter:
    """What a changing set of processes uses while it runs: a process that ends counts until it was last seen."""

    def __init__(self, processes: Callable[[], Iterable[int]]) -> None:
        self._processes = processes
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._keep_looking, daemon=True)

    def __enter__(self) -> Self:
        self._first = {pid: cpu_of(pid) for pid in self._processes()}
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()
        self._look()

    @property
    def used(self) -> int:
        """The nanoseconds of CPU used so far."""
        return sum(last - self._first.get(pid, 0) for pid, last in self._last.items())

    def settle(self) -> None:
        """Wait until the processes have finished what they still had to do.

        Raises `TimeoutError` when they never do.
        """
        for _ in range(QUIET_TRIES):
            self._look()
            before = self.used
            self._done.wait(PAUSE_SECONDS)
            self._look()
            if self.used - before < QUIET_SHARE * PAUSE_SECONDS * 1e9:
                return
        raise TimeoutError("The server does not come to rest.")

    def _keep_looking(self) -> None:
        while not self._done.wait(10 * PAUSE_SECONDS):
            self._look()

    def _look(self) -> None:
        for pid in self._processes():
            if cpu := cpu_of(pid):
                self._last[pid] = cpu
