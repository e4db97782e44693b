"""`tessera package`: packages, from the command line; works beside a running server and without one."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from tessera.files import service as files
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.errors import Problem
from tessera.kit.jobs import Job, JobState
from tessera.packages import _build, _index, _scaffold, queries, service
from tessera.packages._planning import Plan, shelf
from tessera.packages._wheels import WheelUnfit, named
from tessera.packages.models import Package, PackageAction, PackageState
from tessera.packages.service import Wish
from tessera.packages.settings import TRUSTED_KEYS
from tessera.settings import queries as settings
from tessera.settings import service as setting

ENDED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
LOOK_SECONDS = 0.2
LOCAL_FAILURES = (WheelUnfit, _index.IndexUnfit, _build.BuildFailed, _scaffold.NotWritten, OSError)

app = typer.Typer(help="See, install, change and remove packages; build and offer them.", no_args_is_help=True)
key_app = typer.Typer(help="Keys that sign repositories.", no_args_is_help=True)
app.add_typer(key_app, name="key")

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Requirement = Annotated[
    str, typer.Argument(help="A name, a version requirement (`tessera-faq>=1,<2`), a wheel, or a folder to build.")
]
Name = Annotated[str, typer.Argument(help="The name of an installed package.")]
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder.")]


@app.command("list")
def list_(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show what is installed, and what the repositories offered when they were last looked at."""
    ctx.obj.run(lambda house: _show(house, None, as_json=as_json))


@app.command()
def search(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="Part of a name, a title or a description.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Look at the repositories now, and show what they offer."""

    async def look(house: Any) -> None:
        found = await shelf()
        for fault in found.faults:
            typer.echo(fault, err=True)
        if found.offers or not found.faults:
            await house.units.run(SYSTEM, lambda unit: service.offer(unit, found))
        await _show(house, text, as_json=as_json)

    ctx.obj.run(look)


@app.command()
def plan(
    ctx: typer.Context,
    action: Annotated[PackageAction, typer.Argument(help="What to do.")],
    requirement: Requirement,
    as_json: JsonOption = False,
) -> None:
    """Show what an action would do, and change nothing."""

    async def show(_house: Any) -> None:
        found = await service.plan(SYSTEM, Wish(action, requirement))
        typer.echo(json.dumps(_as_dict(found), ensure_ascii=False) if as_json else _told(found))
        if found.problems:
            raise typer.Exit(1)

    ctx.obj.run(show)


@app.command()
def install(
    ctx: typer.Context,
    requirement: Requirement,
    restore: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="An export whose rows come back with the package.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch, check, migrate, and let every server run a package."""
    ctx.obj.run(lambda house: _do(house, PackageAction.INSTALL, requirement, restore=restore, as_json=as_json))


@app.command()
def upgrade(ctx: typer.Context, requirement: Requirement, as_json: JsonOption = False) -> None:
    """Bring a package to the newest version that fits."""
    ctx.obj.run(lambda house: _do(house, PackageAction.UPGRADE, requirement, as_json=as_json))


@app.command()
def enable(ctx: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Switch a package on again, or try one again that is in quarantine."""
    ctx.obj.run(lambda house: _do(house, PackageAction.ENABLE, name, as_json=as_json))


@app.command()
def disable(ctx: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Switch a package off; it stays installed."""
    ctx.obj.run(lambda house: _do(house, PackageAction.DISABLE, name, as_json=as_json))


@app.command()
def uninstall(
    ctx: typer.Context,
    name: Name,
    *,
    purge: Annotated[bool, typer.Option("--purge", help="Export its data, then drop its tables.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove a package; its data stays unless it is purged."""
    action = PackageAction.PURGE if purge else PackageAction.UNINSTALL
    ctx.obj.run(lambda house: _do(house, action, name, as_json=as_json))


@app.command()
def verify(ctx: typer.Context, name: Name, as_json: JsonOption = False) -> None:
    """Compare every file of a package with the one that was installed."""

    async def compare(house: Any) -> None:
        row = await service.verify(house.units, SYSTEM, name)
        typer.echo(json.dumps(_row(row)) if as_json else f"The files of {row.name} are those that were installed.")

    ctx.obj.run(compare)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Its label: lower-case letters, digits and underscores.")],
    folder: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Where its own folder is made.")] = Path(),
) -> None:
    """Write a new package: a table, a field of the ticket, a verb, a handler, and tests that pass at once."""
    try:
        typer.echo(_scaffold.write(name, folder))
    except LOCAL_FAILURES as error:
        _fail(str(error))


@app.command()
def build(
    project: Folder,
    out: Annotated[Path, typer.Option(help="The folder for the wheel.")] = Path("dist"),
) -> None:
    """Build a package's wheel out of a folder with a pyproject.toml, without the network."""
    try:
        typer.echo(_build.build(project, out))
    except LOCAL_FAILURES as error:
        _fail(str(error))


@app.command()
def index(
    folder: Folder,
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The file with the secret key.")],
) -> None:
    """Make a folder of wheels a repository: write its index, and sign it."""
    try:
        count = _index.write(folder, _index.secret_key(key.read_bytes()))
    except LOCAL_FAILURES as error:
        _fail(str(error))
    typer.echo(f"{count} wheels are in the index of {folder}.")


@key_app.command("new")
def new_key(file: Annotated[Path, typer.Argument(help="A new file for the secret key.")]) -> None:
    """Make a key: the secret half goes into a file, the public half, for others to trust, is printed."""
    pem, public = _index.new_key()
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(pem)
    except OSError as error:
        _fail(f"{file} cannot be written: {error.strerror}.")
    typer.echo(public)


@key_app.command("trust")
def trust(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="A public key, as `tessera package key new` prints it.")],
) -> None:
    """Trust a key: repositories it signed can be installed from."""

    async def add(house: Any) -> None:
        try:
            _index.public_key(key)
        except _index.IndexUnfit as error:
            raise Problem(str(error)) from error
        known = [str(each) for each in await settings.value(TRUSTED_KEYS)]
        await house.units.run(
            SYSTEM,
            lambda unit: setting.change_setting(unit, TRUSTED_KEYS, [*(each for each in known if each != key), key]),
        )
        typer.echo("The key is trusted.")

    ctx.obj.run(add)


async def _do(
    house: Any, action: PackageAction, requirement: str, *, as_json: bool, restore: Path | None = None
) -> None:
    """Ask for a change and follow it to its end; whoever is there does the work, this process or a server."""
    wish = await _wish(action, requirement)
    export = await files.store(None, await asyncio.to_thread(restore.read_bytes)) if restore else None
    asked = await house.units.run(
        SYSTEM, lambda unit: service.request(unit, wish, restore=export.digest if export else None)
    )
    job = await _followed(house, asked, shown=sys.stderr.isatty() and not as_json)
    row = await queries.find(SYSTEM, wish.requirement)
    if as_json:
        result = {"state": job.state.value, "error": job.error, "package": _row(row) if row else None}
        typer.echo(json.dumps(result, ensure_ascii=False))
    elif job.state is JobState.SUCCEEDED and row is not None:
        typer.echo(f"{row.name} {row.version_installed or ''} is {_state(row)}.".replace("  ", " "))
        if job.result:
            typer.echo(f"Its data is in {house.config.packages / 'exports' / job.result.rpartition(':')[2]}.")
    if job.state is not JobState.SUCCEEDED:
        _fail("" if as_json else (job.error or job.state.value).removeprefix("GiveUp: "))


async def _wish(action: PackageAction, requirement: str) -> Wish:
    """Read a requirement; a wheel or a folder is handed over as it is, on the word of who runs the command."""
    path = Path(requirement)
    if action not in {PackageAction.INSTALL, PackageAction.UPGRADE} or not _is_local(path):
        return Wish(action, requirement)
    try:
        with tempfile.TemporaryDirectory(prefix="tessera-build-") as place:
            wheel = path if path.suffix == ".whl" else await asyncio.to_thread(_build.build, path, Path(place))
            name, version, _ = named(wheel.name)
            blob = await files.store(None, await asyncio.to_thread(wheel.read_bytes))
    except LOCAL_FAILURES as error:
        raise Problem(str(error)) from error
    return Wish(action, f"{name}=={version}", ((wheel.name, blob.digest),))


def _is_local(path: Path) -> bool:
    return (path.suffix == ".whl" and path.is_file()) or (path / "pyproject.toml").is_file()


async def _followed(house: Any, job: Job, *, shown: bool) -> Job:
    work: asyncio.Task[bool] | None = None
    while job.state not in ENDED:
        if shown:
            typer.echo(f"\r{job.progress:4.0%} ", nl=False, err=True)
        if (work is None or work.done()) and job.state is JobState.QUEUED and job.run_at <= now():
            work = asyncio.create_task(house.dispatcher.run_here(job.id))
        await asyncio.sleep(LOOK_SECONDS)
        await job.refresh_from_db()
    if work is not None:
        await work
    if shown:
        typer.echo("\r", nl=False, err=True)
    return job


async def _show(house: Any, text: str | None, *, as_json: bool) -> None:
    rows = await queries.search(SYSTEM, text, house.wiring)
    if as_json:
        typer.echo(json.dumps([_row(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        news = row.version_available if row.version_available not in {None, row.version_installed} else None
        available = f" (available: {news})" if news else ""
        typer.echo(f"{row.name}  {row.version_installed or '-'}{available}  {_state(row)}  {row.title}")
        if row.problem:
            typer.echo(f"  {row.problem}")


def _state(row: Package) -> str:
    if row.state is PackageState.AVAILABLE:
        return "not installed"
    return "part of the environment" if row.source == queries.ENVIRONMENT else row.state.value


def _row(row: Package) -> dict[str, Any]:
    return {
        "name": row.name,
        "distribution": row.distribution,
        "version": None if row.state is PackageState.AVAILABLE else row.version_installed,
        "available": row.version_available,
        "state": row.state.value,
        "title": row.title,
        "problem": row.problem,
        "verified": row.verified,
    }


def _as_dict(found: Plan) -> dict[str, Any]:
    return {
        "action": found.action.value,
        "package": found.package.name,
        "steps": list(found.steps),
        "migrations": list(found.migrations),
        "changes": list(found.changes),
        "broken": list(found.broken),
        "problems": list(found.problems),
    }


def _told(found: Plan) -> str:
    parts = {
        "This cannot be done": found.problems,
        "Packages that come or go": found.steps,
        "Migrations": found.migrations,
        "Changes of the schema": [f"{each['criticality']}: {each['message']}" for each in found.changes],
        "Persisted operations that would stop working": found.broken,
    }
    lines = [f"{head}:\n" + "\n".join(f"  {each}" for each in each_of) for head, each_of in parts.items() if each_of]
    return "\n".join(lines) or "Nothing would change."


def _fail(sentence: str) -> Any:
    if sentence:
        typer.echo(sentence, err=True)
    raise typer.Exit(1)
