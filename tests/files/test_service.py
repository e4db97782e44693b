import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from datetime import timedelta
from pathlib import Path

import pytest

from tessera.files import queries, service
from tessera.files.errors import FileMissing, FileTooLarge, TooManyUploads, UploadUnknown
from tessera.files.hooks import BlobOwner
from tessera.files.models import Blob, BlobContent, Upload
from tessera.files.settings import PLACE
from tessera.kit import clock
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.unit import Unit
from tessera.settings.service import change_setting
from tessera.testing.fixtures import every_database
from tessera.testing.house import House

ANNA = Actor(kind=ActorKind.AGENT, id=1, name="Anna")
CARLA = Actor(kind=ActorKind.CUSTOMER_USER, id=1, name="Carla")
BIG = bytes(range(256)) * 4096 * 3 + b"end"


async def stream(data: bytes, size: int = 70_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def on_disk(house: House) -> list[Path]:
    return sorted(path for path in (house.config.data / "files").rglob("*") if path.is_file())


@every_database
@pytest.mark.parametrize("place", ["folder", "database"])
async def test_bytes_come_back_as_they_went(house: House, place: str) -> None:
    await house.run(lambda unit: change_setting(unit, PLACE, place))
    for data in (b"", b"hello", BIG):
        blob = await service.store(None, stream(data))
        assert (blob.digest, blob.size, blob.place) == (hashlib.sha256(data).hexdigest(), len(data), place)
        assert await queries.read(blob.digest) == data
    assert len(on_disk(house)) == (3 if place == "folder" else 0)
    assert bool(await BlobContent.all().count()) == (place == "database")


async def test_the_same_bytes_are_kept_once_wherever_they_are(house: House) -> None:
    first = await service.store(None, b"hello")
    await house.run(lambda unit: change_setting(unit, PLACE, "database"))
    second = await house.run(lambda unit: service.store(unit, b"hello"))
    assert (first.id, second.place) == (second.id, "folder")
    assert len(on_disk(house)) == await Blob.all().count() == 1


@every_database
async def test_many_senders_of_one_content_share_it(house: House) -> None:
    blobs = await asyncio.gather(*(service.store(None, stream(BIG)) for _ in range(6)))
    assert len({blob.id for blob in blobs}) == 1
    assert await queries.read(blobs[0].digest) == BIG
    assert len(on_disk(house)) == 1


async def test_what_is_too_large_leaves_nothing_behind(house: House) -> None:
    with pytest.raises(FileTooLarge):
        await service.store(None, stream(BIG), limit=len(BIG) - 1)
    assert (on_disk(house), await Blob.all().count()) == ([], 0)
    assert (await service.store(None, stream(BIG), limit=len(BIG))).size == len(BIG)


async def test_a_unit_that_fails_leaves_no_row(house: House) -> None:
    async def work(unit: Unit) -> None:
        await service.store(unit, b"hello")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await house.run(work)
    assert await Blob.all().count() == 0
    blob = await service.store(None, b"hello")
    assert await queries.read(blob.digest) == b"hello"


async def test_a_unit_takes_no_stream_it_could_not_read_twice(house: House) -> None:
    with pytest.raises(TypeError):
        await house.run(lambda unit: service.store(unit, stream(b"x")))


async def test_content_lost_from_the_disk_is_missing_until_it_is_sent_again(house: House) -> None:
    blob = await service.store(None, b"hello")
    queries.folder().remove(blob.digest)
    with pytest.raises(FileMissing):
        await queries.read(blob.digest)
    with pytest.raises(FileMissing):
        await queries.read("0" * 64)
    await service.store(None, b"hello")
    assert await queries.read(blob.digest) == b"hello"


@every_database
async def test_an_upload_is_used_once_by_its_owner_within_a_day(house: House) -> None:
    blob = await service.store(None, b"hello")

    async def accept(unit: Unit) -> str:
        return (await service.accept_upload(unit, blob, filename="../a.txt", content_type="text/plain; x"))[1]

    async def claim(token: str, actor: Actor) -> Upload:
        return await house.run(lambda unit: service.claim_upload(unit, token), actor=actor)

    token = await house.run(accept, actor=ANNA)
    assert await Upload.filter(token_digest=token).count() == 0
    for wrong, actor in ((token, CARLA), (token[:-1], ANNA), ("", ANNA)):
        with pytest.raises(UploadUnknown):
            await claim(wrong, actor)
    upload = await claim(token, ANNA)
    assert (upload.filename, upload.content_type, upload.size) == ("a.txt", "text/plain", 5)
    with pytest.raises(UploadUnknown):
        await claim(token, ANNA)
    late = await house.run(accept, actor=ANNA)
    with clock.set_forward(timedelta(days=1, seconds=1)), pytest.raises(UploadUnknown):
        await claim(late, ANNA)


async def test_uploads_that_wait_are_limited(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_WAITING", 2)
    blob = await service.store(None, b"hello")

    async def accept(unit: Unit) -> None:
        await service.accept_upload(unit, blob, filename="a", content_type="")

    for _ in range(2):
        await house.run(accept, actor=ANNA)
    with pytest.raises(TooManyUploads):
        await house.run(accept, actor=ANNA)
    await house.run(accept, actor=CARLA)


@every_database
async def test_only_old_contents_that_nobody_names_are_collected(house: House) -> None:
    kept, lost, waiting = [await service.store(None, data) for data in (b"kept", b"lost", b"waiting")]
    await house.run(lambda unit: change_setting(unit, PLACE, "database"))
    lost_in_database = await service.store(None, b"lost too")
    asked: set[str] = set()

    async def named(digests: Collection[str]) -> set[str]:
        asked.update(digests)
        return {kept.digest} & set(digests)

    owners = [BlobOwner("test", named)]
    assert await service.collect(owners) == 0
    with clock.set_forward(timedelta(hours=23)):
        await house.run(lambda unit: service.accept_upload(unit, waiting, filename="w", content_type=""), actor=ANNA)
    with clock.set_forward(timedelta(hours=25)):
        fresh = await service.store(None, b"fresh")
        assert await service.collect(owners) == 2
    assert asked == {kept.digest, lost.digest, lost_in_database.digest}
    assert {blob.digest for blob in await Blob.all()} == {kept.digest, waiting.digest, fresh.digest}
    for gone in (lost, lost_in_database):
        with pytest.raises(FileMissing):
            await queries.read(gone.digest)
    assert await queries.read(kept.digest) == b"kept"
    with clock.set_forward(timedelta(days=3)):
        assert await service.collect(owners) == 2
    assert await Upload.all().count() == 0


@every_database
async def test_a_sender_and_the_collector_at_once_lose_nothing(house: House) -> None:
    digest = (await service.store(None, b"again")).digest

    async def named(_digests: Collection[str]) -> set[str]:
        return set()

    for day in range(1, 9):
        with clock.set_forward(timedelta(days=2 * day)):
            await asyncio.gather(service.collect([BlobOwner("test", named)]), service.store(None, b"again"))
            assert await queries.read(digest) == b"again"


async def test_interrupted_senders_leave_nothing_for_long(house: House) -> None:
    left = queries.folder().incoming(clock.now())
    await service.collect([])
    assert left.exists()
    with clock.set_forward(timedelta(days=2)):
        await service.collect([])
    assert not left.exists()


async def test_the_nightly_job_asks_every_slice(house: House) -> None:
    owners = house.runtime.wiring.answers["blob_owners"]
    assert {"articles"} <= {owner.name for owner in owners}
    job = house.runtime.wiring.jobs["files.collect"]
    assert not job.in_unit
    assert any(
        schedule.job == "files.collect" and schedule.every == timedelta(days=1)
        for schedule in house.runtime.wiring.schedules
    )
