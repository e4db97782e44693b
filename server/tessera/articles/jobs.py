"""Changes of so many tickets that nobody waits for them."""

from typing import Any

from tessera.access import queries as access
from tessera.articles import service
from tessera.articles.service import BulkChange
from tessera.files import service as files
from tessera.jobs import queries as jobs
from tessera.kit.actor import ActorKind
from tessera.kit.errors import Problem
from tessera.kit.events import to_json
from tessera.kit.jobs import GiveUp, Work


async def bulk_update(work: Work, ids: list[str], change: dict[str, Any], scopes: list[str] | None) -> str:
    """Change each ticket in a unit of its own, with the rights its author has now; return the file that tells of it."""
    kind, key = work.job.actor_kind, work.job.actor_id
    limits = None if scopes is None else frozenset(scopes)
    actor = await access.actor_for(ActorKind(kind), key, limits) if kind is not None and key is not None else None
    if actor is None:
        message = "Whoever asked for this is not active any more."
        raise GiveUp(message)
    wanted, refused = BulkChange.from_json(change), []
    for position, ticket_id in enumerate(ids, start=1):
        try:
            await work.units.run(
                actor,
                lambda unit, each=ticket_id: service.change_once(unit, each, wanted, key=f"job {work.job_id}"),
                cause_id=work.job.cause_id,
                depth=work.job.depth,
            )
        except Problem as problem:
            refused.append(
                {"id": ticket_id, "code": problem.code, "reason": problem.reason, "message": problem.message}
            )
        await work.progress(position / len(ids))
    told = to_json({"changed": len(ids) - len(refused), "refused": refused})
    blob = await files.store(None, told.encode())
    return jobs.file_result(blob.digest, "changes.json")
