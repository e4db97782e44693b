"""The commands that are servers: `tessera serve`, `tessera demo`, `tessera work`."""

import asyncio
import contextlib
import resource
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


MOST_FILES = 65_536
"""Files and connections that a server asks to be allowed to have open, where the system lets it."""


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
    _allow_many_connections()
    try:
        raise SystemExit(asyncio.run(Supervisor(duty).run()))
    except (Failed, Taken) as failure:
        typer.echo(str(failure), err=True)
        raise SystemExit(1) from None


def _allow_many_connections() -> None:
    """Raise the soft limit of open files, often 1,024, which each client that listens counts for one of.

    It is that low for programs that use select(2), says systemd.exec(5) of `LimitNOFILE`; ours use epoll.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if resource.RLIM_INFINITY != soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # some systems allow fewer than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> None:
    """Run one of the three; `tessera.cli` brings the other commands, and everything that they need."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    for command in (serve, demo, work):
        app.command()(command)
    app(prog_name="tessera")
