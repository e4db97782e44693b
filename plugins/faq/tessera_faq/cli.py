"""`tessera faq`: a knowledge base in and out, from the command line."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tessera.kit.actor import SYSTEM
from tessera_faq import _documents, service

app = typer.Typer(help="Bring FAQ items in and out as JSON.", no_args_is_help=True)


@app.callback()
def _faq() -> None:
    """Bring FAQ items in and out as JSON."""


@app.command("import")
def import_(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file that `tessera faq export` wrote.")],
) -> None:
    """Import items by number; when anything does not fit, nothing is imported. Doing it again changes nothing."""

    def report(done: int, total: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{done} of {total} items", nl=done == total, err=True)

    async def run(house: Any) -> None:
        document = _documents.read(path.read_text(encoding="utf-8"))
        made, changed = await house.units.run(SYSTEM, lambda unit: service.import_items(unit, document, report))
        same = len(document.items) - made - changed
        typer.echo(f"{made} items created, {changed} changed, {same} as they were.")

    ctx.obj.run(run)


@app.command("export")
def export(
    ctx: typer.Context,
    path: Annotated[Path | None, typer.Argument(dir_okay=False, help="A file, else standard output.")] = None,
    with_files: Annotated[bool, typer.Option("--files/--no-files", help="With the items' attachments.")] = True,
) -> None:
    """Export all categories and items as JSON; votes, views and links stay here."""

    async def run(_house: Any) -> None:
        document = await service.export_items(with_files=with_files)
        text = _documents.written(document)
        if path is None:
            typer.echo(text, nl=False)
            return
        path.write_text(text, encoding="utf-8")
        typer.echo(f"{len(document.items)} items in {len(document.categories)} categories written to {path}.")

    ctx.obj.run(run)
