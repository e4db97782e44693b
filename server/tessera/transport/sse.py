"""Server-sent events: an operation's payloads as the response to one request (distinct connections mode)."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

from tessera.engine.documents import Prepared
from tessera.transport.contexts import Context, until_expired
from tessera.transport.encoding import encode
from tessera.transport.operations import last_words
from tessera.transport.wire import Receive, Send, response_body, response_start

COMMENT = b":\n\n"
COMPLETE = b"event: complete\ndata: \n\n"
"""A browser's EventSource ignores an event without data, so it has an empty line of it."""


class EventStream:
    """One response of `next` events, ended by `complete`; frames end with LF alone, which every client splits."""

    def __init__(self, receive: Receive, send: Send, headers: Sequence[tuple[str, str]], keep_alive: float) -> None:
        self.receive = receive
        self.send = send
        self.headers = list(headers)
        self.keep_alive = keep_alive

    async def send_one(self, payload: dict[str, Any]) -> None:
        """Send a single payload as the whole stream."""
        await self.start()
        await self.send(response_body(_next(payload), more=True))
        await self.send(response_body(COMPLETE))

    async def run(self, source: AsyncGenerator[dict[str, Any], None], prepared: Prepared, context: Context) -> None:
        """Send payloads until they end, the client leaves or the credential expires; then close the source."""
        await self.start()
        pump = asyncio.create_task(self.pump(source, prepared))
        left = asyncio.create_task(self.until_left())
        others = [left, asyncio.create_task(until_expired(context)), asyncio.create_task(self.comment())]
        try:
            await asyncio.wait([pump, *others], return_when=asyncio.FIRST_COMPLETED)
            gone = left.done()
        finally:
            for task in (pump, *others):
                task.cancel()
            await asyncio.gather(pump, *others, return_exceptions=True)
        if not gone:
            await self.send(response_body(COMPLETE))

    async def start(self) -> None:
        """Begin the response."""
        await self.send(response_start(HTTPStatus.OK, self.headers))

    async def pump(self, source: AsyncGenerator[dict[str, Any], None], prepared: Prepared) -> None:
        """Send each payload; a reader that is slow slows the source."""
        try:
            async with aclosing(source):
                async for payload in source:
                    await self.send(response_body(_next(payload), more=True))
        except Exception as error:  # noqa: BLE001 - whatever ends the stream, the client is told
            await self.send(response_body(_next({"errors": last_words(error, prepared)}), more=True))

    async def comment(self) -> None:
        """Send comments for proxies that cut silent connections."""
        while True:
            await asyncio.sleep(self.keep_alive)
            await self.send(response_body(COMMENT, more=True))

    async def until_left(self) -> None:
        """Return when the client has gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


def _next(payload: dict[str, Any]) -> bytes:
    return b"event: next\ndata: " + encode(payload) + b"\n\n"
