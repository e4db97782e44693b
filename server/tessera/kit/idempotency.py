"""Idempotency keys: the same create, sent twice by one caller within a day, happens once."""

from datetime import timedelta
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit import rows
from tessera.kit.actor import Actor
from tessera.kit.clock import now
from tessera.kit.errors import Invalid
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import text
from tessera.kit.model import Row

LIFETIME = timedelta(hours=24)
MAX_KEY = 200


class ClientMutation(Row):
    """A caller's key and what the first call made."""

    actor_kind = fields.CharField(max_length=20)
    actor_id = fields.BigIntField(default=0)
    mutation = fields.CharField(max_length=100)
    key = fields.CharField(max_length=MAX_KEY)
    result = fields.CharField(max_length=100, null=True)
    created_at = fields.DatetimeField(default=now, db_index=True)

    class Meta:
        """One row per caller, mutation and key."""

        app = "tessera"
        table = "client_mutation"
        constraints = (
            UniqueConstraint(fields=("actor_kind", "actor_id", "mutation", "key"), name="client_mutation_unique"),
        )


async def first_result(actor: Actor, mutation: str, key: str) -> ObjectRef | None:
    """Claim a key inside the open transaction; return what an earlier call with it made, else None.

    A concurrent call with the same key waits for the first one's commit. Raises `Invalid` for a key over
    200 characters, or with characters that a database refuses.
    """
    if len(key) > MAX_KEY:
        raise Invalid("The key is longer than {limit} characters.", field=("clientMutationId",), limit=MAX_KEY)
    key = text(key, field=("clientMutationId",), limit=MAX_KEY)
    row: dict[str, Any] = {"actor_kind": actor.kind.value, "actor_id": actor.id or 0, "mutation": mutation, "key": key}
    if await rows.insert_unless_taken(rows.made(ClientMutation, **row)):
        return None
    earlier = await ClientMutation.get(**row)
    old = earlier.created_at <= now() - LIFETIME
    if old and await _renew(earlier):
        return None
    return await _result_of(earlier)


async def _renew(row: ClientMutation) -> bool:
    """Let an old key begin anew, for one of those who come with it at the same time."""
    same = ClientMutation.filter(id=row.id, created_at=row.created_at)
    return bool(await same.update(created_at=now(), result=None))


async def _result_of(row: ClientMutation) -> ObjectRef | None:
    await row.refresh_from_db(fields=["result"])
    return ObjectRef.parse(row.result) if row.result is not None else None


async def remember(actor: Actor, mutation: str, key: str, result: ObjectRef) -> None:
    """Note, in the transaction that claimed the key, what the call made."""
    claimed = {"actor_kind": actor.kind.value, "actor_id": actor.id or 0, "mutation": mutation, "key": key}
    await rows.change(ClientMutation, claimed, {"result": str(result)})


async def forget_old() -> int:
    """Remove keys older than a day; return how many."""
    return await ClientMutation.filter(created_at__lt=now() - LIFETIME).delete()
