"""The Redis to test with, and one of our own that can be killed."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REDIS_URL = os.environ.get("TESSERA_TEST_REDIS", "redis://127.0.0.1:6379/7")


def redis_is_missing(url: str = REDIS_URL) -> str | None:
    """Say why there is no Redis to test with, None when there is one."""
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "127.0.0.1", address.port or 6379), timeout=1).close()
    except OSError as error:
        return f"no Redis at {address.hostname}:{address.port}: {error}"
    return None


needs_redis = pytest.mark.skipif(redis_is_missing() is not None, reason=redis_is_missing() or "")


needs_redis_server = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")


@contextmanager
def redis_server(port: int, folder: Path) -> Iterator[None]:
    """Run a Redis of our own, killed at the end; fails when another one has the port."""
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not _is_served_by(process.pid, port):
            assert process.poll() is None, "Redis ended at once: is the port taken?"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


def _is_served_by(pid: int, port: int) -> bool:
    """Tell whether the Redis that answers on a port is a certain process, not one from before."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"INFO server\r\n")
        return f"process_id:{pid}\r".encode() in connection.recv(1 << 16)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
