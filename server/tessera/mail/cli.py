"""`tessera mail`: mail from the command line."""

import sys
from typing import Annotated, Any

import typer

from tessera.kit.actor import SYSTEM
from tessera.kit.errors import NotFound
from tessera.mail import _fetching, queries, service
from tessera.mail.errors import MessageTooLarge
from tessera.mail.models import IncomingMessage
from tessera.queues import queries as queues
from tessera.queues.models import Queue

app = typer.Typer(help="Take mail in.", no_args_is_help=True)

PIPE = "pipe"
TRY_AGAIN = 75
"""What a mail server takes for "keep the mail and try again later" (EX_TEMPFAIL)."""

UNFIT = 65
"""What a mail server takes for "tell the sender that this mail cannot be taken" (EX_DATAERR)."""


@app.command()
def deliver(
    ctx: typer.Context,
    queue: Annotated[str, typer.Option(help="Full name of the queue for new tickets; else by the address.")] = "",
    trusted: Annotated[bool, typer.Option("--trusted", help="Obey the mail's X-Tessera headers.")] = False,
) -> None:
    """Take one raw mail from standard input; exit code 75: not kept, try again; 65: too large."""
    raw = sys.stdin.buffer.read()

    async def take(house: Any) -> IncomingMessage | MessageTooLarge:
        target = await _queue(queue) if queue else None
        try:
            return await service.receive(house.units, raw, source=PIPE, trusted=trusted, queue=target)
        except MessageTooLarge as problem:
            return problem

    try:
        kept = ctx.obj.run(take)
    except SystemExit as told:
        raise typer.Exit(TRY_AGAIN) from told
    except Exception as error:
        typer.echo(f"The mail was not kept: {error}", err=True)
        raise typer.Exit(TRY_AGAIN) from error
    if isinstance(kept, MessageTooLarge):
        typer.echo(kept.message, err=True)
        raise typer.Exit(UNFIT)
    typer.echo(f"Kept as mail {kept.id}.")


@app.command()
def fetch(ctx: typer.Context) -> None:
    """Empty every active mail account now. Exit code 1: some account does not answer."""

    async def empty(house: Any) -> bool:
        problems = False
        for row in await queries.visible_accounts(SYSTEM).filter(active=True).order_by("id"):
            kept, problem = await _fetching.fetch(house.units, row)
            typer.echo(f"{row.name}: {kept} mails" + (f", {problem}" if problem else ""))
            problems = problems or problem is not None
        return problems

    if ctx.obj.run(empty):
        raise typer.Exit(1)


async def _queue(path: str) -> Queue:
    found = await queues.by_path(path)
    if found is None:
        raise NotFound("There is no queue {path}.", path=path)
    return found
