"""`tessera audit`: prove that nobody changed the history behind the server's back."""

from functools import partial
from typing import Annotated

import typer

from tessera.kit.journal import Verdict, holds, seal_pending, verify

app = typer.Typer(help="The audit of the history.", no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """Commands about the history's soundness."""


@app.command("verify")
def verify_journal(
    context: typer.Context,
    noted: Annotated[
        str,
        typer.Option(
            metavar="POSITION:DIGEST", help="What an earlier run printed: proves that all of it is still there."
        ),
    ] = "",
) -> None:
    """Recompute the chain of hashes and name the first entry that was changed, inserted or removed.

    Prints the newest position and digest. Noted down elsewhere and shown again, they also prove that nobody cut
    the end off or wrote the whole chain anew.
    """
    verdict: Verdict = context.obj.run(_verify)
    typer.echo(f"{verdict.sound} entries are sound. Newest: {verdict.sound}:{verdict.digest}")
    if verdict.flaw is not None:
        place = f"at position {verdict.flaw.position}" if verdict.flaw.position else "without a position"
        typer.echo(f"Entry {verdict.flaw.entry_id} {place}: {verdict.flaw.what}.", err=True)
        raise typer.Exit(1)
    if noted and not context.obj.run(partial(_holds, noted)):
        typer.echo(f"The journal does not hold what was noted: {noted}.", err=True)
        raise typer.Exit(1)


async def _verify(_house: object) -> Verdict:
    await seal_pending()
    return await verify()


async def _holds(noted: str, _house: object) -> bool:
    return await holds(noted)
