"""GraphQL over HTTP: one request, one JSON answer, or a stream of events for those who accept nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from graphql import OperationType

from tessera.engine.documents import Prepared, Refused
from tessera.engine.hub import Hub, Seat
from tessera.kit import log
from tessera.transport.admission import Admission
from tessera.transport.contexts import Caller, Contexts, caller_of
from tessera.transport.departures import Departures
from tessera.transport.encoding import encode
from tessera.transport.errors import RequestError, internal, present, refusal, status_of
from tessera.transport.limits import NO_LIMIT, RateLimited, headers_of
from tessera.transport.multipart import MultipartSubscription
from tessera.transport.negotiation import EVENTS, LEGACY, MODERN, PARTS, accepted
from tessera.transport.observer import ObservedRequest
from tessera.transport.operations import REJECTED, Run, answer
from tessera.transport.options import Options
from tessera.transport.request import GraphQLRequest, from_body, from_query_string
from tessera.transport.sse import ServerSentEvents
from tessera.transport.streaming import Format, StreamedResponse
from tessera.transport.wire import Headers, Receive, Scope, Send, encoded, response_body, response_start

SCRIPT_HEADERS = ("x-tessera-request", "apollo-require-preflight")
"""Headers no form and no image can send: a browser asks first whether a foreign page's script may."""

FORMATS: Mapping[str, type[Format]] = {EVENTS: ServerSentEvents, PARTS: MultipartSubscription}

CONTENT_TYPES = {media: (b"content-type", f"{media}; charset=utf-8".encode()) for media in (MODERN, LEGACY)}


class Reply(NamedTuple):
    """A whole HTTP response."""

    status: HTTPStatus
    headers: Headers
    body: bytes


class HttpEndpoint:
    """Answers the HTTP requests of one schema, as the GraphQL over HTTP specification says."""

    def __init__(
        self,
        admission: Admission,
        contexts: Contexts,
        options: Options,
        hub: Hub,
        departures: Departures,
        *,
        revision: str,
    ) -> None:
        self.hub = hub
        self.departures = departures
        self.admission = admission
        self.observer = admission.observer
        self.engine = admission.engine
        self.contexts = contexts
        self.options = options
        self.headers = encoded([("Vary", "Accept"), ("X-Schema-Revision", revision)])
        """The headers all responses share."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI HTTP scope."""
        caller = caller_of(scope)
        with log.bound(request=caller.request_id), self.observer.request(scope["method"], caller) as noted:
            reply = await _Conversation(self, caller, scope, receive, send, noted=noted).run()
            if reply is not None:
                await send(response_start(reply.status, reply.headers))
                await send(response_body(reply.body))

    async def post(self, caller: Caller, body: bytes) -> Reply:
        """Answer a POST of which all is there, and whose caller accepts no stream."""
        with log.bound(request=caller.request_id), self.observer.request("POST", caller) as noted:
            reply = await _Post(self, caller, body, noted=noted).run()
            assert reply is not None  # noqa: S101 - it neither streams nor leaves
            return reply


class _Exchange(ABC):
    """One request and its response."""

    def __init__(self, endpoint: HttpEndpoint, caller: Caller, method: str, *, noted: ObservedRequest) -> None:
        self.endpoint = endpoint
        self.caller = caller
        self.method = method
        self.noted = noted
        self.accepted = accepted(caller.headers.get("accept"))

    @abstractmethod
    async def read(self) -> GraphQLRequest:
        """Read the request's parameters; raise RequestError, or ConnectionError when the client left."""

    @abstractmethod
    def stream(self) -> StreamedResponse:
        """Make the stream that is this request's response."""

    async def run(self) -> Reply | None:
        """Return the answer, whatever happens; None when it went out as a stream, or the client left."""
        try:
            self.check()
            request = await self.read()
            return await self.execute(request)
        except RequestError as error:
            return self.reply(error.status, {"errors": error.errors}, error.headers)
        except ConnectionError:
            return None
        except Exception as error:  # noqa: BLE001 - the last line of defence: a client always gets an answer
            return self.reply(HTTPStatus.INTERNAL_SERVER_ERROR, {"errors": [internal(error)]})

    def check(self) -> None:
        """Refuse what the method and the headers alone make impossible; the same ones are looked at once."""
        if self.caller.memory.get(HttpEndpoint) == self.method:
            return
        if self.method not in {"GET", "POST"}:
            raise RequestError(HTTPStatus.METHOD_NOT_ALLOWED, "Use GET or POST.", headers=[("Allow", "GET, POST")])
        if self.accepted.media is None and self.accepted.stream is None:
            raise RequestError(HTTPStatus.NOT_ACCEPTABLE, f"Accept {MODERN}, {LEGACY}, {EVENTS} or {PARTS}.")
        if self.by_cookie() and not any(name in self.caller.headers for name in SCRIPT_HEADERS):
            raise RequestError(
                HTTPStatus.FORBIDDEN, "Send the header X-Tessera-Request: 1 with the cookie.", "FORBIDDEN"
            )
        if self.method == "POST":
            self.check_content_type()
        self.caller.memory[HttpEndpoint] = self.method

    def by_cookie(self) -> bool:
        """Say whether a browser may have added the credential without the page's doing."""
        return (
            "authorization" not in self.caller.headers and self.endpoint.options.session_cookie in self.caller.cookies
        )

    def check_content_type(self) -> None:
        """Insist on JSON: what a form can send, a foreign page can send."""
        media, _, parameters = self.caller.headers.get("content-type", "").lower().partition(";")
        charset = parameters.strip().removeprefix("charset=").strip('"')
        if media.strip() != "application/json" or charset not in {"", "utf-8", "utf8"}:
            raise RequestError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "Use Content-Type: application/json, in UTF-8.",
                headers=[("Accept-Post", "application/json")],
            )

    def check_length(self, length: int) -> None:
        """Refuse a body that is too long, as soon as that is known."""
        maximum = self.endpoint.options.body_bytes
        if length > maximum:
            raise RequestError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The body is longer than {maximum} bytes.",
                headers=[("Connection", "close")],
            )

    async def execute(self, request: GraphQLRequest) -> Reply | None:
        """Find out who calls, and run the operation; return what it yields, or send it."""
        try:
            context = await self.endpoint.contexts.for_request(self.caller)
        except REJECTED as problem:
            raise refusal(problem) from problem
        try:
            prepared = await self.endpoint.admission.admit(request, context, self.caller.peer)
            if request.charge.level is not NO_LIMIT:
                self.caller.reply_headers.extend(headers_of(request.charge.level))
            self.check_kind(prepared)
            if self.accepted.media is None or prepared.kind is OperationType.SUBSCRIPTION:
                run = Run(self.endpoint.engine, prepared, request, context.fresh, self.endpoint.observer)
                stream = self.stream()
                with self.endpoint.departures.stay(stream):
                    await stream.run(run, Seat(self.endpoint.hub, context), context)
                return None
            body = await answer(self.endpoint.engine, prepared, request, context, self.endpoint.observer)
        except Refused as refused:
            return await self.refuse(refused)
        return self.whole(HTTPStatus.OK, body)

    def check_kind(self, prepared: Prepared) -> None:
        """Refuse operations the method or the accepted media types cannot carry."""
        if self.method == "GET" and prepared.kind is not OperationType.QUERY:
            raise RequestError(
                HTTPStatus.METHOD_NOT_ALLOWED, f"A {prepared.kind.value} needs POST.", headers=[("Allow", "POST")]
            )
        if prepared.kind is OperationType.SUBSCRIPTION and self.accepted.stream is None:
            raise RequestError(HTTPStatus.NOT_ACCEPTABLE, f"A subscription needs a WebSocket, or Accept: {EVENTS}.")

    async def refuse(self, refused: Refused) -> Reply | None:
        """Put request errors into the form the client accepts."""
        payload = {"errors": present(refused.errors)}
        if isinstance(refused, RateLimited):
            self.caller.reply_headers.extend([*headers_of(refused.level), ("Retry-After", str(refused.seconds))])
        if self.accepted.media is None:
            await self.stream().send_errors(payload["errors"])
            return None
        status = status_of(refused.errors) if self.accepted.media == MODERN else HTTPStatus.OK
        return self.reply(status, payload)

    def reply(self, status: HTTPStatus, payload: Mapping[str, Any], headers: Sequence[tuple[str, str]] = ()) -> Reply:
        """Return a JSON response."""
        return self.whole(status, encode(payload), headers)

    def whole(self, status: HTTPStatus, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> Reply:
        """Return a response that is JSON already."""
        self.noted.status = status
        length = (b"content-length", b"%d" % len(body))
        own = (CONTENT_TYPES[self.accepted.media or LEGACY], length)
        return Reply(status, [*own, *self.headers(), *(encoded(headers) if headers else ())], body)

    def headers(self) -> Headers:
        """Return the headers of every response."""
        caller = self.caller
        named = (b"x-request-id", caller.request_id.encode("latin-1"))
        own = caller.reply_headers
        return [*self.endpoint.headers, named, *(encoded(own) if own else ())]


class _Post(_Exchange):
    """A POST of which all is there."""

    def __init__(self, endpoint: HttpEndpoint, caller: Caller, body: bytes, *, noted: ObservedRequest) -> None:
        super().__init__(endpoint, caller, "POST", noted=noted)
        self.body = body

    async def read(self) -> GraphQLRequest:
        """Read the request's parameters."""
        self.check_length(len(self.body))
        return from_body(self.body)

    def stream(self) -> StreamedResponse:
        """Refuse: whoever accepts a stream is served by a conversation."""
        raise RequestError(HTTPStatus.NOT_ACCEPTABLE, "A stream needs a connection of its own.")


class _Conversation(_Exchange):
    """A request whose body may still be coming, and whose response may be a stream."""

    def __init__(
        self,
        endpoint: HttpEndpoint,
        caller: Caller,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        noted: ObservedRequest,
    ) -> None:
        super().__init__(endpoint, caller, scope["method"], noted=noted)
        self.scope = scope
        self.receive = receive
        self.send = send

    async def read(self) -> GraphQLRequest:
        """Read the request's parameters; raise RequestError, or ConnectionError when the client left."""
        if self.method == "GET":
            return from_query_string(self.scope["query_string"])
        announced = self.caller.headers.get("content-length", "")
        if announced.isdigit():
            self.check_length(int(announced))
        pieces: list[bytes] = []
        length, more = 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            pieces.append(message.get("body", b""))
            length += len(pieces[-1])
            self.check_length(length)
            more = message.get("more_body", False)
        return from_body(b"".join(pieces))

    def stream(self) -> StreamedResponse:
        """Make the stream that is this request's response."""
        self.noted.status = HTTPStatus.OK
        kind = FORMATS[self.accepted.stream or EVENTS]
        return StreamedResponse(kind, self.receive, self.send, self.headers(), self.endpoint.options)
