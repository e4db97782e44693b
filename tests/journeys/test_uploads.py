"""Files: sent ahead, attached once by who sent them, fetched by a link that expires and cannot be bent."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from tessera.kit.clock import set_forward
from tessera_client import ArticleInput, AttachmentInput, UserErrorCode
from tessera_client.errors import HttpFailed
from tests.journeys.desk import Desk, journey, only, story, ticket_of

pytestmark = journey
CONTENT = bytes(range(256)) * 1000


def _bent(url: str, **changes: str) -> str:
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return urlunsplit(parts._replace(query=urlencode(query)))


async def test_a_file_is_sent_attached_and_fetched(desk: Desk, tmp_path: Path) -> None:
    ben, carla = await desk.agent("ben"), await desk.customer("carla")
    file = tmp_path / "plan of the löwen.bin"
    file.write_bytes(CONTENT)
    upload = await ben.upload(file)
    assert (upload.filename, upload.size, upload.sha256) == (file.name, len(CONTENT), sha256(CONTENT).hexdigest())
    attachment = AttachmentInput(upload_token=upload.token)
    ticket = await desk.open(carla)

    stolen = await carla.article_create(ticket.id, ArticleInput(body="Mine", attachments=[attachment]))
    assert only(stolen.user_errors).code is UserErrorCode.NOT_FOUND
    reply = ArticleInput(channel="web", body="See the plan", attachments=[attachment])
    ticket_of(await ben.article_create(ticket.id, reply))
    again = await ben.article_create(ticket.id, reply)
    assert only(again.user_errors).code is UserErrorCode.NOT_FOUND

    (seen,) = (await story(carla, ticket.id)).articles.nodes[-1].attachments
    assert (seen.filename, seen.size, seen.sha_256) == (file.name, len(CONTENT), upload.sha256)
    nobody = await desk.client()
    assert await nobody.download(seen.download_url) == CONTENT


async def test_a_link_expires_and_cannot_be_bent(desk: Desk) -> None:
    ben = await desk.agent("ben")
    upload = await ben.upload(CONTENT, filename="a.txt", content_type="text/plain")
    ticket = await desk.open(
        ben, article=ArticleInput(body="Files", attachments=[AttachmentInput(upload_token=upload.token)])
    )
    (seen,) = (await story(ben, ticket.id)).articles.nodes[0].attachments
    url = seen.download_url
    assert await ben.download(url) == CONTENT
    digest = upload.sha256
    signature = dict(parse_qsl(urlsplit(url).query))["signature"]
    forged = (
        _bent(url, name="b.html"),
        _bent(url, type="text/html"),
        _bent(url, signature=signature[:-2] + ("AA" if not signature.endswith("AA") else "BB")),
        _bent(url, signature=""),
        url.partition("?")[0],
        url.replace(digest, sha256(b"other").hexdigest()),
    )
    for bad in forged:
        with pytest.raises(HttpFailed) as refused:
            await ben.download(bad)
        assert refused.value.status == 404, bad
    with set_forward(timedelta(minutes=16)), pytest.raises(HttpFailed) as expired:
        await ben.download(url)
    assert expired.value.status == 404


async def test_nobody_uploads_without_a_name_of_their_own_or_too_much(desk: Desk) -> None:
    nobody, anna, ben = await desk.client(), await desk.agent("anna"), await desk.agent("ben")
    with pytest.raises(HttpFailed) as anonymous:
        await nobody.upload(b"x")
    assert anonymous.value.status in {401, 403}
    assert (await anna.setting_set("files.max_bytes", value=1024 * 1024)).user_errors == []
    with pytest.raises(HttpFailed) as too_much:
        await ben.upload(bytes(1024 * 1024 + 1))
    assert too_much.value.status == 413
