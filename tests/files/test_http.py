from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
import pytest_asyncio

from tessera.access import queries as access
from tessera.accounts import service as accounts
from tessera.files import queries, service
from tessera.files.models import Blob
from tessera.files.settings import MAX_BYTES
from tessera.kit import clock
from tessera.kit.actor import ActorKind
from tessera.settings.service import change_setting
from tessera.testing.house import House

Client = httpx2.AsyncClient


@pytest_asyncio.fixture
async def http(served: House) -> AsyncIterator[Client]:
    """A client signed in as an agent without any right."""

    agent = await served.run(lambda unit: accounts.create_agent(unit, login="ben", name="Ben", email="ben@example.com"))
    actor = await access.actor_for(ActorKind.AGENT, agent.id)
    assert actor is not None
    _, token = await served.run(lambda unit: accounts.issue_token(unit, name="test"), actor=actor)
    async with Client(base_url=served.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


async def test_a_raw_body_is_a_file(http: Client) -> None:
    answer = await http.post(
        "/uploads", content=b"hello", headers={"X-Filename": "Gr%C3%BC%C3%9Fe.txt", "Content-Type": "text/plain"}
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body.pop("uploadToken").startswith("upload_")
    assert body == {
        "filename": "Grüße.txt",
        "size": 5,
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    }


async def test_a_form_brings_a_file(http: Client) -> None:
    data = b"x" * 3_000_000
    answer = await http.post("/uploads", files={"file": ("big.bin", data, "application/x-thing")}, data={"a": "b"})
    assert answer.status_code == 201
    assert (answer.json()["filename"], answer.json()["size"]) == ("big.bin", len(data))


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"no form at all", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"no form at all", {"Content-Type": "multipart/form-data"}),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
         {"Content-Type": "multipart/form-data; boundary=x"}),
    ],
)  # fmt: skip
async def test_a_form_without_a_file_is_refused(http: Client, content: bytes, headers: dict[str, str]) -> None:
    answer = await http.post("/uploads", content=content, headers=headers)
    assert answer.status_code == 400
    assert "error" in answer.json()


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("form", [True, False])
async def test_what_is_too_large_is_refused(served: House, http: Client, *, announced: bool, form: bool) -> None:
    await served.run(lambda unit: change_setting(unit, MAX_BYTES, 4096))
    data = b"x" * 200_000 if announced else b"x" * 5000

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    if form:
        answer = await http.post("/uploads", files={"file": ("big", data)})
    else:
        answer = await http.post("/uploads", content=data if announced else pieces())
    assert (answer.status_code, answer.json()["reason"]) == (413, "files.too_large")
    assert await Blob.all().count() == 0


async def test_strangers_send_nothing(served: House) -> None:
    async with Client(base_url=served.url) as stranger:
        anonymous = await stranger.post("/uploads", content=b"x")
        wrong = await stranger.post("/uploads", content=b"x", headers={"Authorization": "Bearer wrong"})
    assert (anonymous.status_code, wrong.status_code) == (401, 401)
    assert await Blob.all().count() == 0


async def test_a_cookie_alone_is_not_enough(served: House, http: Client) -> None:
    token = http.headers.pop("Authorization").removeprefix("Bearer ")
    http.cookies.set("tessera_session", token)
    forged = await http.post("/uploads", content=b"x")
    meant = await http.post("/uploads", content=b"x", headers={"X-Tessera-Request": "1"})
    assert (forged.status_code, forged.json()["reason"]) == (403, "files.script_header")
    assert meant.status_code == 201


async def test_a_link_hands_a_file_out_and_expires(served: House) -> None:
    data = b"<script>alert(1)</script>" * 50_000
    blob = await service.store(None, data)
    url = queries.download_url(served.url, blob.digest, name='a "b"\u20ac.html', content_type="text/html")
    async with Client() as anybody:
        got = await anybody.get(url)
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["content-type"] == "text/html"
        assert got.headers["content-length"] == str(len(data))
        assert got.headers["content-disposition"].startswith("attachment; ")
        assert "filename*=UTF-8''a%20%22b%22%E2%82%AC.html" in got.headers["content-disposition"]
        assert "sandbox" in got.headers["content-security-policy"]
        assert got.headers["x-content-type-options"] == "nosniff"
        with clock.set_forward(timedelta(minutes=14)):
            assert (await anybody.get(url)).status_code == 200
        with clock.set_forward(timedelta(minutes=16)):
            assert (await anybody.get(url)).status_code == 404


async def test_a_link_cannot_be_altered(served: House) -> None:
    mine, other = [await service.store(None, data) for data in (b"mine", b"other")]
    url = urlsplit(queries.download_url(served.url, mine.digest, name="a.png", content_type="image/png"))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    async with Client(base_url=served.url) as anybody:
        good = await anybody.get(f"{url.path}?{url.query}")
        assert (good.status_code, good.headers["content-disposition"][:6]) == (200, "inline")
        altered = [
            (f"/files/{other.digest}", query),
            (url.path, query | {"name": "b.png"}),
            (url.path, query | {"type": "text/html"}),
            (url.path, query | {"signature": "9" + query["signature"]}),
            (url.path, query | {"signature": ""}),
            (url.path, {}),
            ("/files/..%2f..%2fsecret", query),
        ]
        for path, parameters in altered:
            answer = await anybody.get(f"{path}?{urlencode(parameters)}")
            assert answer.status_code == 404, (path, parameters)
