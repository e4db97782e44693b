"""`tessera dummy`: remarks, from the command line."""

from typing import Any

import typer

from tessera_dummy.models import Remark

app = typer.Typer(help="See remarks.", no_args_is_help=True)


@app.callback()
def _dummy() -> None:
    """See remarks."""


@app.command()
def count(ctx: typer.Context) -> None:
    """Say how many remarks there are."""

    async def show(_house: Any) -> None:
        typer.echo(f"{await Remark.all().count()} remarks")

    ctx.obj.run(show)
