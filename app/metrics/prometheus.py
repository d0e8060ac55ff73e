"""Metrics as Prometheus reads them; docs/operations.md says what each one means."""

from collections.abc import Callable, Collection, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from bot.domain.channel import Platform
from bot.ports.metrics import CommandOutcome, Encoded

OTHER = "other"
"""The label in place of one that is not known: what comes from outside must not make labels without end."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class PrometheusMetrics:
    """Keeps what is counted in one process, in a registry of its own."""

    def __init__(self, platforms: Collection[Platform], limits: Collection[str]) -> None:
        """`limits` are the first words that names of rate limits may have as labels."""
        # When each series began would be a second series, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has left it without types
        self.registry = CollectorRegistry()
        self._platforms = platforms
        self._limits = limits
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._commands = self._counter(
            "paperclub_commands", "Commands by how they ended.", "platform", "command", "outcome"
        )
        self._command_seconds = self._histogram(
            "paperclub_command_seconds", "Time to handle a command.", _SLOW, "platform", "outcome"
        )
        self._waits = self._histogram(
            "paperclub_rate_limit_wait_seconds", "Time waited for a turn of a rate limit.", _SLOW, "limit"
        )
        self._given_up = self._counter(
            "paperclub_rate_limit_given_up", "Turns that would have come too late.", "limit"
        )
        self._encode_seconds = self._histogram(
            "paperclub_encode_seconds", "Time that callers of the encoder waited.", _SLOW, "kind"
        )
        self._encoded = self._counter("paperclub_encoded_texts", "Texts that were encoded.", "kind")
        self._requests = self._counter(
            "paperclub_http_requests", "HTTP requests by route.", "route", "method", "status"
        )
        self._request_seconds = self._histogram(
            "paperclub_http_request_seconds", "Time to answer an HTTP request.", _FAST, "route"
        )

    def command(self, platform: Platform, name: str, outcome: CommandOutcome, seconds: float) -> None:
        """Count a command."""
        label = self._platform(platform)
        self._commands.labels(label, name, outcome).inc()
        self._command_seconds.labels(label, outcome).observe(seconds)

    def waited(self, limit: str, seconds: float, *, given_up: bool) -> None:
        """Count a wait by the first word of the limit's name: a platform, or a source."""
        kind = limit.partition(":")[0]
        label = kind if kind in self._limits or kind in self._platforms else OTHER
        if given_up:
            self._given_up.labels(label).inc()
        self._waits.labels(label).observe(seconds)

    def encoded(self, kind: Encoded, texts: int, seconds: float) -> None:
        """Count texts that were encoded."""
        self._encoded.labels(kind).inc(texts)
        self._encode_seconds.labels(kind).observe(seconds)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an HTTP request."""
        self._requests.labels(route, method if method in METHODS else OTHER, status or "none").inc()
        self._request_seconds.labels(route).observe(seconds)

    def watch_index(self, sizes: Sequence[tuple[str, Callable[[], int]]]) -> None:
        """Show the sizes of indexes, which are asked for at each scrape."""
        gauge = Gauge(
            "paperclub_index_papers", "Papers in an index of this process.", ["index"], registry=self.registry
        )
        for name, size in sizes:
            gauge.labels(name).set_function(size)

    def _platform(self, platform: Platform) -> str:
        return platform if platform in self._platforms else OTHER

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)
