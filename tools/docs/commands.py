"""The page of the command `tessera`, from its own help."""

from collections.abc import Iterator
from typing import Any

import typer

from tessera.assembly import Assembly
from tessera.cli import app
from tools.docs.markdown import code, page, table


def commands(assembly: Assembly) -> str:
    """Write the page of the commands, those of slices behind those of the house."""
    root: Any = typer.main.get_command(app)
    added = sorted(assembly.commands, key=lambda command: command.name)
    of_slices = {command.name for command in added}  # in the application too, once the program has run
    own = [
        part
        for name, command in root.commands.items()
        if name not in of_slices
        for part in _sections(f"tessera {name}", command)
    ]
    return page(
        "Commands",
        "`tessera COMMAND --help` says the same. The environment says where the house is: "
        "[configuration](configuration.md). Expected failures are one sentence on standard error and exit code 1.",
        *own,
        *(part for each in added for part in _sections(f"tessera {each.name}", typer.main.get_command(each.app))),
    )


def _sections(path: str, command: Any) -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from _sections(f"{path} {name}", each)
        return
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    words = [each.name.upper() if each.required else f"[{each.name.upper()}]" for each in arguments]
    yield f"## {' '.join([path, *words])}"
    yield command.help or ""
    rows = [(code(each.name.upper()), each.help or "", "") for each in arguments]
    rows += [(code(" ".join(each.opts)), each.help or "", code(_default(each))) for each in options]
    if rows:
        yield table(("word", "meaning", "default"), rows)


def _default(option: Any) -> str:
    if option.required or option.default in {None, "", False}:
        return ""
    return str(getattr(option.default, "value", option.default))
