"""Persisted documents: a hash instead of a text, and which documents may run at all."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from graphql import GraphQLError

from tessera.engine.documents import Refused, digest_of
from tessera.kit.config import DocumentMode
from tessera.transport.request import GraphQLRequest

KEPT_CHARACTERS = 4_000_000
"""How much text one process keeps; what was forgotten is sent, or looked up, again."""

HASH = re.compile(r"[0-9a-f]{64}")

Find = Callable[[str], Awaitable[str | None]]
"""Looks an imported document's text up by its SHA-256, in lower-case hexadecimal digits."""


async def nothing_imported(_hash: str) -> str | None:
    """Find nothing."""
    return None


class PersistedDocuments:
    """Finds the text of what a request names.

    `off`: texts only. `auto`: clients register a valid document by sending its text with its hash, once per
    process; imported documents are known, too. `trusted`: imported documents alone run, however they are sent.
    """

    def __init__(self, mode: DocumentMode, find: Find = nothing_imported) -> None:
        self.mode = mode
        self._find = find
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    async def text_of(self, request: GraphQLRequest) -> str:
        """Return the document to run; raise Refused when it is not known, not allowed, or not what its hash says."""
        text, named = request.query, request.hash
        own = digest_of(text).hex() if text is not None and (named is not None or self.mode == "trusted") else None
        if named is not None and own is not None and named != own:
            raise _refused("The document does not have the hash that was sent with it.", "BAD_REQUEST")
        if text is not None and self.mode != "trusted":
            return text
        if self.mode == "off":
            raise _refused("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        found = await self._known(named if text is None else own)
        if found is not None:
            return found
        if text is not None:
            raise _refused("Only documents that were imported run on this server.", "FORBIDDEN")
        raise _refused("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")

    def register(self, request: GraphQLRequest) -> None:
        """Keep the valid document of a request that brought its hash, if clients may register."""
        if self.mode == "auto" and request.hash is not None and request.query is not None:
            self._keep(request.hash, request.query)

    async def _known(self, hash: str | None) -> str | None:
        if hash is None or HASH.fullmatch(hash) is None:
            return None
        if hash in self._kept:
            self._kept.move_to_end(hash)
            return self._kept[hash]
        found = await self._find(hash)
        if found is not None:
            self._keep(hash, found)
        return found

    def _keep(self, hash: str, text: str) -> None:
        if hash in self._kept:
            self._kept.move_to_end(hash)
            return
        self._kept[hash] = text
        self._characters += len(text)
        while self._characters > KEPT_CHARACTERS:
            _, forgotten = self._kept.popitem(last=False)
            self._characters -= len(forgotten)


def _refused(message: str, code: str) -> Refused:
    return Refused([GraphQLError(message, extensions={"code": code})])
