"""A folder of contents by digest; every function here blocks, so call them in a thread."""

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tessera.files.errors import FileMissing

INCOMING = "incoming"
CHUNK = 256 * 1024


class Folder:
    """Contents as files: the first two digits of the digest are the folder, the rest is the name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where a content lies, or would lie."""
        return self.root / digest[:2] / digest[2:]

    def incoming(self, at: datetime) -> Path:
        """Return a new empty file to be filled and adopted, or unlinked; its name says since when it is there."""
        folder = self.root / INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f"{int(at.timestamp())}-")
        os.close(handle)
        return Path(name)

    def adopt(self, file: Path, digest: str) -> None:
        """Keep a file that is safe on the disk as the content of a digest; readers see all of it or nothing."""
        path = self.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.replace(path)
        for folder in (path.parent, self.root):
            _flush(folder)

    def has(self, digest: str) -> bool:
        """Tell whether a content is there."""
        return self.path(digest).is_file()

    def piece(self, digest: str, offset: int) -> bytes:
        """Return up to `CHUNK` bytes of a content, none at its end.

        Each piece opens the file anew: a reader who goes away midway leaves nothing open behind.
        Raises `FileMissing`.
        """
        try:
            with self.path(digest).open("rb") as stream:
                stream.seek(offset)
                return stream.read(CHUNK)
        except FileNotFoundError as error:
            raise FileMissing from error

    def remove(self, digest: str) -> None:
        """Forget a content."""
        self.path(digest).unlink(missing_ok=True)

    def sweep(self, older_than: datetime) -> None:
        """Remove what senders that were interrupted before an instant left behind."""
        folder = self.root / INCOMING
        for file in folder.iterdir() if folder.is_dir() else ():
            began = file.name.partition("-")[0]
            if began.isdecimal() and int(began) < older_than.timestamp():
                file.unlink(missing_ok=True)


def parts(file: Path, size: int) -> Iterator[bytes]:
    """Yield a file's bytes in parts of a size."""
    with file.open("rb") as stream:
        while part := stream.read(size):
            yield part


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
