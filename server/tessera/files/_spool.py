"""Writes a stream to a file and measures it on the way."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tessera.files._folder import CHUNK, Folder
from tessera.files.errors import FileTooLarge
from tessera.kit.clock import now


@dataclass(frozen=True, slots=True)
class Spooled:
    """A stream's bytes in a file, safe on the disk, with their SHA-256 in hex and their number."""

    file: Path
    digest: str
    size: int


@asynccontextmanager
async def spooled(folder: Folder, data: bytes | AsyncIterator[bytes], limit: int | None) -> AsyncIterator[Spooled]:
    """Write a stream to a new file of the folder, which is removed afterwards unless somebody moved it.

    Raises `FileTooLarge` as soon as there are more bytes than the limit.
    """
    file = await asyncio.to_thread(folder.incoming, now())
    try:
        yield await _write(file, _once(data) if isinstance(data, bytes) else data, limit)
    finally:
        await asyncio.to_thread(file.unlink, missing_ok=True)


async def _write(file: Path, chunks: AsyncIterator[bytes], limit: int | None) -> Spooled:
    digest, size, waiting = hashlib.sha256(), 0, bytearray()

    def write() -> None:
        with file.open("ab") as stream:
            stream.write(waiting)

    async for chunk in chunks:
        size += len(chunk)
        if limit is not None and size > limit:
            raise FileTooLarge(limit=limit)
        digest.update(chunk)
        waiting += chunk
        if len(waiting) >= CHUNK:
            await asyncio.to_thread(write)
            waiting.clear()
    await asyncio.to_thread(write)
    await asyncio.to_thread(_flush, file)
    return Spooled(file, digest.hexdigest(), size)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _flush(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
