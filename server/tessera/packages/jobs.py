"""Work on packages, which waits for repositories and child processes; whatever a killed run left is gone on with."""

import asyncio
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tessera.files import queries as files
from tessera.files import service as storing
from tessera.jobs import queries as jobs
from tessera.kit import log
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.config import in_use
from tessera.kit.errors import Problem
from tessera.kit.jobs import GiveUp, Work
from tessera.packages import _child, _overlay, queries, service
from tessera.packages._child import MIGRATION_SECONDS, ChildFailed
from tessera.packages._planning import LEAVING, Target, Wheels, Wish, obtain, remains, shelf, work_out
from tessera.packages.errors import PackageIncompatible, SetChanged
from tessera.packages.models import PackageAction, PackageState

PATIENCE = timedelta(minutes=7)
"""How long every server has to let go of a package before its tables are dropped: longer than slow requests take."""

LOOK_SECONDS = 0.5

EXPORTS = "exports"
WORKED_OUT, FETCHED, UNPACKED, ADMITTED, SETTLED, LET_GO = 0.1, 0.3, 0.4, 0.8, 0.9, 0.95


async def change(
    work: Work, action: str, requirement: str, wheels: list[tuple[str, str]], restore: str | None = None
) -> str | None:
    """Fulfil a wish; a dead letter with a sentence when that is refused, before anything was touched."""
    wish = Wish(PackageAction(action), requirement, tuple((name, sha256) for name, sha256 in wheels))
    try:
        if not await _is_done(work, wish):
            await _fulfil(work, wish, restore)
        if wish.action is PackageAction.PURGE:
            return await _purge(work, (await queries.named(requirement)).name)
    except SetChanged:
        raise  # tried again, from the set as it is then
    except Problem as problem:
        why = problem.message
        await work.units.run(SYSTEM, lambda unit: service.refuse(unit, wish, why), cause_id=work.job.cause_id)
        raise GiveUp(why) from problem
    return None


async def refresh(work: Work) -> str:
    """Look at what the repositories offer; returns the labels of what is new."""
    found = await shelf()
    for fault in found.faults:
        log.get().warning("packages.repository_unusable", why=fault)
    if found.faults and not found.offers:
        return ""
    return ", ".join(await work.units.run(SYSTEM, lambda unit: service.offer(unit, found)))


async def _is_done(work: Work, wish: Wish) -> bool:
    """Tell whether the set is already what was wished: by an earlier run of this job, which was killed behind that."""
    if wish.action is PackageAction.PURGE:
        return (await queries.named(wish.requirement)).state is PackageState.AVAILABLE
    return work.job.attempts > 1 and await queries.was_settled(work.job.cause_id)


async def _fulfil(work: Work, wish: Wish, restore: str | None) -> None:
    target = await work_out(wish)
    await work.progress(WORKED_OUT)
    wheels = await obtain(target)
    for wheel in wheels.values():
        await storing.store(None, wheel)
    await work.progress(FETCHED)
    folder = await _folder(target, wheels)
    await work.progress(UNPACKED)
    report = await _admit(target, folder, restore)
    await work.progress(ADMITTED)
    made = await work.units.run(SYSTEM, lambda unit: service.settle(unit, target, report), cause_id=work.job.cause_id)
    await asyncio.to_thread(_overlay.activate, in_use().packages, target.members)
    await work.wake(service.TOPIC, made.revision)
    await work.progress(SETTLED)


async def _folder(target: Target, wheels: Wheels) -> Path | None:
    if not target.members:
        return None
    return await asyncio.to_thread(_overlay.build, in_use().packages, target.members, wheels)


async def _admit(target: Target, folder: Path | None, export: str | None) -> Mapping[str, Any]:
    """Judge a set and make its tables; a set that only loses members has all of them."""
    task = "probe" if target.wish.action in LEAVING else "admit"
    with tempfile.TemporaryDirectory(prefix="tessera-restore-") as place:
        file = Path(place, "export.jsonl")
        if export is not None:
            await asyncio.to_thread(file.write_bytes, await files.read(export))
        restore = str(file) if export is not None else None
        try:
            return await _child.run(
                task, in_use(), folder, seconds=MIGRATION_SECONDS, label=target.label, restore=restore
            )
        except ChildFailed as error:
            raise PackageIncompatible(why=str(error)) from error


async def _purge(work: Work, label: str) -> str | None:
    """Export and drop a package's tables, as soon as no server can need them; going on where an earlier run stopped."""
    until = now() + PATIENCE
    while running := await queries.runners(label):
        if now() > until:
            raise PackageIncompatible(why=f"Its data was not removed: {running} processes of servers still run it.")
        await asyncio.sleep(LOOK_SECONDS)
        await work.progress(SETTLED)
    await work.progress(LET_GO)
    offers = await remains(label)
    wheels = {each.sha256: await files.read(each.sha256) for each in offers}
    target = Target(Wish(PackageAction.PURGE, label), label, tuple(offers), (), 0)
    folder, version = await _folder(target, wheels), target.offers[-1].facts.version
    name = f"{label}-{version}-{work.job_id}.jsonl"
    file = in_use().packages / EXPORTS / name
    try:
        await _child.run("purge", in_use(), folder, seconds=MIGRATION_SECONDS, label=label, file=str(file))
    except ChildFailed as error:
        raise PackageIncompatible(why=f"Its data was not removed: {error}") from error
    if not file.exists():  # another run of the same wish has exported everything meanwhile, and forgets the package
        raise SetChanged
    blob = await storing.store(None, await asyncio.to_thread(file.read_bytes))
    await work.units.run(SYSTEM, lambda unit: service.forget(unit, label, blob.digest), cause_id=work.job.cause_id)
    return jobs.file_result(blob.digest, name)
