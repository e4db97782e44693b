"""From a request to a context: the credential becomes an actor, with its rights as they are now."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tessera.accounts import service as accounts_service
from tessera.accounts.models import AccessToken
from tessera.assembly.credentials import Credentials, Holder
from tessera.assembly.runtime import Runtime
from tessera.engine.context import Context
from tessera.kit.errors import Unauthenticated
from tessera.kit.secrets import digest
from tessera.transport.contexts import Caller
from tessera.transport.options import Options

BEARER = "bearer"
SESSION_COOKIE = Options.session_cookie


class HouseContexts:
    """Makes the contexts of requests, sockets and events."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._public_url = runtime.config.public_url
        self.credentials = Credentials()
        runtime.keep(self.credentials)

    async def for_request(self, caller: Caller) -> Context:
        """Make the context of one HTTP request; no credential at all is an anonymous caller.

        Raises `Unauthenticated` for a credential that is unknown, expired or revoked.
        """
        token = caller.memory.get(HouseContexts)
        if token is None:
            token = caller.memory[HouseContexts] = _bearer(caller.headers.get("authorization"))
        if token is not None:
            return await self._context(token, caller)
        cookie = caller.cookies.get(SESSION_COOKIE)
        try:
            return await self._context(cookie, caller)
        except Unauthenticated:
            # a browser cannot take a worthless cookie back: it has to be able to sign in again
            return await self._context(None, caller)

    async def for_connection(self, payload: Mapping[str, Any], caller: Caller) -> Context:
        """Make a WebSocket's context from `connection_init`'s `Authorization`, else from its handshake.

        Raises `Unauthenticated` as `for_request` does.
        """
        said = next((value for name, value in payload.items() if name.lower() == "authorization"), None)
        token = _bearer(said if isinstance(said, str) else None)
        if token is None:
            return await self.for_request(caller)
        return await self._context(token, caller)

    async def _context(self, token: str | None, caller: Caller) -> Context:
        runtime = self._runtime
        context = Context(
            units=runtime.units,
            bus=runtime.bus,
            signed_in=None,
            peer=caller.peer or "",
            base_url=self._public_url or caller.base_url,
            refresh=partial(self._context, token, caller),
            reply_headers=caller.reply_headers,
        )
        if token is None:
            return context
        key = caller.memory.get(token)
        if key is None:
            key = caller.memory[token] = digest(token)
        holder = self.credentials.known(key)
        if holder is None:
            holder = await self.credentials.holder_of(token)
            await self._note_use(holder)
        context.signed_in = holder.actor
        context.credential = holder.proof.credential
        context.rests_on = holder.rests_on
        context.payer = holder.name
        context.expires_at = holder.proof.expires_at
        return context

    async def _note_use(self, holder: Holder) -> None:
        token = holder.proof.credential
        if isinstance(token, AccessToken) and accounts_service.is_use_due(token):
            await self._runtime.units.run(holder.actor, lambda unit: accounts_service.note_use(unit, token))


def _bearer(header: str | None) -> str | None:
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != BEARER or not token.strip():
        raise Unauthenticated("The Authorization header must be `Bearer TOKEN`.")
    return token.strip()
