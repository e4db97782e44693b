"""What documents declare."""

from tessera.documents._health import check
from tessera.documents.cli import app
from tessera.plugin import Check, Command, hookimpl


@hookimpl
def commands() -> list[Command]:
    return [Command("documents", app)]


@hookimpl
def checks() -> list[Check]:
    return [Check("documents", check)]
