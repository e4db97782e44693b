import pytest

from tessera.accounts import queries, service
from tessera.accounts.cli import app
from tessera.accounts.errors import LoginTaken, WeakPassword, WrongCredentials
from tessera.accounts.models import Agent
from tessera.kit.actor import ActorKind
from tessera.kit.errors import NotFound
from tessera.testing.house import House
from tests.accounts import people
from tests.accounts.console import Console


async def sign_in(house: House, password: str) -> service.Tokens:
    return await service.sign_in(house.runtime.units, kind=ActorKind.AGENT, login="ben", password=password)


async def test_an_agent_is_added_gets_a_new_password_and_is_switched_off(house: House) -> None:
    console = Console(house, app)
    await people.administrator(house)
    said = await console.type("add", "ben", "--name", "Ben B.", "--password-stdin", stdin="a good password\n")
    assert said == "Added the agent ben.\n"
    agent = await queries.agent_by_login("ben")
    assert agent is not None
    assert (agent.name, agent.email) == ("Ben B.", None)
    tokens = await sign_in(house, "a good password")
    said = await console.type("passwd", "BEN", stdin="another good one\nanother good one\n")
    assert "another" not in said
    assert await queries.by_access_token(tokens.access_token) is None
    await sign_in(house, "another good one")
    assert await console.type("deactivate", "ben") == "The agent ben is switched off.\n"
    with pytest.raises(WrongCredentials):
        await sign_in(house, "another good one")


async def test_what_cannot_be_done_is_said(house: House) -> None:
    console = Console(house, app)
    for words, stdin, problem in (
        (("add", "ben", "--password-stdin"), "short\n", WeakPassword),
        (("passwd", "nobody", "--password-stdin"), "a good password\n", NotFound),
        (("deactivate", "nobody"), "", NotFound),
    ):
        with pytest.raises(problem):
            await console.type(*words, stdin=stdin)
    assert await Agent.all().count() == 0
    await people.agent(house, "ben")
    with pytest.raises(LoginTaken, match="ben"):
        await console.type("add", "ben", "--password-stdin", stdin="a good password\n")
