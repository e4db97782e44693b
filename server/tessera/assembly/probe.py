"""What is done to a set of packages in a child process: load and judge it, let it in, export and remove its data.

`python -m tessera.assembly.probe` reads one request as JSON from standard input and writes `{"done": …}` or
`{"failed": "a sentence"}` into the file the request names. Whatever a package does, printing and exiting included,
leaves at most no file behind.
"""

import asyncio
import importlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from graphql import GraphQLError

from tessera.assembly.assembly import Assembly, assemble, tables_of
from tessera.assembly.checks import AssemblyError
from tessera.assembly.discovery import Distribution, mount
from tessera.assembly.imports import back_rooms
from tessera.assembly.runtime import migrate_house, pending_migrations
from tessera.engine.changes import trespasses
from tessera.kit.config import Config, ConfigurationError
from tessera.kit.db import Database
from tessera.kit.db.migrations import MigrationError, applied, migrate, removal, unmigrate
from tessera.kit.transfer import export, restore

EXPECTED = (AssemblyError, ConfigurationError, MigrationError)

LOADING_SECONDS = 60
TOLD = 5


class Unfit(Exception):
    """The set cannot run; the message is a sentence."""


async def probe(house: Assembly, kernel: str, _request: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a set is and which migrations it would bring; nothing is changed."""
    if walls := [found for package in house.distributions[1:] for found in back_rooms(package)]:
        raise Unfit(" ".join(walls[:TOLD]))
    if found := trespasses(kernel, house.schema.sdl):
        raise Unfit(f"It changes what is the kernel's: {' '.join(found)}")
    return {
        "sdl": house.schema.sdl,
        "packages": {each.label: _told(house, each) for each in house.distributions[1:]},
        "pending": [line.removeprefix("+ ") for line in await pending_migrations(house)],
    }


async def admit(house: Assembly, kernel: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Probe a set, bring the database to its tables, and `restore` an exported file of `label` if one is named.

    A migration that fails is undone, and so is what came before it.
    """
    found = await probe(house, kernel, request)
    url, apps = house.wiring.config.database, house.apps
    known = await applied(url, apps)
    try:
        await migrate_house(house)
        if request.get("restore"):
            async with _opened(house):
                await restore(request["label"], Path(request["restore"]))
    except Exception as error:
        await _undo(house, known)
        raise Unfit(f"Its tables cannot be made: {error}") from error
    return found


@asynccontextmanager
async def _opened(house: Assembly) -> AsyncIterator[None]:
    database = await Database.open(house.wiring.config.database, house.apps, pool_size=2)
    try:
        yield
    finally:
        await database.close()


async def _undo(house: Assembly, known: Mapping[str, Sequence[str]]) -> None:
    url, apps = house.wiring.config.database, house.apps
    now = await applied(url, apps)
    for label in reversed([each.label for each in house.distributions[1:]]):
        earlier = known.get(label, ())
        if len(now.get(label, ())) > len(earlier):
            await (migrate(url, apps, label=label, to=earlier[-1]) if earlier else unmigrate(url, apps, label))


async def purged(house: Assembly, _kernel: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Export the rows of a package's tables into a file, then undo its migrations; going on where it was stopped."""
    url, label, file = house.wiring.config.database, request["label"], Path(request["file"])
    if label not in {each.label for each in house.distributions}:
        raise Unfit(f"The set does not contain {label}.")
    is_whole = label not in {line.removeprefix("+ ").partition(".")[0] for line in await pending_migrations(house)}
    if is_whole:
        async with _opened(house):
            await export(label, file)
    return {"steps": await unmigrate(url, house.apps, label)}


async def removals(house: Assembly, _kernel: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Say which migrations a purge would undo."""
    found = await removal(house.wiring.config.database, house.apps, request["label"])
    return {"steps": [line.removeprefix("- ") for line in found]}


TASKS = {"probe": probe, "admit": admit, "purge": purged, "removal": removals}


def _told(house: Assembly, package: Distribution) -> dict[str, Any]:
    own = f"{package.label}."
    return {
        "permissions": sorted(name for name in house.permissions if name.startswith(own)),
        "settings": sorted(name for name in house.settings if name.startswith(own)),
        "tables": sorted(tables_of(package)),
    }


def _loaded(request: Mapping[str, Any]) -> tuple[Assembly, str]:
    config = Config(**request["config"])
    kernel = assemble(config, packages=()).schema.sdl
    signal.alarm(request.get("loading", LOADING_SECONDS))  # the process ends, whatever a package waits for
    mount(config)
    importlib.invalidate_caches()
    try:
        house = assemble(config)
        _ = house.schema
    except EXPECTED:
        raise
    except ImportError as error:
        raise Unfit(f"It cannot be imported: {error}.") from error
    except (Exception, SystemExit) as error:
        raise Unfit(f"It cannot be loaded: {type(error).__name__}: {error}.") from error
    signal.alarm(0)
    return house, kernel


def answered(request: Mapping[str, Any]) -> dict[str, Any]:
    """Do what a request asks for."""
    try:
        house, kernel = _loaded(request)
        return {"done": asyncio.run(TASKS[request["task"]](house, kernel, request))}
    except EXPECTED as error:
        return {"failed": str(error)}
    except Unfit as unfit:
        return {"failed": str(unfit)}
    except GraphQLError as error:
        return {"failed": f"Its schema is not valid: {error.message}"}
    except Exception as error:  # noqa: BLE001 - a package's code may raise whatever it likes
        return {"failed": f"It fails: {type(error).__name__}: {error}."}


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.read())
    result = Path(request["result"])
    new = result.with_suffix(".new")
    new.write_text(json.dumps(answered(request)), encoding="utf-8")
    new.replace(result)
    sys.stdout.flush()
    os._exit(0)  # a package's threads and exit handlers have no say


if __name__ == "__main__":
    main()
