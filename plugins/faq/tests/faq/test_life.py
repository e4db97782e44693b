"""The package's whole life in a server that people work with: nobody notices, and its rows come back each time."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tessera.testing.databases import Kind, available, fresh_database
from tessera_client import TesseraClient
from tessera_client.errors import StreamLost
from tests.faq.builds import NEW, OLD, shelf
from tests.manager.wheels import Repository, answers_of, served
from tests.supervisor.load import Load, journal, load
from tests.supervisor.servers import Server, command, serve, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

FIELDS = '{ __type(name: "Query") { fields { name } } }'
CHANGE = "mutation ($wish: String!) {{ made: {door}: $wish) {{ job {{ id }} userErrors {{ message }} }} }}"
PROGRESS = "subscription ($id: ID!) { jobProgress(id: $id) { state progress error } }"
ROLES = "{ roles { id name permissions } }"
GRANT = """mutation ($id: ID!, $permissions: [String!]) { roleUpdate(id: $id, input: {permissions: $permissions}) {
  role { permissions } userErrors { message } } }"""
GROUPS = "{ groups { id name } }"
CATEGORY = """mutation ($groups: [ID!]!) { faqCategoryCreate(input: {name: "Lamps", groupIds: $groups}) {
  faqCategory { id } userErrors { message } } }"""
ITEM = """mutation ($category: ID!) { faqItemCreate(input: {
  title: "A lamp flickers", language: "en", categoryId: $category, fields: [{name: "solution", html: "Turn it."}]
}) { faqItem { number } userErrors { message } } }"""
ITEMS = "{ faqItems { nodes { number title fields { name html } } } }"

OLDER, NEWER, NONE = {"faqItems"}, {"faqItems", "faqEditions"}, set[str]()
ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}
TEN_SECONDS = 10.0


@dataclass
class Administrator:
    """Somebody who changes the packages of a server, by the API and by the command, while others work."""

    server: Server
    data: Path
    house: dict[str, str]
    running: Load
    soon: float
    took: dict[str, float] = field(default_factory=dict)

    async def ask(self, document: str, **variables: Any) -> Any:
        """Ask the server, and return what the one field says."""
        async with self.running.client() as client:
            answer = client.get_data(await client.execute(document, variables=variables))
        return next(iter(answer.values()))

    async def by_mutation(self, name: str, wish: str, *, shown: set[str]) -> None:
        """Ask for a change by the API, follow it, and wait until the schema shows these fields."""
        argument = "requirement" if name in {"packageInstall", "packageUpgrade"} else "name"
        made = await self.ask(CHANGE.format(door=f"{name}({argument}"), wish=wish)
        assert made["userErrors"] == []
        assert await self._followed(made["job"]["id"]) == {"state": "SUCCEEDED", "progress": 1.0, "error": None}
        await self._visible(f"{name} {wish}", shown)

    async def by_command(self, *words: str, shown: set[str]) -> str:
        """Type a command, and wait until the schema shows these fields."""
        said = await command(self.data, "package", *words, **self.house)
        await self._visible(" ".join(words[:2]), shown)
        return said

    async def _followed(self, job: str) -> dict[str, Any]:
        """Return the last that is told of a job, whichever generation tells it."""
        told: dict[str, Any] = {"state": "UNKNOWN"}
        async with self.running.client() as client:
            while told["state"] not in ENDED:
                with suppress(StreamLost):  # a generation that makes room for the next one
                    async for news in client.execute_ws(PROGRESS, variables={"id": job}):
                        told = news["jobProgress"]
        return told

    async def _visible(self, what: str, shown: set[str]) -> None:
        began = time.monotonic()

        async def is_so() -> bool:
            async with TesseraClient(f"{self.server.url}/graphql") as client:
                found = client.get_data(await client.execute(FIELDS))["__type"]["fields"]
            return {each["name"] for each in found} & NEWER == shown

        await until(is_so, what=what)
        self.took[what] = time.monotonic() - began
        print(f"{what}: visible after {self.took[what]:.1f} s, {self.running.answers} answers so far")  # noqa: T201 - figures for who runs it
        assert self.took[what] < self.soon


@pytest.mark.parametrize(
    ("kind", "queries", "mutations", "streams"),
    [("sqlite", 8, 4, 50), ("postgres", 8, 4, 50), ("mariadb", 2, 1, 5)],
)
async def test_it_comes_changes_and_goes_while_people_work(
    kind: Kind, queries: int, mutations: int, streams: int, tmp_path: Path
) -> None:
    if reason := available(kind):
        pytest.skip(reason)
    repository, data = shelf(tmp_path / "shelf"), tmp_path / "data"
    async with fresh_database(kind) as url:
        house = {"TESSERA_DATABASE_URL": url, "TESSERA_ENVIRONMENT_PACKAGES": "false"}
        began = time.monotonic()
        async with serve(data, **house) as server:
            soon = max(TEN_SECONDS, 3 * (time.monotonic() - began))  # ten, where the machine has nothing else to do
            with served(answers_of(repository, "shelf")) as address:
                await _use(data, house, repository, f"{address}/shelf")
                before = await server.settled_memory()
                async with load(server.url, queries=queries, mutations=mutations, streams=streams) as running:
                    await _live(Administrator(server, data, house, running, soon))
            after = await server.settled_memory()
            print(f"{before / 2**20:.0f} MiB before, {after / 2**20:.0f} MiB after")  # noqa: T201 - as above
            assert after < 1.25 * before + 30 * 2**20
        told = await journal(data, database_url=url)
        assert set(told) >= set(running.opened)
        for heard in running.heard:
            assert heard == told[-len(heard) :], "a stream told something else than the journal, or in another order"
            assert len(heard) == len(running.opened)


async def _use(data: Path, house: dict[str, str], repository: Repository, address: str) -> None:
    await command(data, "package", "key", "trust", repository.public, **house)
    await command(data, "setting", "set", "packages.repositories", json.dumps([address]), **house)


async def _live(admin: Administrator) -> None:
    await admin.by_mutation("packageInstall", f"tessera-faq=={OLD}", shown=OLDER)
    written = await _write(admin)
    assert [each["title"] for each in written["nodes"]] == ["A lamp flickers"]
    assert f"faq {NEW} is enabled." in await admin.by_command("upgrade", "faq", shown=NEWER)
    assert await admin.ask("{ faqEditions }") == 0
    await admin.by_mutation("packageDisable", "faq", shown=NONE)
    await admin.by_command("enable", "faq", shown=NEWER)
    assert await admin.ask(ITEMS) == written
    await admin.by_mutation("packageUninstall", "faq", shown=NONE)
    said = await admin.by_command("uninstall", "faq", "--purge", shown=NONE)
    (export,) = (admin.data / "packages" / "exports").iterdir()
    assert str(export) in said
    await admin.by_command("install", "faq", "--restore", str(export), shown=NEWER)
    assert await admin.ask(ITEMS) == written
    await admin.by_mutation("packageUninstall", "faq", shown=NONE)


async def _write(admin: Administrator) -> Any:
    """Let administrators edit, write an item, and return what there is to read."""
    role = next(each for each in await admin.ask(ROLES) if each["name"] == "Administrators")
    rights = [*role["permissions"], "faq.manage", "faq.edit"]
    assert (await admin.ask(GRANT, id=role["id"], permissions=rights))["userErrors"] == []
    made = await admin.ask(CATEGORY, groups=[each["id"] for each in await admin.ask(GROUPS)])
    assert made["userErrors"] == []
    assert (await admin.ask(ITEM, category=made["faqCategory"]["id"]))["userErrors"] == []
    return await admin.ask(ITEMS)
