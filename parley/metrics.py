"""What is counted while the service runs, and all of it as Prometheus reads it at /metrics.

A process counts what it does itself. Where several serve one port, they count into files of a folder that they share,
and whichever is asked tells the sum. What is in the database is looked up by whoever is asked, now and then only; it
is missing from the answer while the database does not say.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from tempfile import TemporaryDirectory
from typing import Any, Generic, NamedTuple, TypeVar

from parley.core.errors import Unavailable
from parley.data_center import DataCenter
from parley.store import conversations, outbox
from parley.store.database import Database, Transaction
from parley.wire.exchange import Call, Reply

T = TypeVar("T")

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the library finds the folder that processes share, at its import
TYPE = "text/plain; version=0.0.4; charset=utf-8"
CONVERSATIONS_AGE = 15.0  # seconds for which what was found in the database is told again
OUTBOX_AGE = 1.0
REST = 100  # times as long as it took to look something up, it is not looked up again
AFTER_FAILURE = 4  # times the age
WAIT_SECONDS = 2.0
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
METHODS = frozenset(("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"))  # others are one


@contextmanager
def shared() -> Iterator[None]:
    """Let the processes that are started meanwhile count together."""
    with TemporaryDirectory(prefix="parley-metrics-") as folder:
        os.environ[FOLDER] = folder
        yield
    del os.environ[FOLDER]


def request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer, by its route's pattern and never by its path."""
    counts().request(method if method in METHODS else "other", route, status, seconds)


def delivery(channel: str, outcome: str) -> None:
    """Count an attempt at a message."""
    counts().deliveries.labels(channel, outcome).inc()


def deliveries() -> dict[str, int]:
    """How many attempts at messages this process has made, by channel and outcome."""
    (family,) = counts().deliveries.collect()
    return {f"{one.labels['channel']}.{one.labels['outcome']}": int(one.value) for one in family.samples}


def show(dc: DataCenter, call: Call) -> Reply:
    """GET /metrics."""
    gauges = Gauges(dc, *stock(dc.db).found())  # type: ignore[arg-type]
    return Reply(body=counts().text() + _written(gauges), content_type=TYPE)


@cache
def counts() -> Counts:
    """What this process counts; begun when it is first needed, since only then it is known who counts with it."""
    return Counts()


class Counts:
    """Counters and histograms."""

    def __init__(self) -> None:
        import prometheus_client

        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = prometheus_client.CollectorRegistry()
        by = ("method", "route", "status")
        told = "Requests that were answered."
        self.requests = prometheus_client.Counter("parley_http_requests", told, by, registry=registry)
        told = "How long a request took from its head to its answer."
        self.seconds = prometheus_client.Histogram(
            "parley_http_request_duration_seconds", told, by, registry=registry, buckets=BUCKETS
        )
        told = "Attempts at messages of the outbox."
        self.deliveries = prometheus_client.Counter(
            "parley_deliveries", told, ("channel", "outcome"), registry=registry
        )
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = method, route, status
        if key not in self._children:
            labels = method, route, str(status)
            self._children[key] = self.requests.labels(*labels), self.seconds.labels(*labels)
        counter, histogram = self._children[key]
        counter.inc()
        histogram.observe(seconds)

    def text(self) -> bytes:
        """Everything that was counted, by all processes that count together."""
        from prometheus_client.multiprocess import MultiProcessCollector

        if FOLDER not in os.environ:
            return _written(self.registry)
        return _written(MultiProcessCollector(None))  # type: ignore[no-untyped-call]


def _written(collector: Any) -> bytes:
    from prometheus_client import generate_latest

    return generate_latest(collector)


class Waiting(NamedTuple):
    """The outbox: how many messages it holds, when the oldest was put, how many were given up."""

    depth: int
    oldest: int | None
    dead: int


def waiting(tx: Transaction) -> Waiting:
    """How the outbox stands."""
    return Waiting(outbox.waiting(tx), outbox.oldest(tx), outbox.buried(tx))


class LookedUp(Generic[T]):
    """What was found in the database, at most `age` seconds ago; asked from one thread, looked up in another."""

    def __init__(self, db: Database, query: Callable[[Transaction], T], age: float) -> None:
        self.db = db
        self._query = query
        self._age = age
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._looking: Future[tuple[T, float]] | None = None
        self._until = 0.0  # of the monotonic clock, as all here
        self._found: T | None = None
        self._due = 0.0

    def begin(self) -> None:
        """Look it up anew where that is due."""
        now = time.monotonic()
        if self._looking is None and now >= self._due:
            self._looking, self._until = self._pool.submit(self._look), now + WAIT_SECONDS

    def found(self) -> T | None:
        """What was found; nothing where the database does not say in time."""
        if self._looking is None:
            return self._found
        if wait([self._looking], max(0.0, self._until - time.monotonic())).not_done:
            return None
        looked, self._looking, self._found = self._looking, None, None
        self._due = time.monotonic() + self._age * AFTER_FAILURE
        with suppress(Unavailable):
            self._found, took = looked.result()
            self._due = time.monotonic() + max(self._age, took * REST)
        return self._found

    def _look(self) -> tuple[T, float]:
        began = time.monotonic()
        return self.db.read(self._query), time.monotonic() - began


class Stock:
    """What the database holds, kept from one answer to the next."""

    def __init__(self, db: Database) -> None:
        self.conversations = LookedUp(db, conversations.by_status, CONVERSATIONS_AGE)
        self.outbox = LookedUp(db, waiting, OUTBOX_AGE)

    def found(self) -> tuple[dict[str, int] | None, Waiting | None]:
        """Both, looked up at once."""
        self.conversations.begin()
        self.outbox.begin()
        return self.conversations.found(), self.outbox.found()


@lru_cache(maxsize=8)
def stock(db: Database) -> Stock:
    """That of a database."""
    return Stock(db)


class Gauges:
    """How things stand at this moment."""

    def __init__(self, dc: DataCenter, by_status: dict[str, int] | None, waiting: Waiting | None) -> None:
        self.dc = dc
        self.by_status = by_status
        self.waiting = waiting

    def collect(self) -> Iterator[Any]:
        """The gauges; those of the database only where it has said something."""
        used = self.dc.db.in_use()
        yield _gauge("database_connections_in_use", "Connections in use, of the process that answers.", used)
        if self.by_status is not None:
            family = _gauge("conversations", "Conversations, by whether somebody has to act.", labels=["status"])
            for status, number in self.by_status.items():
                family.add_metric([status], number)
            yield family
        if self.waiting is not None:
            since = self.dc.now() if self.waiting.oldest is None else self.waiting.oldest
            yield _gauge("outbox_depth", "Messages that are to be carried out.", self.waiting.depth)
            yield _gauge("outbox_oldest_seconds", "How long the oldest waits.", max(0, self.dc.now() - since))
            yield _gauge("outbox_dead", "Messages that were given up.", self.waiting.dead)


def _gauge(name: str, told: str, value: float | None = None, labels: list[str] | None = None) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"parley_{name}", told, value, labels)
