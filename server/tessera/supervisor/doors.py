"""What the supervisor holds for as long as the server lives: the listening sockets and the data folder's lock."""

import errno
import fcntl
import os
import socket
import time
from pathlib import Path

LOCK_FILE = "server.lock"
PATIENCE_SECONDS = 3.0
"""How long a dead supervisor's generations may take to end."""

AGAIN_SECONDS = 0.1


class Taken(Exception):
    """Somebody else holds it; the message is one sentence."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Bind a port on every address of a host; port 0 chooses a free one, the same on all.

    The sockets listen as soon as a generation does. Raises `Taken` when that is impossible.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(found):
            chosen = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(family, (address[0], chosen, *address[2:])))
    except OSError as error:
        for each in sockets:
            each.close()
        message = f"Nobody can listen on {host}:{port}: {error.strerror}."
        raise Taken(message) from error
    return sockets


def _bound(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        bound = socket.socket(family)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.bind(address)
            return bound
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(AGAIN_SECONDS)


def lock(folder: Path) -> int:
    """Hold a data folder, which has one server at a time; return the descriptor that holds it.

    Who inherits it holds the folder too. Raises `Taken` when another server does.
    """
    held = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                os.close(held)
                message = f"Another server is already running on {folder}; stop it, or choose another --data folder."
                raise Taken(message) from error
            time.sleep(AGAIN_SECONDS)
        else:
            return held
