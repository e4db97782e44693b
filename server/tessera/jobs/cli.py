"""`tessera jobs`: background work, from the command line."""

from typing import Annotated, Any

import typer

from tessera.jobs import queries, service
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import isoformat
from tessera.kit.errors import NotFound
from tessera.kit.ids import to_global
from tessera.kit.jobs import Job, JobState
from tessera.kit.unit import Unit

app = typer.Typer(help="See background work and try it again.", no_args_is_help=True)


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[JobState, typer.Option(help="Only work in this state.")] = JobState.FAILED,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
) -> None:
    """Show jobs, newest first: number, state, attempts, when, name and what went wrong."""

    async def show(_house: Any) -> None:
        for job in await queries.visible_to(SYSTEM).filter(state=state).order_by("-id").limit(limit):
            typer.echo(f"{job.id}  {job.state.value}  {job.attempts}x  {isoformat(job.created_at)}  {_named(job)}")

    ctx.obj.run(show)


@app.command()
def retry(
    ctx: typer.Context, number: Annotated[int, typer.Argument(help="The number that `tessera jobs list` shows.")]
) -> None:
    """Give failed work all its attempts again."""

    async def again(house: Any) -> None:
        async def work(unit: Unit) -> Job:
            try:
                job = await queries.get(SYSTEM, to_global("Job", number))
            except NotFound as error:
                raise NotFound("There is no job {number}.", number=number) from error
            return await service.retry(unit, job)

        typer.echo(_named(await house.units.run(SYSTEM, work)) + " is queued again.")

    ctx.obj.run(again)


def _named(job: Job) -> str:
    return f"{job.name}: {job.error}" if job.error else job.name
