"""The commands that are servers: `tessera serve`, `tessera demo`, `tessera work`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from tessera.supervisor.doors import Taken
from tessera.supervisor.supervisor import Duty, Failed, Supervisor

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder for everything the server keeps on disk. [TESSERA_DATA]")
]
HostOption = Annotated[str, typer.Option(help="Address to listen on.")]
PortOption = Annotated[int, typer.Option(help="Port to listen on; 0 chooses a free one.", min=0, max=65535)]


def serve(data: DataOption = None, host: HostOption = "127.0.0.1", port: PortOption = 8000) -> None:
    """Serve GraphQL. Without Redis the server does everything itself, background work included."""
    _supervise(Duty("serve", _named(data), host, port))


def demo(data: DataOption = None, host: HostOption = "127.0.0.1", port: PortOption = 8000) -> None:
    """Serve a demo desk: sixty tickets, two agents, a customer. The folder is filled when it is empty."""
    _supervise(Duty("demo", _named(data), host, port))


def work() -> None:
    """Run background work for a house with Redis: jobs, schedules, mail."""
    _supervise(Duty("work"))


def _named(data: Path | None) -> str | None:
    return None if data is None else str(data)


def _supervise(duty: Duty) -> None:
    try:
        raise SystemExit(asyncio.run(Supervisor(duty).run()))
    except (Failed, Taken) as failure:
        typer.echo(str(failure), err=True)
        raise SystemExit(1) from None


def main() -> None:
    """Run one of the three; `tessera.cli` brings the other commands, and everything that they need."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    for command in (serve, demo, work):
        app.command()(command)
    app(prog_name="tessera")
