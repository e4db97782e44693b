"""`tessera access`: roles from the command line."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from tessera.access import queries, service
from tessera.access.models import Role
from tessera.accounts import queries as accounts
from tessera.accounts.models import Agent
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.unit import Unit

app = typer.Typer(help="Give agents roles and take them away.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="The agent's login.")]
RoleName = Annotated[str, typer.Argument(help="The role's name.")]


@app.command()
def grant(ctx: typer.Context, login: Login, role: RoleName) -> None:
    """Give an agent a role."""
    ctx.obj.run(_with(service.grant_role, login, role))
    typer.echo(f"The agent {login} has the role {role}.")


@app.command()
def revoke(ctx: typer.Context, login: Login, role: RoleName) -> None:
    """Take a role from an agent."""
    ctx.obj.run(_with(service.revoke_role, login, role))
    typer.echo(f"The agent {login} no longer has the role {role}.")


def _with(
    verb: Callable[[Unit, Agent, Role], Awaitable[None]], login: str, role: str
) -> Callable[[Any], Awaitable[None]]:
    async def work(unit: Unit) -> None:
        agent = await accounts.agent_by_login(login)
        if agent is None:
            raise NotFound("There is no agent {login}.", login=login)
        await verb(unit, agent, await queries.role_named(role))

    async def run(house: Any) -> None:
        await house.units.run(SYSTEM, work)

    return run
