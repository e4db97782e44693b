"""`tessera agent`: agents from the command line."""

import sys
from typing import Annotated, Any

import typer

from tessera.accounts import queries, service
from tessera.accounts.models import Agent
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.unit import Unit

app = typer.Typer(help="Add agents, set their passwords, switch them off.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="What the agent signs in with.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command()
def add(
    ctx: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option(help="Display name; the login when it is not given.")] = "",
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    password_stdin: FromStdin = False,
) -> None:
    """Add an agent. Give them a role with `tessera access grant`."""
    password = _ask_password(password_stdin)

    async def create(house: Any) -> None:
        hashed = await service.hash_new_password(password)
        await house.units.run(
            SYSTEM,
            lambda unit: service.create_agent(
                unit, login=login, name=name or login, email=email or None, password_hash=hashed
            ),
        )
        typer.echo(f"Added the agent {login}.")

    ctx.obj.run(create)


@app.command()
def passwd(ctx: typer.Context, login: Login, password_stdin: FromStdin = False) -> None:
    """Set an agent's password; their sessions end."""
    password = _ask_password(password_stdin)

    async def change(house: Any) -> None:
        hashed = await service.hash_new_password(password)

        async def work(unit: Unit) -> None:
            await service.change_password(unit, await _agent(login), hashed)

        await house.units.run(SYSTEM, work)
        typer.echo(f"The agent {login} has a new password.")

    ctx.obj.run(change)


@app.command()
def deactivate(ctx: typer.Context, login: Login) -> None:
    """Switch an agent off: sessions and tokens end, history stays."""

    async def work(unit: Unit) -> None:
        await service.update_agent(unit, await _agent(login), active=False)

    async def switch_off(house: Any) -> None:
        await house.units.run(SYSTEM, work)
        typer.echo(f"The agent {login} is switched off.")

    ctx.obj.run(switch_off)


async def _agent(login: str) -> Agent:
    agent = await queries.agent_by_login(login)
    if agent is None:
        raise NotFound("There is no agent {login}.", login=login)
    return agent


def _ask_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
