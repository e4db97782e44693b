"""`tessera search`: the full-text index from the command line."""

import sys
from functools import partial
from typing import Annotated, Any

import typer

from tessera.search import queries, service

app = typer.Typer(no_args_is_help=True)


@app.callback()
def index() -> None:
    """Look after the full-text index."""  # a callback: typer would take a single command for the whole


@app.command()
def rebuild(
    ctx: typer.Context,
    kinds: Annotated[list[str] | None, typer.Argument(help="Kinds such as `ticket`; without any, everything.")] = None,
) -> None:
    """Read everything again that can be found; the server may go on working. Searches find what was indexed so far."""

    async def run(house: Any) -> None:
        wiring = house.units.wiring
        wanted = [queries.searchable(wiring, kind) for kind in kinds or queries.searchables(wiring)]
        for each in wanted:
            count = await service.rebuild(house.units, each, partial(_show, each.kind))
            typer.echo(f"{each.kind}: {count}")

    ctx.obj.run(run)


async def _show(kind: str, fraction: float) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{kind}: {fraction:4.0%}\r", nl=False, err=True)
