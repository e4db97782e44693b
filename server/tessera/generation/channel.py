"""A generation's end of the channel to its supervisor: JSON lines, and the end of the supervisor is its own."""

import asyncio
import json
import os
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]


class Channel:
    """Reads in a thread of its own: a supervisor that is gone is noticed while anything else is going on."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._waiting: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._take: Callable[[Message], object] = self._waiting.put
        self._changing = threading.Lock()
        threading.Thread(target=self._read, name="channel", daemon=True).start()

    def send(self, **message: Any) -> None:
        """Tell the supervisor something."""
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def wait_for(self, name: str) -> Any:
        """Return what the next message of this name says, before anybody listens; others are forgotten."""
        while name not in (message := self._waiting.get()):
            pass
        return message[name]

    def listen(self, take: Callable[[Message], object]) -> None:
        """Let every message from now on be taken in the running event loop, those that wait first."""
        loop = asyncio.get_running_loop()
        with self._changing:
            while not self._waiting.empty():
                take(self._waiting.get())
            self._take = lambda message: loop.call_soon_threadsafe(take, message)

    def _read(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                with self._changing:
                    self._take(json.loads(line))
        # nobody holds the data folder any more: whoever takes it next must not find this process at work
        os._exit(1)


class Alone(Channel):
    """Stands for a supervisor where there is none: one generation, in this process, until SIGTERM."""

    def __init__(self, *, leads: bool = True) -> None:
        """Let the generation do background work, too, if it `leads`."""
        self._leads = leads

    def send(self, **message: Any) -> None:
        """Say nothing to nobody; a generation that could not start raises."""
        if "failed" in message:
            raise SystemExit(message["failed"]["reason"])

    def listen(self, take: Callable[[Message], object]) -> None:
        """Lead at once, or never."""
        if self._leads:
            asyncio.get_running_loop().call_soon(take, {"lead": True})
