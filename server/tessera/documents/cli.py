"""`tessera documents`: the documents clients may run by their hash, from the command line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tessera.documents import queries, service
from tessera.documents._sources import APOLLO, operations, read
from tessera.documents.models import Document
from tessera.engine.core import CoreEngine
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import isoformat

app = typer.Typer(help="Import documents that clients run by their hash, and see them.", no_args_is_help=True)


@app.command("import")
def import_(
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(exists=True, help="GraphQL files, manifests (Apollo's or Relay's), or folders.")
    ],
) -> None:
    """Import documents after checking each against the schema; when one does not fit, none is imported."""

    async def run(house: Any) -> None:
        sources = read(paths)
        schema = CoreEngine(house.assembly.schema).documents
        made = await house.units.run(SYSTEM, lambda unit: service.import_documents(unit, sources, schema))
        known = len({source.hash for source in sources}) - len(made)
        typer.echo(f"{len(made)} documents imported, {known} known already.")

    ctx.obj.run(run)


@app.command("list")
def list_(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As a manifest, which another server can import.")] = False,
) -> None:
    """Show the imported documents: hash, when, and the operations in it."""

    async def show(_house: Any) -> None:
        rows = await queries.imported()
        if as_json:
            typer.echo(json.dumps(_manifest(rows), indent=2, ensure_ascii=False))
            return
        for row in rows:
            named = ", ".join(f"{kind} {name}".strip() for kind, name in operations(row.text))
            typer.echo(f"{row.hash}  {isoformat(row.imported_at)}  {named}")

    ctx.obj.run(show)


def _manifest(rows: Sequence[Document]) -> dict[str, Any]:
    entries = []
    for row in rows:
        kind, name = operations(row.text)[0]
        entries.append({"id": row.hash, "name": name, "type": kind, "body": row.text})
    return {"format": APOLLO, "version": 1, "operations": entries}
