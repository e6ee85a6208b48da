"""Rounds of case and ceiling, one after the other, so that a change of the machine's mood meets both."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPResponse
from itertools import repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import cases, engine, installation, servers
from bench.cases import Case
from bench.installation import Installation
from bench.load import Limits, Load, request, run
from bench.servers import Server

DRAINING = 30  # seconds that the worker may take to come to rest
WARMING = 0.2
CALLS = 100_000


@dataclass(frozen=True)
class Plan:
    """What to measure, and how much of it."""

    names: tuple[str, ...]
    clients: tuple[int, ...] = (1, 8)
    rounds: int = 7
    seconds: float = 1.0
    selections: int = 400

    @property
    def runs(self) -> int:
        """How often each case runs: in each round with each number of clients, and once to warm up."""
        return (self.rounds + 1) * len(self.clients)


@dataclass(frozen=True)
class Round:
    """What one run showed, and the ceiling's share of it: requests per second, processor time for each."""

    load: Load
    busy: float | None = None
    ceiling: Load | None = None
    ceiling_busy: float | None = None


@dataclass(frozen=True)
class Row:
    """The median over the rounds; seconds, requests per second, and compared with the ceiling. The engine has none.

    `busy` is the server's processor time for one request, `ratio` the rate as a share of the ceiling's, `busy_ratio`
    the ceiling's processor time as a share of the server's.
    """

    case: str
    clients: int | None
    p50: float
    p95: float
    p99: float
    rate: float
    ratio: float | None = None
    busy: float | None = None
    busy_ratio: float | None = None
    answer: int | None = None


Tell = Callable[[str], None]


def rows(plan: Plan, tell: Tell) -> Iterator[Row]:
    """Measure everything that the plan names."""
    over_http = [name for name in plan.names if name in cases.CASES]
    if over_http:
        yield from _served(plan, over_http, tell)
    alone = {name: engine.CASES[name]() for name in plan.names if name in engine.CASES}
    found: dict[str, list[Round]] = {name: [] for name in alone}
    for number in range(plan.rounds):
        for name, work in alone.items():
            tell(f"round {number + 1} of {plan.rounds}: {name}")
            found[name].append(Round(engine.run(work, Limits(plan.seconds / 2, CALLS))))
    for name, rounds in found.items():
        yield _row(name, None, rounds)


def _served(plan: Plan, names: list[str], tell: Tell) -> Iterator[Row]:
    with TemporaryDirectory(prefix="parley-bench-") as place, ExitStack() as running:
        tell("preparing people and conversations")
        installed = installation.opened(Path(place))
        running.callback(installed.dc.db.close)
        prepared = [cases.CASES[name](installed, plan.runs, plan.selections) for name in names]
        both = running.enter_context(servers.service(Path(place))), running.enter_context(servers.ceiling(Path(place)))
        sizes = {case.name: _keep_answer(installed, case, both[0].port) for case in prepared}
        found: dict[tuple[str, int], list[Round]] = {(one, many): [] for one in names for many in plan.clients}
        for number in range(plan.rounds + 1):
            told = f"round {number} of {plan.rounds}" if number else "warming up"
            seconds = plan.seconds if number else min(WARMING, plan.seconds)
            for case, many in ((case, many) for case in prepared for many in plan.clients):
                tell(f"{told}: {case.name}, {many} {'clients' if many > 1 else 'client'}")
                measured = _both(installed, both, case, many, seconds)
                if number:
                    found[case.name, many].append(measured)
        for (name, many), rounds in found.items():
            yield _row(name, many, rounds, sizes[name])


def _both(installed: Installation, both: tuple[Server, Server], case: Case, clients: int, seconds: float) -> Round:
    """The case, and then the ceiling."""
    load, busy = _run(both[0], case.requests, clients, Limits(seconds, case.most))
    _rest(installed)
    asked = repeat(request(case.ceiling_method, f"/{case.name}", installed.key))
    return Round(load, busy, *_run(both[1], asked, clients, Limits(seconds, CALLS)))


def _run(server: Server, requests: Iterator[bytes], clients: int, limits: Limits) -> tuple[Load, float | None]:
    """The run, and the processor time for each request."""
    before = server.busy()
    load = run(server.port, requests, clients, limits)
    after = server.busy()
    return load, None if before is None or after is None else (after - before) / len(load.latencies)


def _keep_answer(installed: Installation, case: Case, port: int) -> int:
    """Let the ceiling answer what the service answers; how many bytes that is."""
    with socket.create_connection(("127.0.0.1", port), timeout=DRAINING) as connection:
        connection.sendall(next(case.requests))
        response = HTTPResponse(connection)
        response.begin()
        answer = response.read()
    if response.status != 200:
        raise RuntimeError(f"{case.name} is answered {response.status}: {answer.decode()}")
    installed.keep_answer(case.name, answer)
    return len(answer)


def _rest(installed: Installation) -> None:
    """Wait until the worker has nothing left to do, so that it does not work during the ceiling's turn."""
    until = time.monotonic() + DRAINING
    while installed.waiting():
        if time.monotonic() > until:
            raise RuntimeError(f"the worker has not come to rest in {DRAINING} seconds")
        time.sleep(0.02)


def _row(case: str, clients: int | None, rounds: list[Round], answer: int | None = None) -> Row:
    return Row(
        case,
        clients,
        median(one.load.percentile(0.50) for one in rounds),
        median(one.load.percentile(0.95) for one in rounds),
        median(one.load.percentile(0.99) for one in rounds),
        median(one.load.rate for one in rounds),
        _median([one.load.rate / one.ceiling.rate for one in rounds if one.ceiling]),
        _median([one.busy for one in rounds if one.busy]),
        _median([one.ceiling_busy / one.busy for one in rounds if one.busy and one.ceiling_busy]),
        answer,
    )


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
