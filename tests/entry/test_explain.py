"""`tessera explain`: the SQL and the function of a query, or what stands in their way; nothing is changed."""

from pathlib import Path

import pytest

from tessera.access.models import Role
from tessera.cli import app
from tessera.engine.layout import PYTHON, SQL, WIDTH, Breaks, laid_out
from tessera.kit.errors import NotFound, Problem
from tessera.kit.journal import Entry
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.accounts.people import agent
from tests.commands import typed

DESK = """
query Desk($first: Int!) {
  tickets(first: $first) {
    totalCount
    nodes { id number title queue { name } customerUser { login } articles(first: 2) { nodes { subject } } }
    pageInfo { endCursor }
  }
}
query Version { serverInfo { version } }
mutation Close { ticketClose(id: "x", stateId: "y") { userErrors { code } } }
"""


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "desk.graphql"
    path.write_text(DESK)
    return str(path)


@every_database
async def test_a_query_shows_its_statements_and_its_function(house: House, document: str) -> None:
    told = await typed(house, app, "explain", document, "--operation", "Desk", "--variables", '{"first": 7}')
    place = {"sqlite": "?", "postgres": "$1", "mysql": "%s"}[house.runtime.database.dialect]
    assert told.startswith("tickets\n")
    assert place in told
    assert "LIMIT 7" in told  # nobody asks whether there are more
    assert "sent once" in told
    assert "async def run(x):" in told
    assert "= Queue, held in memory" in told
    assert "= tessera.articles.graphql.types._articles_of" in told
    assert "\1" not in told
    assert "\0" not in told


async def test_rights_are_those_of_the_one_it_is_explained_for(house: House, document: str) -> None:
    await agent(house, "dora", rights={"users": ["ro"]})
    words = ("explain", document, "--operation", "Desk", "--variables", '{"first": 7}')
    of_all, of_dora = await typed(house, app, *words), await typed(house, app, *words, "--as", "dora")
    assert '"queue_id" IN' not in of_all
    assert '"queue_id"' in of_dora
    assert of_dora != of_all
    with pytest.raises(NotFound, match="There is no active agent or customer user nobody"):
        await typed(house, app, *words, "--as", "nobody")


async def test_a_field_that_stands_in_the_way_is_named_with_the_reason(house: House, document: str) -> None:
    assert await typed(house, app, "explain", document, "--operation", "Version") == (
        "No plan: graphql-core answers this query.\n"
        "  Query.serverInfo: its resolver is Python of its own: no declaration says where the value lives\n"
    )


async def test_a_mutation_is_shown_and_never_run(house: House, tmp_path: Path) -> None:
    path = tmp_path / "role.graphql"
    path.write_text(
        'mutation { roleCreate(input: { name: "Made by a look" }) { role { id name } userErrors { code } } }'
    )
    roles, entries = await Role.all().count(), await Entry.all().count()
    told = await typed(house, app, "explain", str(path))
    assert told.startswith("Not run, because it would change something.\n")
    assert "async def run(x):" in told
    assert (await Role.all().count(), await Entry.all().count()) == (roles, entries)


async def test_what_cannot_run_is_said_as_the_server_would(house: House, document: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="say which one by operationName"):
        await typed(house, app, "explain", document)
    wrong = tmp_path / "wrong.graphql"
    wrong.write_text("{ nothingOfThatName }")
    with pytest.raises(Problem, match="Cannot query field 'nothingOfThatName'"):
        await typed(house, app, "explain", str(wrong))
    with pytest.raises(SystemExit):
        await typed(house, app, "explain", document, "--variables", "[1]")


@pytest.mark.parametrize("breaks", [SQL, PYTHON], ids=["sql", "python"])
def test_layout_loses_nothing(breaks: Breaks) -> None:
    text = "a = f(" + ", ".join(
        f"g{number}('it, (is) [quoted', {{{number}: [x for x in y if x]}})" for number in range(20)
    )
    text += ") FROM b WHERE c AND (d OR e)"
    lines = list(laid_out(text, breaks))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(map(len, lines)) <= WIDTH
