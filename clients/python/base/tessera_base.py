"""What the generated client stands on: one HTTP pool, one WebSocket per stream, and no error is lost."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote, urljoin
from uuid import uuid4

import httpx2
from pydantic import BaseModel
from pydantic_core import to_json
from websockets import ClientConnection, ConnectionClosed, Subprotocol, connect

from tessera_client.base_model import UNSET
from tessera_client.errors import GraphQLFailed, HttpFailed, StreamLost

ACCEPT = "application/graphql-response+json, application/json;q=0.9"
ACKNOWLEDGE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file the server has taken: `token` goes into `AttachmentInput.upload_token`; `size` is in bytes."""

    token: str
    filename: str
    size: int
    sha256: str


class TesseraBase:
    """The transport under the generated methods; use it as an asynchronous context manager.

    `url` is the GraphQL endpoint (`http://127.0.0.1:8000/graphql`). `token` is an access or API token; it may be
    changed at any time and is sent with every request and in every stream's `connection_init`.
    What can go wrong is in `tessera_client.errors`.
    """

    def __init__(self, url: str, *, token: str | None = None, http: httpx2.AsyncClient | None = None) -> None:
        self.url = url
        self.token = token
        self.http = http or httpx2.AsyncClient(timeout=30.0, cookies=_no_cookies())

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection pool."""
        await self.http.aclose()

    async def execute(
        self, query: str, operation_name: str | None = None, variables: Mapping[str, Any] | None = None, **options: Any
    ) -> httpx2.Response:
        """Send a query or mutation; `options` go to the HTTP client."""
        headers = {"Accept": ACCEPT, "Content-Type": "application/json", **self._authorization()}
        body = to_json({"query": query, "operationName": operation_name, "variables": _plain(variables or {})})
        return await self.http.post(self.url, content=body, headers=headers, **options)

    def get_data(self, response: httpx2.Response) -> dict[str, Any]:
        """Return an answer's data; raises `GraphQLFailed`, or `HttpFailed` when it is no GraphQL response."""
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if isinstance(answer, dict) and answer.get("errors"):
            raise GraphQLFailed(answer["errors"], answer.get("data"))
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
            raise HttpFailed(response.status_code, response.text)
        return cast("dict[str, Any]", answer["data"])

    async def upload(
        self, content: Path | bytes, *, filename: str | None = None, content_type: str = "application/octet-stream"
    ) -> Upload:
        """Send a file ahead of the article it belongs to; a path brings its own name.

        Raises `HttpFailed` when the server does not take it.
        """
        if isinstance(content, Path):
            filename = filename or content.name
            content = await asyncio.to_thread(content.read_bytes)
        headers = {"Content-Type": content_type, "X-Filename": quote(filename or ""), **self._authorization()}
        response = await self.http.post(urljoin(self.url, "uploads"), content=content, headers=headers)
        if response.is_error:
            raise HttpFailed(response.status_code, response.text)
        answer = response.json()
        return Upload(answer["uploadToken"], answer["filename"], answer["size"], answer["sha256"])

    async def download(self, url: str) -> bytes:
        """Fetch an attachment by its `download_url`; raises `HttpFailed` when the link is bad or too old."""
        response = await self.http.get(url)
        if response.is_error:
            raise HttpFailed(response.status_code, response.text)
        return response.content

    async def execute_ws(
        self, query: str, operation_name: str | None = None, variables: Mapping[str, Any] | None = None, **options: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the data of a subscription until the server completes it; `options` go to the WebSocket client.

        Raises `GraphQLFailed` for errors, also those that come as `data: null`, and `StreamLost` when the connection
        ends first.
        """
        payload = {"query": query, "operationName": operation_name, "variables": _plain(variables or {})}
        url = self.url.replace("http", "ws", 1)
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], **options) as socket:
            try:
                await self._greet(socket)
                await _send(socket, type="subscribe", id=uuid4().hex, payload=payload)
                while (message := await _receive(socket))["type"] != "complete":
                    if message["type"] == "next":
                        yield _result(message["payload"])
            except ConnectionClosed as error:
                closed = error.rcvd or error.sent
                raise StreamLost(closed.code if closed else 1006, closed.reason if closed else "") from error

    async def _greet(self, socket: ClientConnection) -> None:
        await _send(socket, type="connection_init", payload=self._authorization())
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            while (await _receive(socket))["type"] != "connection_ack":
                pass

    def _authorization(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


def _no_cookies() -> CookieJar:
    """Return a jar that keeps nothing: the token alone says who asks."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


async def _send(socket: ClientConnection, **message: object) -> None:
    await socket.send(to_json(message).decode())


async def _receive(socket: ClientConnection) -> dict[str, Any]:
    """Return the next message; answer pings, raise what an `error` message carries."""
    message = json.loads(await socket.recv())
    match message:
        case {"type": "ping"}:
            with contextlib.suppress(ConnectionClosed):  # what came before the close is still to be read
                await _send(socket, type="pong")
        case {"type": "error", "payload": [*errors]}:
            raise GraphQLFailed(errors)
    return cast("dict[str, Any]", message)


def _result(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of one event; raise its errors."""
    if payload.get("errors"):
        raise GraphQLFailed(payload["errors"], payload.get("data"))
    return cast("dict[str, Any]", payload["data"])


def _plain(value: Any) -> Any:
    """Return variables without what was left unset; dates and the like become JSON when they are written."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not UNSET}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
