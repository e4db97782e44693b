"""GraphQL over HTTP, asked over a real socket."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from tests.transport.toy import Served, served, short, until

MODERN = "application/graphql-response+json"
LEGACY = "application/json"


async def ask(http: httpx2.AsyncClient, query: str, **more: Any) -> httpx2.Response:
    headers = more.pop("headers", {})
    return await http.post("", json={"query": query, **more}, headers=headers)


def code(response: httpx2.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def test_answers_in_both_media_types_and_names_itself(http: httpx2.AsyncClient) -> None:
    modern = await ask(http, "{hello}")
    assert (modern.status_code, modern.json()) == (200, {"data": {"hello": "Hello world"}})
    assert modern.headers["content-type"] == f"{MODERN}; charset=utf-8"
    assert modern.headers["x-schema-revision"] == "toy-1"
    assert modern.headers["vary"] == "Accept"
    assert len(modern.headers["x-request-id"]) == 32
    legacy = await ask(http, "{hello}", headers={"Accept": LEGACY, "X-Request-Id": "mine-1"})
    assert legacy.headers["content-type"] == f"{LEGACY}; charset=utf-8"
    assert legacy.headers["x-request-id"] == "mine-1"


async def test_an_unfit_request_id_is_replaced(http: httpx2.AsyncClient) -> None:
    response = await ask(http, "{hello}", headers={"X-Request-Id": "a b" * 40})
    assert len(response.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: Int!){variables(value: $v)}", "BAD_USER_INPUT"),
        ("query A{hello} query B{hello}", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment F on Query{hello}", "OPERATION_RESOLUTION_FAILURE"),
        ("{" * 900, "GRAPHQL_PARSE_FAILED"),
        ("{" + "hello " * 2000 + "}", "LIMIT_EXCEEDED"),
        ("{item" + "{friend" * 20 + "{number}" + "}" * 21, "LIMIT_EXCEEDED"),
    ],
)
async def test_request_errors_are_400_without_data_or_200_for_the_legacy_type(
    http: httpx2.AsyncClient, query: str, expected: str
) -> None:
    modern = await ask(http, query)
    assert (modern.status_code, code(modern)) == (400, expected)
    assert "data" not in modern.json()
    legacy = await ask(http, query, headers={"Accept": LEGACY})
    assert (legacy.status_code, code(legacy)) == (200, expected)
    assert "data" not in legacy.json()


@pytest.mark.parametrize(
    "body",
    [
        b"1", b'"x"', b"null", b"true", b"[]", b'[{"query": "{hello}"}]', b"{", b"", b"\xff\xfe", b'{"query": "\xff"}',
        b'{"query": NaN}', b"[" * 100_000, b'{"a":' * 50_000, b'{"query": 7}', b"{}", b'{"query": null}',
        b'{"query": "{hello}", "variables": "x"}', b'{"query": "{hello}", "variables": []}',
        b'{"query": "{hello}", "operationName": 5}', b'{"query": "{hello}", "extensions": []}',
        b'{"query": "{hello(name: \\"\\ud800\\")}"}',
    ],
)  # fmt: skip
async def test_a_malformed_body_is_a_400_in_both_media_types(http: httpx2.AsyncClient, body: bytes) -> None:
    for media in (MODERN, LEGACY):
        headers = {"Content-Type": "application/json", "Accept": media}
        response = await http.post("", content=body, headers=headers)
        assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_deeply_nested_variables_are_never_a_500(http: httpx2.AsyncClient) -> None:
    for depth, status in [(90, 200), (101, 400), (500, 400), (990, 400), (1020, 400), (5000, 400)]:
        nested = "[" * depth + "]" * depth
        body = '{"query": "query($v: JSON!){echo(value: $v)}", "variables": {"v": %s}}'.replace("%s", nested)
        response = await http.post("", content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == status
        literal = await ask(http, f"{{echo(value: {nested})}}")
        assert literal.status_code in {200, 400}


async def test_values_json_libraries_dislike_go_through(http: httpx2.AsyncClient) -> None:
    response = await ask(http, "{large}")
    assert json.loads(response.text)["data"]["large"] == {"big": 2**70, "lone": "\ud800"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405_and_say_what_is_allowed(http: httpx2.AsyncClient, method: str) -> None:
    response = await http.request(method, "")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_a_media_type_nobody_has_is_406(http: httpx2.AsyncClient) -> None:
    response = await ask(http, "{hello}", headers={"Accept": "text/csv"})
    assert response.status_code == 406


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql", "",
     "application/json; charset=utf-16"],
)  # fmt: skip
async def test_only_json_bodies_are_read(http: httpx2.AsyncClient, content_type: str) -> None:
    body = json.dumps({"query": "{hello}"})
    response = await http.post("", content=body, headers={"Content-Type": content_type})
    assert response.status_code == 415
    assert response.headers["accept-post"] == "application/json"


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_beyond_the_limit_is_413(chunked: bool) -> None:
    async with served(short(body_bytes=1000)) as server, httpx2.AsyncClient() as http:

        async def pieces() -> Any:
            for _ in range(3):
                yield b" " * 600

        content: Any = pieces() if chunked else b" " * 1001
        response = await http.post(server.http, content=content, headers={"Content-Type": "application/json"})
        assert (response.status_code, code(response)) == (413, "BAD_REQUEST")
        fits = json.dumps({"query": "{hello}"}).ljust(1000)
        again = await http.post(server.http, content=fits, headers={"Content-Type": "application/json"})
        assert again.status_code == 200


async def test_get_runs_queries_and_nothing_else(http: httpx2.AsyncClient, server: Served) -> None:
    query = "query A($v: Int){variables(value: $v)} query B{hello}"
    response = await http.get("", params={"query": query, "operationName": "A", "variables": '{"v": 3}'})
    assert response.json() == {"data": {"variables": {"v": 3}}}
    for document in ("mutation{slow}", "subscription{count}"):
        refused = await http.get("", params={"query": document})
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert server.world.seen == []


@pytest.mark.parametrize(
    "query_string", ["", "query=%7Bhello%7D&variables=%7B", "query=%FF", "query=%7Bhello%7D&variables=[]"]
)
async def test_a_malformed_query_string_is_a_400(http: httpx2.AsyncClient, server: Served, query_string: str) -> None:
    response = await http.get(f"{server.http}?{query_string}")
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_the_named_operation_runs(http: httpx2.AsyncClient) -> None:
    document = 'query A{hello(name: "a")} query B{hello(name: "b")}'
    for name in "AB":
        response = await ask(http, document, operationName=name)
        assert response.json() == {"data": {"hello": f"Hello {name.lower()}"}}
    unknown = await ask(http, document, operationName="C")
    assert (unknown.status_code, code(unknown)) == (400, "OPERATION_RESOLUTION_FAILURE")
    nameless = await ask(http, document)
    assert (nameless.status_code, code(nameless)) == (400, "OPERATION_RESOLUTION_FAILURE")


async def test_a_subscription_without_an_event_stream_is_406(http: httpx2.AsyncClient) -> None:
    response = await ask(http, "subscription{count}")
    assert response.status_code == 406


async def test_a_persisted_hash_without_its_text_asks_for_the_text(http: httpx2.AsyncClient) -> None:
    response = await http.post("", json={"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}})
    assert (response.status_code, code(response)) == (400, "PERSISTED_QUERY_NOT_SUPPORTED")


async def test_a_credential_worth_nothing_is_refused_before_execution(http: httpx2.AsyncClient) -> None:
    unknown = await ask(http, "{hello}", headers={"Authorization": "Bearer wrong"})
    assert (unknown.status_code, code(unknown)) == (401, "UNAUTHENTICATED")
    assert unknown.headers["www-authenticate"] == "Bearer"
    suspended = await ask(http, "{hello}", headers={"Authorization": "Bearer suspended"})
    assert (suspended.status_code, code(suspended)) == (403, "FORBIDDEN")


async def test_a_cookie_needs_a_header_only_scripts_can_send(http: httpx2.AsyncClient) -> None:
    cookie = {"Cookie": "other=1; tessera_session=good"}
    refused = await ask(http, "{hello}", headers=cookie)
    assert (refused.status_code, code(refused)) == (403, "FORBIDDEN")
    assert (await http.get("", params={"query": "{hello}"}, headers=cookie)).status_code == 403
    for header in ("X-Tessera-Request", "Apollo-Require-Preflight"):
        assert (await ask(http, "{hello}", headers={**cookie, header: "1"})).status_code == 200
    with_token = await ask(http, "{hello}", headers={**cookie, "Authorization": "Bearer good"})
    assert with_token.status_code == 200


async def test_an_operation_may_set_a_cookie_and_know_the_servers_address(
    http: httpx2.AsyncClient, server: Served
) -> None:
    address = await ask(http, "{baseUrl}")
    assert address.json()["data"]["baseUrl"] + "/graphql" == server.http
    response = await ask(http, "mutation{signIn}")
    assert response.headers["set-cookie"] == "tessera_session=good; HttpOnly"


async def test_resolvers_see_plain_variables(http: httpx2.AsyncClient) -> None:
    response = await ask(http, "query($v: Int = 4){variables(value: $v)}")
    assert response.json() == {"data": {"variables": {"v": 4}}}


async def test_a_client_that_leaves_does_not_stop_its_mutation(server: Served) -> None:
    async with httpx2.AsyncClient() as http:
        request = asyncio.create_task(http.post(server.http, json={"query": "mutation{slow}"}))
        await until(lambda: bool(server.world.seen))
        request.cancel()
    server.world.gate.set()
    await until(lambda: server.world.seen == ["began", "ended"])
