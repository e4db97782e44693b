"""Which set of packages a generation runs, which one it should, and why it may not."""

import asyncio
import json
import re
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from tessera.assembly.discovery import installed
from tessera.assembly.runtime import Runtime
from tessera.assembly.standing import Standing
from tessera.generation.start import RAN
from tessera.kit import log
from tessera.kit.actor import SYSTEM
from tessera.kit.config import Config
from tessera.packages import queries, service
from tessera.packages.errors import SetChanged
from tessera.packages.models import PackageSet

SEEN_SECONDS = 5.0
"""How often a process says that it runs its set: several times before it would count as dead."""

POLL_SECONDS = 1.0
"""How long wake-ups are trusted: a command writes a revision without telling anybody."""

Tell = Callable[[int, str], object]


class Other(Exception):
    """Another set should run: `revision` and `folder`, which is empty for none."""

    def __init__(self, revision: int, folder: str) -> None:
        self.revision = revision
        self.folder = folder
        super().__init__(f"Revision {revision} should run.")


class Sets:
    """The set of one generation; `standing` is what `/health` shows of it."""

    def __init__(self, config: Config) -> None:
        self.own = folder_of(config)
        self.standing = Standing()
        self._token = uuid4().hex

    async def appear(self) -> None:
        """Say that this process runs its set: no package's tables are dropped while somebody may use them."""
        await service.appear(self._token, digest_of(self.own))

    async def stay(self) -> None:
        """Say so again and again; for ever."""
        while True:
            try:
                await self.appear()
            except Exception:  # noqa: BLE001 - the database comes back
                log.get().warning("generation.not_seen", exc_info=True)
            await asyncio.sleep(SEEN_SECONDS)

    async def withdraw(self) -> None:
        """Say that this process answers nobody any more."""
        try:
            await service.withdraw(self._token)
        except Exception:  # noqa: BLE001 - it counts as dead soon
            log.get().warning("generation.not_withdrawn", exc_info=True)

    async def settle(self, runtime: Runtime, *, insist: bool) -> None:
        """Find out which revision this is; raises `Other` when another set should run, unless one insists."""
        revision, folder = await wanted(runtime)
        self.standing.wanted = revision
        if folder == self.own:
            self.standing.running = revision
        elif not insist:
            raise Other(revision, folder)

    async def follow(self, runtime: Runtime, tell: Tell) -> None:
        """Tell of every set that should run instead, as soon as there is one; for ever."""
        with runtime.bus.subscribe(service.TOPIC) as wakes:
            while True:
                try:
                    newest = await queries.wanted_set()
                    if newest is not None and newest.revision > self.standing.wanted:
                        await self._look(runtime, tell)
                except Exception:  # noqa: BLE001 - whatever it was, the set that runs goes on, and is looked after
                    log.get().warning("generation.set_not_followed", exc_info=True)
                await wakes.wait(POLL_SECONDS)

    async def _look(self, runtime: Runtime, tell: Tell) -> None:
        revision, folder = await wanted(runtime)
        self.standing.wanted = revision
        if folder == self.own:
            self.standing.running, self.standing.problem = revision, None
        else:
            tell(revision, folder)

    async def give_up(self, runtime: Runtime, revision: int, reason: str, blame: list[str], *, packages: bool) -> None:
        """Hear that a set could not be run; put the packages to blame into quarantine, if it is the fault of any.

        Without a name these are the ones that this generation runs without.
        """
        self.standing.problem = reason
        newest = await queries.wanted_set()
        if newest is None or newest.revision != revision or not packages:
            return
        for label in blame or _new_in(newest, self.own):
            try:
                await runtime.units.run(SYSTEM, lambda unit, label=label: service.quarantine(unit, label, reason))  # type: ignore[misc]  # bound at once
            except SetChanged:  # another server was faster
                return


async def wanted(runtime: Runtime) -> tuple[int, str]:
    """Return the revision and the folder that should run here; it is built and checked."""
    revision, folder = await service.prepare(runtime.units)
    return revision, str(folder.resolve()) if folder else ""


def folder_of(config: Config) -> str:
    """Return the folder of the set a configuration names, empty for none."""
    return str(config.library.parent) if config.library else ""


def mounted(config: Config) -> list[str]:
    """Return the packages of a configuration's set.

    Their tables may be ahead of them: an upgrade makes those first, and may come to its end much later.
    """
    return [each.label for each in installed(config.model_copy(update={"environment_packages": False}))]


def digest_of(folder: str) -> str:
    """Return the digest of the set in a folder, empty for none."""
    return str(json.loads(Path(folder, service.DESCRIPTION).read_bytes())["digest"]) if folder else ""


def remember(config: Config) -> None:
    """Let the next start begin with this set, which runs."""
    link, own = config.packages / RAN, folder_of(config)
    if not own:
        link.unlink(missing_ok=True)
        return
    with tempfile.TemporaryDirectory(dir=config.packages, prefix=".new-") as folder:
        new = Path(folder) / RAN
        new.symlink_to(own)
        new.replace(link)


def blamed(error: Exception, config: Config) -> list[str]:
    """Return the package in whose code an error was raised, else those that its words name."""
    found = installed(config)
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__", ""))
        for each in found:
            if f"{module}.".startswith(f"{each.package}."):
                return [each.label]
    words = set(re.findall(r"\w+", str(error)))
    return [each.label for each in found if words & {each.label, each.package}]


def _new_in(wanted_set: PackageSet, own: str) -> list[str]:
    """Return the packages of a set that another set has not, or not from the same wheel."""
    described = json.loads(Path(own, service.DESCRIPTION).read_bytes())["members"] if own else []
    known = {each["sha256"] for each in described}
    return [each.label for each in wanted_set.listed if each.label and each.sha256 not in known]
