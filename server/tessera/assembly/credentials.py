"""Who a credential belongs to: looked up at most once a second, and at once when a fact touches the answer."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from tessera.access import queries as access
from tessera.accounts import queries as accounts
from tessera.accounts.models import AccessToken, Session
from tessera.accounts.queries import Proof
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.clock import now
from tessera.kit.db import in_background
from tessera.kit.errors import Unauthenticated
from tessera.kit.ids import ObjectRef
from tessera.kit.secrets import digest
from tessera.queues import queries as queues

TRUSTED_SECONDS = 1.0
"""How long an answer is believed when no fact says otherwise: the longest a revocation takes to reach every server."""

REMEMBERED = 10_000

CREDENTIALS = {Session: "session", AccessToken: "api_token"}
"""How the facts about a credential name it."""

RIGHTS_KINDS = frozenset((kind, None) for kind in ("role", "group", "queue", "customer", "setting"))
"""Whatever happens to these may change anybody's rights."""

TELLING_KINDS = {kind for kind, _ in RIGHTS_KINDS} | {*CREDENTIALS.values(), ActorKind.AGENT, ActorKind.CUSTOMER_USER}
"""What a fact must be about to change an answer; facts about tickets, the many, change none."""


@dataclass(frozen=True, slots=True)
class Holder:
    """An actor, the proof that it is the one who calls, and the subjects whose facts may change either."""

    actor: Actor
    proof: Proof
    rests_on: frozenset[tuple[str, int | None]]
    read_at: float
    name: str
    """What the credential is called where it is counted how much is done with it."""


def _holds(known: Holder) -> bool:
    expires_at = known.proof.expires_at
    return time.monotonic() - known.read_at < TRUSTED_SECONDS and (expires_at is None or expires_at > now())


class Credentials:
    """The holders of the credentials used lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Holder] = OrderedDict()
        self._reading: dict[str, asyncio.Task[Holder]] = {}
        self._changes = 0

    def known(self, key: str) -> Holder | None:
        """Return whom the token with a digest belongs to if that was read so lately that it is still believed."""
        known = self._known.get(key)
        return known if known is not None and _holds(known) else None

    async def holder_of(self, token: str) -> Holder:
        """Look up whom a token belongs to, with rights as they are now.

        Raises `Unauthenticated` when it is unknown, expired or revoked.
        """
        key = digest(token)
        known = self._known.get(key)
        reading = self._reading.get(key)
        if reading is None:  # one look-up for all who wait, which outlives each of them
            reading = self._reading[key] = in_background(self._read(key, token, known), name="credential")
            reading.add_done_callback(partial(self._read_is_done, key))
        return await asyncio.shield(reading)

    async def _read(self, key: str, token: str, known: Holder | None) -> Holder:
        changes, read_at = self._changes, time.monotonic()
        proof = await accounts.by_access_token(token)
        actor = None if proof is None else await access.actor_for(proof.kind, proof.id, proof.scopes)
        actor = actor and await queues.knowing_queues(actor)
        if proof is None or actor is None:
            self._known.pop(key, None)
            raise Unauthenticated("The credential is unknown, expired or revoked. Sign in again.")
        if known is not None and known.actor == actor:
            actor = known.actor  # with what was worked out from its rights
        credential = proof.credential
        owners = {(proof.kind.value, proof.id), (CREDENTIALS[type(credential)], credential.id)}
        name = f"{type(credential).__name__}:{credential.id}"
        holder = Holder(actor, proof, RIGHTS_KINDS | owners, read_at, name)
        if changes == self._changes:
            self._known[key] = holder
            self._known.move_to_end(key)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return holder

    def _read_is_done(self, key: str, reading: "asyncio.Task[Holder]") -> None:
        if self._reading.get(key) is reading:
            del self._reading[key]
        if not reading.cancelled():
            reading.exception()  # whoever waits has it too

    def notice(self, subjects: Iterable[ObjectRef]) -> None:
        """Forget the holders whose rights or credentials facts may have changed."""
        telling = [subject for subject in subjects if subject.kind in TELLING_KINDS]
        if not telling:
            return
        touched = {(subject.kind, each) for subject in telling for each in (subject.id, None)}
        self._reading.clear()  # what was begun before may not know it
        stale = [key for key, holder in self._known.items() if not touched.isdisjoint(holder.rests_on)]
        self._changes += 1
        for key in stale:
            del self._known[key]

    def forget(self) -> None:
        """Look everybody up again."""
        self._reading.clear()
        self._changes += 1
        self._known.clear()
