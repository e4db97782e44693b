"""`tessera setting`: what an administrator may change, from the command line."""

import json
from typing import Annotated, Any

import typer

from tessera.kit.actor import SYSTEM
from tessera.kit.events import to_json
from tessera.settings import queries, service

app = typer.Typer(help="Read and change the settings.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the setting, for example `files.max_bytes`.")]


@app.command("list")
def list_(ctx: typer.Context, text: Annotated[str, typer.Argument(help="Only those that speak of this.")] = "") -> None:
    """Show settings with their values; a star marks those that were changed."""

    async def show(house: Any) -> None:
        for each in await queries.search(house.wiring, text):
            mark = "*" if each.changed else " "
            typer.echo(f"{mark} {each.declared.name} = {to_json(each.value)}  {each.declared.sentence}")

    ctx.obj.run(show)


@app.command()
def get(ctx: typer.Context, name: Name) -> None:
    """Print the value of a setting as JSON."""

    async def show(house: Any) -> None:
        typer.echo(to_json(await queries.value(queries.declared(house.wiring, name))))

    ctx.obj.run(show)


@app.command("set")
def set_(
    ctx: typer.Context, name: Name, value: Annotated[str, typer.Argument(help="JSON, or plain text for a text.")]
) -> None:
    """Change a setting."""

    async def change(house: Any) -> None:
        setting = queries.declared(house.wiring, name)
        changed = await house.units.run(
            SYSTEM, lambda unit: service.change_setting(unit, setting, _parsed(value, setting.kind))
        )
        typer.echo(f"{name} = {to_json(changed)}")

    ctx.obj.run(change)


@app.command()
def reset(ctx: typer.Context, name: Name) -> None:
    """Bring the default of a setting back."""

    async def change(house: Any) -> None:
        setting = queries.declared(house.wiring, name)
        default = await house.units.run(SYSTEM, lambda unit: service.reset_setting(unit, setting))
        typer.echo(f"{name} = {to_json(default)}")

    ctx.obj.run(change)


def _parsed(value: str, kind: type) -> object:
    try:
        parsed: object = json.loads(value)
    except ValueError:
        return value
    return value if kind is str and not isinstance(parsed, str) else parsed
