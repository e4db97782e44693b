"""`tessera ticket`: one ticket, seen and changed from the command line as the system."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from tessera.kit.actor import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.unit import Unit
from tessera.tickets import queries, service
from tessera.tickets.models import Ticket

app = typer.Typer(help="Look at a ticket and change it.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number people quote, for example 2026112110000011.")]


@app.command()
def show(ctx: typer.Context, number: Number) -> None:
    """Show what a ticket is at the moment."""

    async def tell(_house: Any) -> None:
        for label, value in (await queries.summary(await _ticket(number))).items():
            typer.echo(f"{label + ':':<13}{value}")

    ctx.obj.run(tell)


@app.command()
def close(
    ctx: typer.Context,
    number: Number,
    state: Annotated[str, typer.Option(help="Name of the state to close it with.")] = "closed successful",
) -> None:
    """Close a ticket."""

    async def verb(unit: Unit, ticket: Ticket) -> Ticket:
        after = await queries.state_named(state)
        if after is None:
            raise NotFound("There is no active state {state}.", state=state)
        return await service.close(unit, ticket, state=after)

    ctx.obj.run(lambda house: _change(house, number, verb, "closed"))


@app.command()
def unlock(ctx: typer.Context, number: Number) -> None:
    """Release a ticket's lock, whoever holds it."""
    ctx.obj.run(lambda house: _change(house, number, service.unlock, "unlocked"))


async def _change(house: Any, number: str, verb: Callable[[Unit, Ticket], Awaitable[Ticket]], done: str) -> None:
    async def work(unit: Unit) -> Ticket:
        return await verb(unit, await _ticket(number))

    ticket = await house.units.run(SYSTEM, work)
    typer.echo(f"Ticket {ticket.number} is {done}.")


async def _ticket(number: str) -> Ticket:
    ticket = await queries.by_number(number)
    if ticket is None:
        raise NotFound("There is no ticket {number}.", number=number)
    return ticket
