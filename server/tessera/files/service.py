"""Verbs of files: store, hand over, collect what nobody names."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from tessera.files import queries
from tessera.files._folder import parts
from tessera.files._names import safe_name, safe_type
from tessera.files._spool import Spooled, spooled
from tessera.files.errors import TooManyUploads, UploadUnknown
from tessera.files.hooks import BlobOwner
from tessera.files.models import Blob, BlobContent, Upload
from tessera.files.settings import PLACE
from tessera.kit import secrets
from tessera.kit.clock import now
from tessera.kit.db import retrying, transaction
from tessera.kit.inputs import Field
from tessera.kit.unit import Unit
from tessera.settings import queries as settings

PART = 1024 * 1024
UPLOAD_LIFETIME = timedelta(days=1)
KEPT_FOR = timedelta(days=1)
MAX_WAITING = 100
BATCH = 200


async def store(unit: Unit | None, data: bytes | AsyncIterator[bytes], *, limit: int | None = None) -> Blob:
    """Keep bytes and return their blob; the same bytes are kept once.

    Without a unit it is a transaction of its own. Raises `FileTooLarge` above the limit, in bytes, and `TypeError`
    for a stream inside a unit: a unit that begins again could not read it again.
    """
    if unit is not None and not isinstance(data, bytes):
        message = "a stream is stored outside units"
        raise TypeError(message)
    place = await settings.value(PLACE)
    async with spooled(queries.folder(), data, limit) as content:
        if unit is not None:
            return await _keep(content, place)
        return await retrying(lambda: _keep_alone(content, place))


async def accept_upload(unit: Unit, blob: Blob, *, filename: str, content_type: str) -> tuple[Upload, str]:
    """Let the actor use a stored content once within a day; return it with the token that stands for it.

    Raises `TooManyUploads` when a hundred of the actor's files wait already.
    """
    if await _own(unit).count() >= MAX_WAITING:
        raise TooManyUploads(limit=MAX_WAITING)
    token = secrets.new_token("upload")
    upload = await Upload.create(
        token_digest=secrets.digest(token),
        blob_digest=blob.digest,
        filename=safe_name(filename),
        content_type=safe_type(content_type),
        size=blob.size,
        owner_kind=unit.actor.kind.value,
        owner_id=unit.actor.id,
        expires_at=now() + UPLOAD_LIFETIME,
    )
    return upload, token


async def claim_upload(unit: Unit, token: str, *, field: Field | None = None) -> Upload:
    """Take one of the actor's own uploads for good.

    Raises `UploadUnknown` when it is somebody else's, expired or used.
    """
    upload = await _own(unit).get_or_none(token_digest=secrets.digest(token))
    if upload is None or not await Upload.filter(id=upload.id).delete():
        raise UploadUnknown(field=field)
    return upload


async def collect(owners: Iterable[BlobOwner]) -> int:
    """Remove expired uploads, and the contents older than a day that no owner names; return how many contents."""
    await Upload.filter(expires_at__lte=now()).delete()
    old = now() - KEPT_FOR
    asked = (BlobOwner("uploads", queries.named_by_uploads), *owners)
    last = removed = 0
    while blobs := await Blob.filter(id__gt=last, stored_at__lt=old).order_by("id").limit(BATCH):
        last = blobs[-1].id
        digests = {blob.digest for blob in blobs}
        for owner in asked:
            digests -= await owner.named(digests)
        for digest in sorted(digests):
            removed += await retrying(lambda each=digest: _remove(each, old))  # type: ignore[misc]  # bound at once
    await asyncio.to_thread(queries.folder().sweep, old)
    return removed


def _own(unit: Unit) -> QuerySet[Upload]:
    return Upload.filter(owner_kind=unit.actor.kind.value, owner_id=unit.actor.id, expires_at__gt=now())


async def _keep_alone(content: Spooled, place: str) -> Blob:
    async with transaction():
        return await _keep(content, place)


async def _keep(content: Spooled, place: str) -> Blob:
    """Write the row first: its lock keeps the collector away until the bytes are there too."""
    blob = await _known(content)
    if blob is None:
        try:
            async with transaction():
                blob = await Blob.create(digest=content.digest, size=content.size, place=place)
                if place == "database":
                    await _insert(content)
        except IntegrityError:
            blob = await _known(content)
            if blob is None:
                raise
    if blob.place == "folder":
        await asyncio.to_thread(_adopt, content)
    return blob


async def _known(content: Spooled) -> Blob | None:
    touched = await Blob.filter(digest=content.digest).update(stored_at=now())
    return await Blob.get(digest=content.digest) if touched else None


async def _insert(content: Spooled) -> None:
    pieces = parts(content.file, PART)
    part = 0
    while piece := await asyncio.to_thread(next, pieces, b""):
        await BlobContent.create(digest=content.digest, part=part, content=piece)
        part += 1


def _adopt(content: Spooled) -> None:
    folder = queries.folder()
    if not folder.has(content.digest):
        folder.adopt(content.file, content.digest)


async def _remove(digest: str, old: datetime) -> int:
    async with transaction():
        blob = await Blob.filter(digest=digest, stored_at__lt=old).select_for_update().first()
        if blob is None:
            return 0
        await BlobContent.filter(digest=digest).delete()
        await blob.delete()
        if blob.place == "folder":
            await asyncio.to_thread(queries.folder().remove, digest)
    return 1
