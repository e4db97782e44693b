"""Importing documents from the command line: files, manifests and folders; all of them or none."""

import json
from collections.abc import AsyncIterator, Mapping
from hashlib import md5, sha256
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from graphql import get_introspection_query

from tessera.documents.cli import app
from tessera.documents.errors import DocumentsUnfit
from tessera.documents.models import Document
from tessera.kit.config import Config
from tessera.kit.journal import Entry
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import House, serve_house
from tests.commands import typed

WAITING = "query Waiting($first: Int) { tickets(first: $first) { totalCount nodes { number } } }\n"
VERSION = "query Version { serverInfo { version } }"


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def apollo(*texts: str) -> str:
    entries = [{"id": hashed(text), "name": "Some", "type": "query", "body": text} for text in texts]
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": entries})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "client/waiting.graphql": WAITING,
        "client/deep/both.gql": "query A { viewer { login: __typename } } mutation B { sessionRevoke { id } }",
        "apollo.json": apollo(VERSION, WAITING),
        "relay.json": json.dumps({hashed(VERSION): VERSION}),
        "README.md": "no document",
    }
    for name, text in files.items():
        path = tmp_path / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "documents"


@every_database
async def test_a_folder_is_imported_once_and_listed(house: House, folder: Path) -> None:
    assert await typed(house, app, "import", str(folder)) == "3 documents imported, 0 known already.\n"
    assert await typed(house, app, "import", str(folder / "relay.json")) == "0 documents imported, 1 known already.\n"
    listed = await typed(house, app, "list")
    assert [line.split("  ")[2] for line in sorted(listed.splitlines())] == [
        line
        for _, line in sorted(
            (hash_of(each), each) for each in ("query A, mutation B", "query Version", "query Waiting")
        )
    ]
    facts = await Entry.filter(name="document.imported")
    assert {json.loads(fact.data)["hash"] for fact in facts} == {row.hash for row in await Document.all()}
    assert {fact.actor_kind for fact in facts} == {"system"}


def hash_of(label: str) -> str:
    both = "query A { viewer { login: __typename } } mutation B { sessionRevoke { id } }"
    return hashed({"query A, mutation B": both, "query Version": VERSION, "query Waiting": WAITING}[label])


async def test_the_list_is_a_manifest_another_server_can_import(house: House, folder: Path, tmp_path: Path) -> None:
    await typed(house, app, "import", str(folder))
    manifest = await typed(house, app, "list", "--json")
    assert {entry["id"] for entry in json.loads(manifest)["operations"]} == {row.hash for row in await Document.all()}
    (tmp_path / "copy.json").write_text(manifest)
    assert await typed(house, app, "import", str(tmp_path / "copy.json")) == "0 documents imported, 3 known already.\n"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("bad.graphql", "query {", "Syntax Error"),
        ("bad.graphql", "query { nothing }", "Cannot query field 'nothing'"),
        ("bad.graphql", "fragment F on Query { serverInfo { version } }", "The document has no operation."),
        ("bad.graphql", "type Query { a: Int }", "The document has no operation."),
        (
            "bad.graphql",
            "{ tickets(first: 100) { nodes { articles(first: 100) { nodes { id } } } } }",
            "the limit is 5000",
        ),
        ("bad.graphql", b"\xff", "not UTF-8"),
        ("bad.json", "[", "not JSON"),
        ("bad.json", "[]", "a JSON object"),
        ("bad.json", '{"format": "other", "version": 1, "operations": []}', "apollo-persisted-query-manifest"),
        ("bad.json", '{"format": "apollo-persisted-query-manifest", "version": 1}', "version 1"),
        ("bad.json", '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [7]}', "no hash"),
        ("bad.json", json.dumps({md5(VERSION.encode()).hexdigest(): VERSION}), "is not the SHA-256 of the text"),
        ("bad.json", json.dumps({hashed(VERSION): f"{VERSION} "}), "is not the SHA-256 of the text"),
        ("bad.json", json.dumps({hashed(VERSION): {"text": VERSION}}), "no hash and text"),
    ],
)
async def test_one_that_does_not_fit_stops_them_all(
    house: House, folder: Path, name: str, text: str | bytes, says: str
) -> None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DocumentsUnfit) as refused:
        await typed(house, app, "import", str(folder))
    first, *reasons = refused.value.message.splitlines()
    assert first == "Nothing was imported:"
    assert all(str(folder / name) in reason for reason in reasons)
    assert says in reasons[0]
    assert await Document.all().count() == 0


async def test_every_failure_is_named(house: House, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.graphql").write_text(f"{{ nothing{number} }}")
    with pytest.raises(DocumentsUnfit) as refused:
        await typed(house, app, "import", *(str(tmp_path / f"{number}.graphql") for number in range(3)))
    assert [f"nothing{number}" in line for number, line in enumerate(refused.value.message.splitlines()[1:])] == [
        True
    ] * 3


async def test_nothing_to_import_is_said(house: House, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DocumentsUnfit, match="There are no documents"):
        await typed(house, app, "import", str(tmp_path / "empty"))
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(DocumentsUnfit, match=r"ends with \.graphql or \.gql"):
        await typed(house, app, "import", str(tmp_path / "notes.txt"))


@pytest_asyncio.fixture
async def trusting(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with serve_house(database_url, tmp_path / "data", secret=SECRET, documents="trusted") as house:
        yield house


@every_database
async def test_a_trusting_house_runs_what_was_imported_and_says_when_there_is_nothing(
    trusting: House, tmp_path: Path
) -> None:
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashed(VERSION)}}}
    async with httpx2.AsyncClient(base_url=trusting.url) as client:

        async def code(asked: Mapping[str, object]) -> str:
            return str((await client.post("/graphql", json=asked)).json()["errors"][0]["extensions"]["code"])

        health = (await client.get("/health")).json()
        assert health["documents"] == {"ok": False, "mode": "trusted", "imported": 0}
        assert await code(named) == "PERSISTED_QUERY_NOT_FOUND"
        assert await code({"query": VERSION}) == "FORBIDDEN"
        (tmp_path / "version.graphql").write_text(VERSION)
        await typed(trusting, app, "import", str(tmp_path / "version.graphql"))
        assert (await client.post("/graphql", json=named)).json()["data"]["serverInfo"]["version"]
        assert (await client.post("/graphql", json={"query": VERSION})).json()["data"]["serverInfo"]["version"]
        assert await code({"query": get_introspection_query()}) == "FORBIDDEN"
        assert (await client.get("/health")).json()["documents"] == {"ok": True, "mode": "trusted", "imported": 1}


async def test_a_house_lets_clients_register_unless_it_is_told_otherwise(served: House) -> None:
    assert Config().documents == "auto"
    named = {"documentId": f"sha256:{hashed(VERSION)}"}
    async with httpx2.AsyncClient(base_url=served.url) as client:
        missing = await client.post("/graphql", json=named)
        assert (missing.status_code, missing.json()["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
        await client.post("/graphql", json={**named, "query": VERSION})
        assert (await client.post("/graphql", json=named)).json()["data"]["serverInfo"]["version"]
