"""What does monitoring see? Figures of the whole engine, without anybody's data, in Prometheus' format."""

from collections.abc import Iterator, Mapping
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from api.service import Service
from dialer.core.balances import BalanceStatus
from dialer.core.rows.verdicts import Status
from dialer.engine import Engine
from dialer.model import Disposition
from dialer.ports import Clock, Presence
from dialer.ports.store import Conclusion
from dialer.trunk import Trunk

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_TO_MESSAGE = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)  # s


class Metrics:
    """Counts what it is told, and looks at the engine whenever it is read."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._attempts = Counter(
            "dzwonek_attempts", "Attempts concluded, by disposition", ["disposition"], registry=self._registry
        )
        self._rows = Counter(
            "dzwonek_rows_taken", "Rows of call lists, by verdict", ["status"], registry=self._registry
        )
        self._balances = Counter(
            "dzwonek_balances_taken", "Rows of balances, by verdict", ["status"], registry=self._registry
        )
        self._requests = Counter(
            "dzwonek_http_requests",
            "Requests answered, by route and status",
            ["route", "status"],
            registry=self._registry,
        )
        self._to_message = Histogram(
            "dzwonek_answer_to_message_seconds",
            "From the answer to the beginning of the message",
            buckets=_TO_MESSAGE,
            registry=self._registry,
        )
        for disposition in Disposition:  # so that a rate begins at zero, not at the first one
            self._attempts.labels(disposition)
        for status in Status:
            self._rows.labels(status)
        for verdict in BalanceStatus:
            self._balances.labels(verdict)
        _watch_engine(service, self._registry)
        self._registry.register(_Flows(service))
        service.engine.concluder.watchers.append(self.concluded)

    def concluded(self, conclusion: Conclusion) -> None:
        self._attempts.labels(conclusion.disposition).inc()
        call = conclusion.call
        if call.answered_at is not None and call.message_at is not None:
            self._to_message.observe(max(0.0, (call.message_at - call.answered_at).total_seconds()))

    def taken(self, counts: Mapping[str, int]) -> None:
        """A call list was taken; ``counts`` has its rows by verdict."""
        for status in Status:
            self._rows.labels(status).inc(counts.get(status, 0))

    def balances_taken(self, counts: Mapping[BalanceStatus, int]) -> None:
        for status, rows in counts.items():
            self._balances.labels(status).inc(rows)

    def answered(self, route: str, status: int) -> None:
        self._requests.labels(route, str(status)).inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)


def _watch_engine(service: Service, registry: CollectorRegistry) -> None:
    engine: Engine = service.engine

    def gauge(name: str, about: str) -> Gauge:
        return Gauge(f"dzwonek_{name}", about, registry=registry)

    gauge("calls_in_flight", "Calls that are live now").set_function(lambda: len(engine.tracker))
    gauge("calls_in_flight_most", "The most calls that were ever live at once").set_function(
        lambda: engine.tracker.most_live
    )
    gauge("calls_outstanding", "Calls sent that the switch has not begun yet").set_function(service.outstanding)
    _watch_trunks(service, registry)
    gauge("stopped", "1 while the global stop holds, or cannot be read: no call is placed").set_function(
        lambda: engine.stopping.is_stopped
    )
    gauge("conclusions_behind", "1 while so much waits to be written that no call is placed").set_function(
        lambda: engine.concluder.is_behind
    )
    presence = Gauge("dzwonek_switch", "1 for the state that the switch is in", ["presence"], registry=registry)
    for state in Presence:
        presence.labels(state).set_function(partial(_is_in, engine, state))
    Gauge("dzwonek_version", "Always 1; the label tells", ["version"], registry=registry).labels(service.version).set(1)


def _watch_trunks(service: Service, registry: CollectorRegistry) -> None:
    def gauge(name: str, about: str) -> Gauge:
        return Gauge(f"dzwonek_trunk_{name}", about, ["trunk"], registry=registry)

    is_open = gauge("open", "1 while the trunk takes calls, 0 while it is closed after failures")
    carries = gauge("calls", "Calls that the trunk carries now, as its carrier counts them")
    for trunk in service.engine.routes.trunks:
        is_open.labels(trunk.name).set_function(partial(_takes_calls, trunk, service.clock))
        carries.labels(trunk.name).set_function(partial(_carries, trunk, service.clock))


def _takes_calls(trunk: Trunk, clock: Clock) -> bool:
    return trunk.health.is_open(clock.monotonic())


def _carries(trunk: Trunk, clock: Clock) -> int:
    return trunk.in_flight(clock.monotonic())


def _is_in(engine: Engine, state: Presence) -> bool:
    return engine.tracker.presence is state


class _Flows(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        totals = CounterMetricFamily("dzwonek_fastagi", "What happened at the FastAGI server", labels=["what"])
        for what, total in self._service.flow_counts().items():
            totals.add_metric([what], total)
        yield totals
