"""Metrics: what one house counts and measures, and how Prometheus reads it; no label holds what a client sent."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: a compiled query takes less than the first, a request that takes more than the last is a fault."""


@dataclass(frozen=True)
class Reading:
    """Figures read at the moment somebody asks: by values of `labels`, in their order.

    `counts` says that they only grow, and begin at 0 with the process.
    """

    name: str
    meaning: str
    values: Mapping[tuple[str, ...], float]
    labels: Sequence[str] = ()
    counts: bool = False


def reading(name: str, meaning: str, value: float, *, counts: bool = False) -> Reading:
    """Return a single figure."""
    return Reading(name, meaning, {(): value}, counts=counts)


class Durations:
    """How long things of one sort took."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one more."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds


@dataclass
class Metrics:
    """What one house counts while it works: plain numbers of its one thread, as Prometheus's own cost more.

    `operations` by kind and outcome, `responses` by status, `durations` of operations by kind; WebSockets that are
    open, and streams that serve one subscriber each.
    """

    operations: defaultdict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(int))
    responses: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    durations: defaultdict[str, Durations] = field(default_factory=lambda: defaultdict(Durations))
    sockets: int = 0
    streams: int = 0
    _process: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        ProcessCollector(registry=self._process)
        GCCollector(registry=self._process)

    def text(self, readings: Iterable[Reading]) -> bytes:
        """Return everything, and figures of this moment, in Prometheus's text format."""
        families = [self._durations(), *map(_family, (*self._counted(), *readings)), *self._process.collect()]
        return generate_latest(_Page(families))

    def _counted(self) -> Iterator[Reading]:
        yield Reading(
            "tessera_operations",
            "Operations by kind and outcome.",
            self.operations,
            ("kind", "outcome"),
            counts=True,
        )
        statuses: dict[tuple[str, ...], float] = {(str(status),): count for status, count in self.responses.items()}
        yield Reading("tessera_http_responses", "HTTP responses of /graphql.", statuses, ("status",), counts=True)
        yield reading("tessera_websockets_open", "WebSockets that are open.", self.sockets)
        yield reading("tessera_streams_unshared_open", "Streams that serve one subscriber each.", self.streams)

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            "tessera_operation_seconds",
            "Seconds from an operation's admission to its answer; for a subscription, to its beginning.",
            labels=("kind",),
        )
        for kind, durations in self.durations.items():
            counts = list(accumulate(durations.counts))
            edges = [*map(str, BUCKETS), "+Inf"]
            family.add_metric((kind,), buckets=list(zip(edges, counts, strict=True)), sum_value=durations.seconds)
        return family


class _Page(Collector):
    """What is written together."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Return it."""
        return self._families


def _family(read: Reading) -> Metric:
    kind = CounterMetricFamily if read.counts else GaugeMetricFamily
    family = kind(read.name, read.meaning, labels=read.labels)
    for labels, value in read.values.items():
        family.add_metric(labels, value)
    return family
