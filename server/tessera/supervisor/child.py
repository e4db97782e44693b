"""A generation as the supervisor sees it: a process, and a channel of JSON lines to it."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import Collection, Mapping
from typing import Any, Self

LONGEST_MESSAGE = 1 << 20


class Child:
    """A generation's process. `messages` holds what it said, and None behind the last word of one that is gone.

    `folder` is the set of packages it runs on, `revision` the newest one when it became ready, `schema` the revision
    of its schema, `since` when it took over.
    """

    def __init__(self, process: asyncio.subprocess.Process, writer: asyncio.StreamWriter) -> None:
        self.process = process
        self.messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.released = asyncio.Event()
        self.folder = ""
        self.revision = 0
        self.schema = ""
        self.since = 0.0
        self._writer = writer
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, order: Mapping[str, Any], descriptors: Collection[int]) -> Self:
        """Start a generation with its order; it inherits the descriptors."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "tessera", "generation", str(theirs.fileno())),
                pass_fds=(theirs.fileno(), *descriptors),
                stdin=asyncio.subprocess.DEVNULL,
            )
        reader, writer = await asyncio.open_connection(sock=ours, limit=LONGEST_MESSAGE)
        child = cls(process, writer)
        child._reading = asyncio.create_task(child._read(reader))
        child.send(order=order)
        return child

    @property
    def name(self) -> str:
        """How the log calls it."""
        return str(self.process.pid)

    def send(self, **message: Any) -> None:
        """Tell it something; one that is gone hears nothing."""
        with contextlib.suppress(OSError):
            self._writer.write(json.dumps(message).encode() + b"\n")

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)

    async def end(self, seconds: float) -> int:
        """Wait for its end, or make one after some seconds; return the exit code."""
        try:
            async with asyncio.timeout(seconds):
                return await self.process.wait()
        except TimeoutError:
            self.kill()
            return await self.process.wait()
        finally:
            self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                message = json.loads(line)
                if "released" in message:
                    self.released.set()
                else:
                    self.messages.put_nowait(message)
        except (OSError, ValueError):
            self.kill()
        finally:
            self.released.set()
            self.messages.put_nowait(None)


def said_of(code: int) -> str:
    """Say how a process ended."""
    return f"it was killed by {signal.Signals(-code).name}" if code < 0 else f"it ended with exit code {code}"
