"""Persisted documents over HTTP and WebSocket, in each of the three modes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from graphql import get_introspection_query

from tessera.engine.documents import Refused
from tessera.transport import persisted as module
from tessera.transport.persisted import PersistedDocuments
from tessera.transport.request import GraphQLRequest
from tests.transport.test_http import LEGACY, MODERN, code
from tests.transport.test_websocket import closing, hear, ready, say
from tests.transport.toy import Served, served, short

HELLO = "query Hello($name: String){hello(name: $name)}"
IMPORTED = "query Imported{hello}"


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def apollo(text: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashed(text)}}}


def document_id(text: str) -> dict[str, Any]:
    return {"documentId": f"sha256:{hashed(text)}"}


NAMINGS = [apollo, document_id]


async def find(hash: str) -> str | None:
    return IMPORTED if hash == hashed(IMPORTED) else None


@asynccontextmanager
async def opened(mode: str) -> AsyncIterator[tuple[httpx2.AsyncClient, Served]]:
    async with (
        served(short(documents=mode), find=find) as server,
        httpx2.AsyncClient(base_url=server.http, headers={"Accept": MODERN}) as http,
    ):
        yield http, server


@pytest.mark.parametrize("naming", NAMINGS)
async def test_a_client_registers_by_sending_text_and_hash(naming: Any) -> None:
    async with opened("auto") as (http, _):
        named = {**naming(HELLO), "variables": {"name": "you"}}
        unknown = await http.post("", json=named)
        assert (unknown.status_code, code(unknown)) == (400, "PERSISTED_QUERY_NOT_FOUND")
        assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        registered = await http.post("", json={**named, "query": HELLO})
        known = await http.post("", json=named)
        assert registered.json() == known.json() == {"data": {"hello": "Hello you"}}


async def test_the_legacy_type_is_told_with_200() -> None:
    async with opened("auto") as (http, _):
        unknown = await http.post("", json=apollo(HELLO), headers={"Accept": LEGACY})
        assert (unknown.status_code, code(unknown)) == (200, "PERSISTED_QUERY_NOT_FOUND")


async def test_a_get_names_the_document_in_the_query_string() -> None:
    async with opened("auto") as (http, _):
        extensions = f'{{"persistedQuery":{{"version":1,"sha256Hash":"{hashed(HELLO)}"}}}}'
        asked = {"extensions": extensions, "variables": '{"name":"you"}'}
        assert code(await http.get("", params=asked)) == "PERSISTED_QUERY_NOT_FOUND"
        assert (await http.get("", params={**asked, "query": HELLO})).status_code == 200
        assert (await http.get("", params=asked)).json() == {"data": {"hello": "Hello you"}}
        named = await http.get("", params={"documentId": f"sha256:{hashed(HELLO).upper()}"})
        assert named.json() == {"data": {"hello": "Hello world"}}


async def test_imported_documents_are_known_without_registration() -> None:
    async with opened("auto") as (http, _):
        for naming in NAMINGS:
            assert (await http.post("", json=naming(IMPORTED))).json() == {"data": {"hello": "Hello world"}}


@pytest.mark.parametrize("mode", ["off", "auto", "trusted"])
async def test_a_hash_that_is_not_the_text_s_is_refused(mode: str) -> None:
    async with opened(mode) as (http, _):
        for naming in NAMINGS:
            wrong = await http.post("", json={**naming(IMPORTED), "query": HELLO})
            assert (wrong.status_code, code(wrong)) == (400, "BAD_REQUEST")
        if mode != "trusted":
            assert (await http.post("", json={"query": HELLO})).status_code == 200


async def test_a_document_that_is_not_valid_is_not_registered() -> None:
    async with opened("auto") as (http, _):
        invalid = "{nothing}"
        refused = await http.post("", json={**apollo(invalid), "query": invalid})
        assert code(refused) == "GRAPHQL_VALIDATION_FAILED"
        assert code(await http.post("", json=apollo(invalid))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_off_asks_for_the_text_and_runs_it() -> None:
    async with opened("off") as (http, _):
        refused = await http.post("", json=apollo(IMPORTED))
        assert (refused.status_code, code(refused)) == (400, "PERSISTED_QUERY_NOT_SUPPORTED")
        assert (await http.post("", json={**apollo(IMPORTED), "query": IMPORTED})).status_code == 200


async def test_trusted_runs_imported_documents_however_they_are_sent_and_nothing_else() -> None:
    async with opened("trusted") as (http, _):
        for allowed in (apollo(IMPORTED), document_id(IMPORTED), {"query": IMPORTED}):
            assert (await http.post("", json=allowed)).json() == {"data": {"hello": "Hello world"}}
        for text in (HELLO, get_introspection_query(), "{__typename}", f"{IMPORTED} "):
            modern = await http.post("", json={"query": text})
            assert (modern.status_code, code(modern)) == (403, "FORBIDDEN")
            legacy = await http.post("", json={"query": text, **apollo(text)}, headers={"Accept": LEGACY})
            assert (legacy.status_code, code(legacy)) == (200, "FORBIDDEN")
            assert code(await http.post("", json=apollo(text))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "wrong",
    [
        {"documentId": "md5:1"},
        {"documentId": 1},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}}},
        {"extensions": {"persistedQuery": "0" * 64}},
    ],
)
async def test_a_name_nobody_understands_is_a_bad_request(wrong: dict[str, Any]) -> None:
    async with opened("auto") as (http, server):
        refused = await http.post("", json=wrong)
        assert (refused.status_code, code(refused)) == (400, "BAD_REQUEST")
        async with ready(server) as socket:
            await say(socket, id="a", type="subscribe", payload=wrong)
            assert (await closing(socket))[0] == 4400


@pytest.mark.parametrize("strange", ["", "0" * 63, "zz" * 32, "0" * 10_000, "\ud800"])
async def test_a_hash_that_is_none_is_not_found(strange: str) -> None:
    asked = []

    async def note(hash: str) -> str | None:
        asked.append(hash)
        return None

    documents = PersistedDocuments("auto", note)
    with pytest.raises(Refused, match="PersistedQueryNotFound"):
        await documents.text_of(GraphQLRequest(None, None, {}, strange))
    assert asked == []


@pytest.mark.parametrize("naming", NAMINGS)
async def test_a_socket_speaks_of_documents_in_the_same_words(naming: Any) -> None:
    async with opened("auto") as (_, server), ready(server) as socket:
        stream = "subscription Count{count(to: 1)}"
        await say(socket, id="a", type="subscribe", payload=naming(stream))
        refused = await hear(socket)
        assert (refused["type"], refused["id"]) == ("error", "a")
        assert refused["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        for payload in ({**naming(stream), "query": stream}, naming(stream)):
            await say(socket, id="a", type="subscribe", payload=payload)
            assert (await hear(socket))["payload"] == {"data": {"count": 0}}
            assert await hear(socket) == {"id": "a", "type": "complete"}


async def test_a_socket_of_a_trusting_server_runs_nothing_else() -> None:
    async with opened("trusted") as (_, server), ready(server) as socket:
        await say(socket, id="a", type="subscribe", payload={"query": "subscription{count}"})
        assert (await hear(socket))["payload"][0]["extensions"]["code"] == "FORBIDDEN"
        await say(socket, id="a", type="subscribe", payload={"query": IMPORTED})
        assert (await hear(socket))["payload"] == {"data": {"hello": "Hello world"}}


async def test_the_memory_is_bounded_and_what_was_imported_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_CHARACTERS", 100)
    asked = []

    async def find_again(hash: str) -> str | None:
        asked.append(hash)
        return await find(hash)

    documents = PersistedDocuments("auto", find_again)
    imported = GraphQLRequest(None, None, {}, hashed(IMPORTED))
    for _ in range(2):
        assert await documents.text_of(imported) == IMPORTED
    assert asked == [hashed(IMPORTED)]
    texts = [f"query Number{number:03}{{hello}}" + " " * 20 for number in range(4)]
    for text in texts:
        documents.register(GraphQLRequest(text, None, {}, hashed(text)))
    assert await documents.text_of(GraphQLRequest(None, None, {}, hashed(texts[-1]))) == texts[-1]
    with pytest.raises(Refused):
        await documents.text_of(GraphQLRequest(None, None, {}, hashed(texts[0])))
    assert await documents.text_of(imported) == IMPORTED
    assert asked.count(hashed(IMPORTED)) == 2
