"""The `tessera` command: migrate, schema, check, the commands that are servers, and those that slices declare."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from tortoise.exceptions import OperationalError

from tessera import __version__
from tessera.access import queries as access
from tessera.accounts import queries as accounts
from tessera.assembly import Assembly, AssemblyError, assemble
from tessera.assembly.discovery import mount
from tessera.assembly.health import examine
from tessera.assembly.runtime import Runtime, migrate_house, open_runtime, pending_migrations
from tessera.engine.context import Context
from tessera.engine.documents import Refused
from tessera.engine.engine import Engine
from tessera.engine.explain import explain as explain_operation
from tessera.kit import log
from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.config import Config, ConfigurationError
from tessera.kit.db.migrations import MigrationError
from tessera.kit.errors import NotFound, Problem
from tessera.kit.jobs import JobState
from tessera.supervisor.commands import demo, serve, work

ResultT = TypeVar("ResultT")

REPAIRS = "package"
"""The command that works when a package does not."""

app = typer.Typer(
    help="Tessera: a help desk and IT service management server that speaks GraphQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Console:
    """What commands of slices get as `ctx.obj`: a way to run something in the open house."""

    def run(self, command: Callable[[Runtime], Awaitable[ResultT]]) -> ResultT:
        """Open the house, run the command in it, close the house again.

        A Problem, a wrong configuration or a database without the newest tables becomes one sentence on standard
        error and exit code 1.
        """

        async def inside() -> ResultT:
            assembly = _assembled(_config())
            try:
                async with open_runtime(assembly) as runtime:
                    return await command(runtime)
            except OperationalError as error:
                if pending := await pending_migrations(assembly):
                    raise ConfigurationError(_lacking(pending)) from error
                raise

        return _run(inside())


def main() -> None:
    """Run the `tessera` command."""
    with _plainly():
        config = _config()
        log.configure(level=config.log_level, as_json=config.log_json)
        mount(config)
        for command in _assembled(config).commands:
            app.add_typer(command.app, name=command.name)
        app(obj=Console())


def _assembled(config: Config) -> Assembly:
    """Assemble the house; without its packages where one broke and the command may be there to mend that."""
    try:
        return assemble(config)
    except Exception:
        if sys.argv[1:2] != [REPAIRS]:
            raise
        log.get().warning("house.package_broken", exc_info=True)
        return assemble(config, packages=())


@app.callback(invoke_without_command=True)
def _tessera(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


for each in (serve, demo, work):
    app.command()(each)


@app.command()
def migrate(*, plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False) -> None:
    """Bring the database to the newest tables."""
    assembly = assemble(_config())
    steps = _run(pending_migrations(assembly) if plan else migrate_house(assembly))
    for step in steps:
        typer.echo(step)
    if not steps:
        typer.echo("Nothing to do: the database has the newest tables.")


schema_app = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
app.add_typer(schema_app, name="schema")


@schema_app.callback()
def _schema() -> None:
    """Commands about the GraphQL schema."""


@schema_app.command("print")
def print_schema() -> None:
    """Print the schema of the kernel and the installed packages as SDL."""
    typer.echo(assemble(_config()).schema.sdl, nl=False)


@app.command()
def explain(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A GraphQL document.")],
    login: Annotated[
        str | None,
        typer.Option("--as", help="Login of an agent or a customer user; default: the system, who sees all."),
    ] = None,
    variables: Annotated[str, typer.Option(help="Values of the variables, as a JSON object.")] = "{}",
    operation: Annotated[str | None, typer.Option(help="Which operation, when the document has several.")] = None,
) -> None:
    """Show which SQL answers a query, and the function written for it; a query runs once, a mutation never."""
    given = _json_object(variables)

    async def show(house: Runtime) -> None:
        engine = Engine(house.assembly.schema)
        try:
            prepared = engine.prepare(file.read_text(encoding="utf-8"), operation, given)
        except Refused as refused:
            raise Problem("\n".join(error.message for error in refused.errors)) from refused
        context = Context(house.units, house.bus, await _actor(login))
        for line in await explain_operation(engine, prepared, given, context):
            typer.echo(line)

    ctx.obj.run(show)


def _json_object(text: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        if isinstance(found := json.loads(text), dict):
            return found
    raise typer.BadParameter("not a JSON object", param_hint="--variables")


async def _actor(login: str | None) -> Actor:
    if login is None:
        return SYSTEM
    for kind in (ActorKind.AGENT, ActorKind.CUSTOMER_USER):
        account = await accounts.account_by_login(kind, login)
        actor = account and await access.actor_for(kind, account.id)
        if actor:
            return actor
    raise NotFound("There is no active agent or customer user {login}.", login=login)


@app.command()
def check() -> None:
    """Look at configuration, database, migrations, jobs and mail: what is wrong, and what to do."""
    advice = _run(_advice(assemble(_config())))
    for line in advice:
        typer.echo(f"- {line}")
    if advice:
        raise typer.Exit(1)
    typer.echo("All is well.")


def _lacking(migrations: Sequence[str]) -> str:
    return f"The database lacks {len(migrations)} migrations: run `tessera migrate`."


async def _advice(assembly: Assembly) -> list[str]:
    pending = await pending_migrations(assembly)
    if pending:
        return [_lacking(pending)]
    advice = []
    async with open_runtime(assembly) as runtime:
        status = await runtime.dispatcher.status()
        dead = status.counts.get(JobState.FAILED, 0)
        if dead:
            advice.append(f"{dead} jobs have failed for good: see `tessera jobs list`.")
        if not status.reachable:
            advice.append("Redis does not answer: jobs run late. Look at TESSERA_REDIS_URL.")
        for each in assembly.checks:
            advice.extend((await examine(each, runtime.wiring)).advice)
    return advice


def _config() -> Config:
    config = Config.read()
    config.prepare()
    return config


def _run(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    with _plainly():
        return asyncio.run(work)


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """Say expected failures in one sentence."""
    try:
        yield
    except (ConfigurationError, AssemblyError, MigrationError, Problem) as failure:
        _fail(str(failure))


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise SystemExit(1)
