"""Traces: what a request did, down to its SQL and to the jobs it asked for, without a value of anybody's."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import httpx2
import pytest
import pytest_asyncio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tessera.kit import tracing
from tessera.kit.jobs import Job
from tessera.kit.otel import OpenTelemetry
from tessera.kit.unit import Unit
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import House, serve_house
from tests.accounts.people import PASSWORD, agent

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
TRACED = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
SIGN_IN = 'mutation ($password: String!) { sessionCreate(login: "dora", password: $password) { accessToken } }'
PAGE = "query Page { tickets(first: 3) { nodes { title queue { name } } } }"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.shutdown()


@pytest_asyncio.fixture
async def traced(database_url: str, tmp_path: Path, spans: InMemorySpanExporter) -> AsyncIterator[House]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    async with serve_house(database_url, tmp_path, works=False, secret=SECRET) as house:
        await agent(house, "dora", password=PASSWORD)
        house.runtime.tracing.tracer = OpenTelemetry(provider)
        yield house


async def post(house: House, query: str, token: str | None = None, **variables: str) -> httpx2.Response:
    headers = TRACED | ({"Authorization": f"Bearer {token}"} if token else {})
    async with httpx2.AsyncClient(base_url=house.url, headers=headers) as client:
        return await client.post("/graphql", json={"query": query, "variables": variables})


async def signed_in(house: House) -> str:
    answer = await post(house, SIGN_IN, password=PASSWORD)
    token: str = answer.json()["data"]["sessionCreate"]["accessToken"]
    return token


def below(spans: InMemorySpanExporter, name: str) -> tuple[ReadableSpan, list[ReadableSpan]]:
    """Return the last span of a name, and those right inside it."""
    finished = spans.get_finished_spans()
    found = [span for span in finished if span.name == name][-1]
    assert found.context is not None
    inside = [span for span in finished if span.parent is not None and span.parent.span_id == found.context.span_id]
    return found, inside


@every_database
async def test_a_request_holds_its_operation_and_that_its_statements(
    traced: House, spans: InMemorySpanExporter
) -> None:
    token = await signed_in(traced)
    spans.clear()
    answer = await post(traced, PAGE, token)
    request, inside = below(spans, "POST /graphql")
    assert request.kind is SpanKind.SERVER
    assert request.context is not None
    assert f"{request.context.trace_id:032x}" == TRACE
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == CALLER
    assert dict(request.attributes or {}) == {
        "tessera.request_id": answer.headers["x-request-id"],
        "http.response.status_code": 200,
    }
    (operation,) = [span for span in inside if span.name == "query"]
    facts = dict(operation.attributes or {})
    digest = facts.pop("tessera.document.digest")
    assert isinstance(digest, str)
    assert len(digest) == 64
    assert facts == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Page",
        "tessera.outcome": "planned",
        "tessera.planned": True,
    }
    _, statements = below(spans, "query")
    texts = [str((span.attributes or {})["db.query.text"]) for span in statements]
    assert any("ticket" in text for text in texts)


async def test_nothing_a_client_sent_is_in_a_trace(traced: House, spans: InMemorySpanExporter) -> None:
    token = await signed_in(traced)
    secret = "Zzyzx the unspeakable"
    await post(traced, "query ($title: ID!) { ticket(id: $title) { title } }", token, title=secret)
    await post(traced, f'{{ ticket(id: "{secret}") {{ title }} }}', token)
    everything = "\n".join(span.to_json() for span in spans.get_finished_spans())
    assert [word for word in (PASSWORD, token, secret) if word in everything] == []


@every_database
async def test_a_job_goes_on_with_the_trace_that_asked_for_it(traced: House, spans: InMemorySpanExporter) -> None:
    async def owe(unit: Unit) -> Job:
        return await unit.enqueue("jobs.tidy")

    with traced.runtime.tracing.begin("asking", parent=TRACED["traceparent"]):
        job = await traced.run(owe)
    assert job.traceparent is not None
    assert job.traceparent.split("-")[1] == TRACE
    await traced.drain()
    run, _ = below(spans, "job jobs.tidy")
    assert run.context is not None
    assert f"{run.context.trace_id:032x}" == TRACE
    assert run.kind is SpanKind.CONSUMER
    assert dict(run.attributes or {}) == {
        "tessera.job.id": job.id,
        "tessera.job.attempt": 1,
        "tessera.job.together": 1,
        "tessera.job.state": "succeeded",
    }


async def test_a_broken_traceparent_begins_a_trace_of_its_own(traced: House, spans: InMemorySpanExporter) -> None:
    async with httpx2.AsyncClient(base_url=traced.url, headers={"traceparent": "00-zero-zero-00"}) as client:
        assert (await client.post("/graphql", json={"query": "{ serverInfo { version } }"})).status_code == 200
    request, _ = below(spans, "POST /graphql")
    assert request.parent is None


def test_a_failure_leaves_its_kind_and_not_its_words(spans: InMemorySpanExporter) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with pytest.raises(ValueError), tracing.Tracing(OpenTelemetry(provider)).begin("work"):  # noqa: PT011 - raised below
        raise ValueError("the password is swordfish")
    (span,) = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert "swordfish" not in span.to_json()


async def test_without_tracing_no_job_carries_a_trace_and_no_library_is_loaded(house: House) -> None:
    async def owe(unit: Unit) -> Job:
        return await unit.enqueue("jobs.tidy")

    assert (await house.run(owe)).traceparent is None
    program = "import sys, tessera.cli; print(sorted(name for name in sys.modules if 'opentelemetry' in name))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_tracing_without_its_libraries_is_one_sentence(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from tessera.kit.config import Config; from tessera.kit.tracing import open_tracing\n"
        "try: open_tracing(Config(tracing=True))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == (
        "ConfigurationError TESSERA_TRACING needs OpenTelemetry: install tessera-server[otel], or switch it off.\n"
    )


class Collector(HTTPServer):
    """Takes what an exporter sends, as OpenTelemetry's collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Collecting)
        self.taken: SimpleQueue[ExportTraceServiceRequest] = SimpleQueue()


class Collecting(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") is None:
            self.server.taken.put(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


async def test_a_house_sends_its_spans_to_a_collector(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Collector() as collector:
        Thread(target=collector.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "desk of a test")
        async with serve_house(database_url, tmp_path, works=False, secret=SECRET, tracing=True) as house:
            await post(house, "{ serverInfo { version } }")
        (resource,) = collector.taken.get(timeout=30).resource_spans
        collector.shutdown()
    told = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert told["service.name"] == "desk of a test"
    names = {span.name for scope in resource.scope_spans for span in scope.spans}
    assert {"POST /graphql", "query"} <= names
