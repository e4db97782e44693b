"""schemathesis asks everything the schema offers, as an administrator: whatever it is, the server does not fail."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes
from schemathesis.schemas import APIOperation

from tessera import demo
from tessera.access import queries as access_queries
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.kit.actor import ActorKind
from tessera.kit.ids import to_global
from tessera.testing.fixtures import SECRET
from tessera.testing.house import House, base_assembly, serve_house

TICKETS = 10
KEYS = range(1, 13)
"""Primary keys that objects of every kind are asked for, some of which there are."""

SPARED = {"sessionRevoke", "apiTokenRevoke"}
"""What would sign the asker out."""

SDL = base_assembly().schema.sdl

KINDS = sorted(re.findall(r"^type (\w+) implements Node", SDL, re.MULTILINE), key=len, reverse=True)


@pytest_asyncio.fixture
async def filled(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Serve a small demo desk that works off no jobs: mail accounts of random hosts are not to be asked."""
    monkeypatch.setattr(demo, "TICKETS", TICKETS)
    async with serve_house(database_url, tmp_path, works=False, secret=SECRET, rate_limit=0) as house:
        await demo.fill(house.runtime)
        yield house


async def token_of(house: House, login: str) -> str:
    """Give an agent an API token, which outlives whatever is done to sessions."""
    agent = await Agent.get(login_key=login)
    actor = await access_queries.actor_for(ActorKind.AGENT, agent.id)
    assert actor is not None
    _, token = await house.run(lambda unit: accounts.issue_token(unit, name="schemathesis"), actor=actor)
    return token


def ids_for(field: str, *, spared: set[str]) -> st.SearchStrategy[str]:
    """Draw ids for the arguments of a root field, most of them of the kind the field is named after."""
    own = [kind for kind in KINDS if field.lower().startswith(kind.lower())][:1]
    everything = [to_global(kind, key) for kind in KINDS for key in KEYS]
    likely = [to_global(kind, key) for kind in own for key in KEYS]
    pools = [[id_ for id_ in pool if id_ not in spared] for pool in (likely, everything) if pool]
    return st.one_of(*(st.sampled_from(pool) for pool in pools), st.text(max_size=20))


def ask_everything(url: str, token: str, *, examples: int, spared: set[str]) -> tuple[Counter[str], dict[str, str]]:
    """Ask each root field some times over; count the answers that had data, and all, and tell fields' failures."""
    schema = schemathesis.graphql.from_file(SDL)
    schema.config.update(base_url=url)
    counted: Counter[str] = Counter()
    failures: dict[str, str] = {}
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        field = operation.label.partition(".")[2]
        if field not in SPARED:
            schemathesis.graphql.scalar("ID", ids_for(field, spared=spared).map(nodes.String))
            try:
                ask(operation, token, examples, counted)
            except FailureGroup as failure:
                failures[field] = "\n".join(str(each) for each in (failure, *failure.exceptions))
    return counted, failures


def ask(operation: APIOperation[Any, Any, Any, Any], token: str, examples: int, counted: Counter[str]) -> None:
    """Ask one root field some times over; an answer that tells of a failure of the server is raised."""

    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def once(case: schemathesis.Case[Any]) -> None:
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(response, checks=[not_a_server_error])
        counted["asked"] += 1
        counted["had data"] += bool(response.json().get("data"))

    once()


AWKWARD = ["\0", "a\0b", "9" * 51, "x9" * 1_000]
"""PostgreSQL has no U+0000, and columns hold so many characters."""

SCALARS = {
    "DateTime": st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001 - as UTC
        lambda moment: nodes.String(f"{moment.isoformat()}Z")
    ),
    "HTML": st.text().map(nodes.String),
    "Int": st.one_of(st.integers(0, 20), st.integers(-(2**31), 2**31 - 1)).map(nodes.Int),
    "JSON": st.one_of(
        st.booleans().map(nodes.Boolean), st.integers().map(nodes.Int), st.text().map(nodes.String), st.just(nodes.Null)
    ),
    "String": st.one_of(st.text(max_size=40), st.sampled_from(AWKWARD)).map(nodes.String),
    "URL": st.just(nodes.String("https://desk.example/x")),
}


LONG = [pytest.mark.long, pytest.mark.timeout(3600)]


@pytest.mark.parametrize(
    ("database_kind", "examples"),
    [
        pytest.param("sqlite", 3, id="few", marks=pytest.mark.timeout(300)),
        pytest.param("sqlite", 20, id="many", marks=LONG),
        pytest.param("postgres", 10, id="many on PostgreSQL", marks=LONG),
    ],
    indirect=["database_kind"],
)
async def test_no_question_makes_the_server_fail(filled: House, examples: int) -> None:
    for name, strategy in SCALARS.items():
        schemathesis.graphql.scalar(name, strategy)
    token = await token_of(filled, "anna")
    anna = await Agent.get(login_key="anna")
    administrators = await access_queries.role_named("Administrators")
    spared = {to_global("Agent", anna.id), to_global("Role", administrators.id)}
    url = f"{filled.url}/graphql"
    counted, failures = await asyncio.to_thread(ask_everything, url, token, examples=examples, spared=spared)
    assert not failures, "\n".join(failures.values())
    assert counted["had data"] > counted["asked"] / 3, counted
