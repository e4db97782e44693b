"""Spans for OpenTelemetry; imported only where tracing is switched on, because its libraries are an extra."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from tessera import __version__
from tessera.kit.tracing import Kind

KINDS: Mapping[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}
PARENT = "traceparent"

_propagator = TraceContextTextMapPropagator()


class _Noted:
    """A span as the house sees it."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def note(self, name: str, value: str | int) -> None:
        """Attach a fact."""
        self._span.set_attribute(name, value)


class OpenTelemetry:
    """Makes spans with a provider of its own: nothing of it is global to the process."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("tessera", __version__)

    @contextmanager
    def span(self, name: str, kind: Kind, parent: str | None) -> Iterator[_Noted]:
        """Open a span; an exception leaves its type behind: its message may tell what is nobody's business."""
        context = _propagator.extract({PARENT: parent}) if parent else None
        with self._tracer.start_as_current_span(
            name, context, KINDS[kind], record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield _Noted(span)
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def traceparent(self) -> str:
        """Return the current span's `traceparent`."""
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier[PARENT]

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def exporting() -> OpenTelemetry:
    """Export spans over OTLP/HTTP in batches; the variables `OTEL_*` say where to, and as which service."""
    own = Resource({SERVICE_NAME: "tessera", SERVICE_VERSION: __version__})
    provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OpenTelemetry(provider)
