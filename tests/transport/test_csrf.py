"""What a page elsewhere can make a signed-in browser send changes nothing here.

Each request below carries the session's cookie, as if no browser knew SameSite, and none carries what only a script
that was allowed to can send: a JSON body together with the script header.
"""

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
import pytest_asyncio
from websockets import InvalidStatus, Origin, Subprotocol, connect

from tessera.access.models import Group
from tessera.accounts.models import AccessToken
from tessera.files.models import Upload
from tessera.testing.house import PASSWORD
from tests.journeys.desk import Desk, open_desk

EVIL = "https://evil.example"
BY_SCRIPT = {"X-Tessera-Request": "1"}
WRITE = 'mutation { groupCreate(input: {name: "evil"}) { group { id } userErrors { message } } }'
SIGN_OUT = "mutation { sessionRevoke { userErrors { message } } }"
SIGN_IN = 'mutation ($password: String!) { sessionCreate(login: "anna", password: $password) { accessToken } }'
ACCEPTED = (
    "text/html,*/*;q=0.8",
    "application/json",
    "text/event-stream",
    "multipart/mixed;subscriptionSpec=1.0",
    "image/*,*/*;q=0.8",
)
MULTIPART = 'multipart/form-data; boundary="x"'


def form_data(**parts: str) -> str:
    """Write a multipart body of named parts, the last of which is a file."""
    *fields, (file, content) = parts.items()
    texts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
    last = f'--x\r\nContent-Disposition: form-data; name="{file}"; filename="f"\r\nContent-Type: text/plain\r\n\r\n'
    return f"{''.join(texts)}{last}{content}\r\n--x--\r\n"


@dataclass
class Browser:
    """A browser in which anna is signed in, on a page of somebody else."""

    desk: Desk
    http: httpx2.AsyncClient
    cookie: str

    async def state(self) -> tuple[Any, ...]:
        """Return what the attacks are after."""
        return (
            sorted(await Group.all().values_list("name", flat=True)),
            await Upload.all().count(),
            sorted(await AccessToken.all().values_list("id", "revoked_at")),
        )


@pytest_asyncio.fixture
async def browser(database_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_desk(database_url, tmp_path) as desk, httpx2.AsyncClient(base_url=desk.house.url) as http:
        answer = await http.post("/graphql", json={"query": SIGN_IN, "variables": {"password": PASSWORD}})
        cookie = answer.headers["set-cookie"].partition(";")[0]
        http.cookies.clear()
        http.headers.update({"Cookie": cookie, "Origin": EVIL, "Referer": f"{EVIL}/"})
        yield Browser(desk, http, cookie)


async def test_the_same_write_succeeds_for_a_script_of_ours(browser: Browser) -> None:
    before = await browser.state()
    answer = await browser.http.post("/graphql", json={"query": WRITE}, headers=BY_SCRIPT)
    assert answer.json()["data"]["groupCreate"]["userErrors"] == []
    sent = await browser.http.post("/uploads", content=b"x", headers={**BY_SCRIPT, "X-Filename": "f"})
    assert sent.status_code == 201
    groups, uploads, _ = await browser.state()
    assert "evil" in groups
    assert uploads == before[1] + 1


@pytest.mark.parametrize("document", [WRITE, SIGN_OUT])
async def test_no_form_and_no_simple_request_writes(browser: Browser, document: str) -> None:
    body = json.dumps({"query": document})
    operations = {"operations": body, "map": '{"0": ["variables.file"]}', "0": "x"}
    attacks = [
        ("application/x-www-form-urlencoded", urlencode({"query": document})),
        (MULTIPART, form_data(query=document, file="x")),
        (MULTIPART, form_data(**operations)),
        ("text/plain", body),
        ("text/plain", f'{body[:-1]}, "x": "="}}'),
        ("text/plain;charset=UTF-8", body),
        ("text/plain; application/json", body),
        ("application/x-www-form-urlencoded; charset=application/json", body),
        ("", body),
        ("application/json", body),
        ("application/graphql", document),
    ]
    before = await browser.state()
    for accept, (media, content) in itertools.product(ACCEPTED, attacks):
        headers = {"Accept": accept, **({"Content-Type": media} if media else {})}
        answer = await browser.http.post("/graphql", content=content, headers=headers)
        assert 400 <= answer.status_code < 500, (headers, answer.text)
        assert "data" not in answer.text, (headers, answer.text)
    assert await browser.state() == before


async def test_no_address_writes_or_reads_with_the_cookie(browser: Browser) -> None:
    digest = sha256(WRITE.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    await browser.http.post("/graphql", json={"query": WRITE, "extensions": extensions}, headers=BY_SCRIPT)
    before = await browser.state()
    queries = (WRITE, SIGN_OUT, f"query A {{ __typename }} {WRITE}", "{ viewer { permissions } }")
    named = [{"extensions": json.dumps(extensions)}, {"documentId": f"sha256:{digest}"}]
    asked = [*({"query": query} for query in queries), *named]
    for accept, parameters, method in itertools.product(ACCEPTED, asked, ("GET", "HEAD", "OPTIONS")):
        answer = await browser.http.request(method, "/graphql", params=parameters, headers={"Accept": accept})
        assert answer.status_code >= 400, (accept, method, parameters, answer.text)
        assert "permissions" not in answer.text
    assert await browser.state() == before


async def test_no_page_elsewhere_is_allowed_the_headers_it_would_need(browser: Browser) -> None:
    needed = ("content-type", "x-tessera-request", "apollo-require-preflight", "authorization")
    for path, header in itertools.product(("/graphql", "/uploads"), needed):
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": header}
        answer = await browser.http.options(path, headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-allow")]


async def test_no_form_uploads(browser: Browser) -> None:
    before = await browser.state()
    for media, content in (
        (MULTIPART, form_data(file="x")),
        ("text/plain", "x"),
        ("application/x-www-form-urlencoded", "file=x"),
    ):
        answer = await browser.http.post("/uploads", content=content, headers={"Content-Type": media})
        assert answer.status_code == 403, (media, answer.text)
    assert await browser.state() == before


async def test_no_page_elsewhere_opens_a_socket_with_the_cookie(browser: Browser) -> None:
    address = f"{browser.desk.house.url.replace('http', 'ws', 1)}/graphql"
    headers = {"Cookie": browser.cookie}
    protocols = [Subprotocol("graphql-transport-ws")]
    for origin in (EVIL, "null", "", "http://127.0.0.1", "https://127.0.0.1.evil.example", "file://"):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(
                address, origin=Origin(origin), additional_headers=headers, subprotocols=protocols, proxy=None
            ):
                pytest.fail(f"a page of {origin} was let in")
        assert refused.value.response.status_code == 403
