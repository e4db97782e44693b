"""Reads of files: their bytes, and links to them that expire."""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import timedelta
from urllib.parse import urlencode

from tessera.files._folder import Folder
from tessera.files.errors import FileMissing
from tessera.files.models import Blob, BlobContent, Upload
from tessera.kit import secrets
from tessera.kit.clock import now
from tessera.kit.config import in_use

FOLDER = "files"
LINK_LIFETIME = timedelta(minutes=15)


def folder() -> Folder:
    """Return where this process's house keeps files."""
    return Folder(in_use().data / FOLDER)


async def get_blob(digest: str) -> Blob:
    """Return the blob with a SHA-256 in hex.

    Raises `FileMissing` when there is none.
    """
    blob = await Blob.get_or_none(digest=digest)
    if blob is None:
        raise FileMissing
    return blob


async def chunks(digest: str) -> AsyncIterator[bytes]:
    """Yield the bytes of a blob in pieces of a megabyte at most.

    Raises `FileMissing`, at the first piece, when they are not there.
    """
    blob = await get_blob(digest)
    pieces = _from_folder(digest) if blob.place == "folder" else _from_database(blob)
    async for piece in pieces:
        yield piece


async def read(digest: str) -> bytes:
    """Return the bytes of a blob.

    Raises `FileMissing` when they are not there.
    """
    return b"".join([piece async for piece in chunks(digest)])


def download_url(base_url: str, digest: str, *, name: str, content_type: str) -> str:
    """Return a link by which anybody may fetch a content under a name for a quarter of an hour."""
    signature = secrets.sign(in_use().key(), _signed(digest, name, content_type), until=now() + LINK_LIFETIME)
    query = urlencode({"name": name, "type": content_type, "signature": signature})
    return f"{base_url.rstrip('/')}/files/{digest}?{query}"


def is_good_link(digest: str, *, name: str, content_type: str, signature: str) -> bool:
    """Tell whether `download_url` made a link with these parts, lately."""
    return secrets.is_signed(in_use().key(), _signed(digest, name, content_type), signature)


async def named_by_uploads(digests: Collection[str]) -> set[str]:
    """Return which of these digests wait as uploads."""
    found = await Upload.filter(blob_digest__in=list(digests)).values_list("blob_digest", flat=True)
    return {str(digest) for digest in found}


def _signed(digest: str, name: str, content_type: str) -> str:
    return f"files\n{digest}\n{content_type}\n{name}"


async def _from_folder(digest: str) -> AsyncIterator[bytes]:
    offset = 0
    while piece := await asyncio.to_thread(folder().piece, digest, offset):
        offset += len(piece)
        yield piece


async def _from_database(blob: Blob) -> AsyncIterator[bytes]:
    length = part = 0
    while length < blob.size:
        row = await BlobContent.get_or_none(digest=blob.digest, part=part)
        if row is None:
            raise FileMissing
        length, part = length + len(row.content), part + 1
        yield bytes(row.content)
