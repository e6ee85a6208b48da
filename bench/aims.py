"""What was aimed at, and what was reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from bench.figures import CEILING, ENGINE, LOAD, SERVICE, SIZE, UNGROUPED, Cell, Figures, Run
from bench.plan import NAMES

MIB = 1 << 20
rate = attrgetter("rate")


@dataclass(frozen=True)
class Verdict:
    """An aim in words, where it was looked at, what was reached there, and whether that is enough."""

    told: str
    where: str
    reached: str
    verdict: str


@dataclass(frozen=True)
class Reached:
    """One value, what it was reached with, and whether that is enough."""

    value: str
    condition: str
    is_enough: bool


def verdicts(known: Figures) -> Iterator[Verdict]:
    """Every aim that there are figures for."""
    for found in (_shares(known), _latencies(known), _commits(known), _processes(known), _memory(known)):
        yield from found
    yield from _growth(known)
    yield from _engine(known)


def _verdict(told: str, where: str, reached: list[Reached]) -> Iterator[Verdict]:
    """One line for all of it; which of several were enough is told."""
    if not reached:
        return
    enough = [one.condition for one in reached if one.is_enough]
    verdict = "met" if len(enough) == len(reached) else f"met with {', '.join(enough)}" if enough else "missed"
    values = ", ".join(f"{one.value} with {one.condition}" if one.condition else one.value for one in reached)
    yield Verdict(told, where, values, verdict)


def _served(known: Figures, case: str, database: str, **other: object) -> list[Cell]:
    wanted = {"case": case, "database": database, "server": SERVICE, "processes": 1, **other}
    return [one for one in known.of(LOAD) if all(getattr(one, name) == value for name, value in wanted.items())]


def _clients(cell: Cell) -> str:
    return f"{cell.clients} {'clients' if cell.clients > 1 else 'client'}"


def _against(known: Figures, cells: list[Cell], least: float, **other: object) -> list[Reached]:
    """How many times the rate of what differs in `other`."""
    ratios = [(one, one.times(known.beside(one, **other), rate)) for one in cells]
    return [Reached(f"{ratio:.2f}", _clients(one), ratio >= least) for one, ratio in ratios if ratio is not None]


def _shares(known: Figures) -> Iterator[Verdict]:
    for case, least in (("read", 0.7), ("slots_select", 0.4)):
        for database, name in NAMES.items():
            reached = _against(known, _served(known, case, database), least, server=CEILING)
            yield from _verdict(f"{case}: at least {least:g} of its ceiling", name, reached)


def _latencies(known: Figures) -> Iterator[Verdict]:
    for database, name in NAMES.items():
        cells = [(one, one.median(attrgetter("p95")) or 0) for one in _served(known, "slots_list", database)]
        reached = [Reached(f"{p95 * 1000:.3g} ms", _clients(one), p95 < 0.025) for one, p95 in cells]
        yield from _verdict("slots_list: p95 under 25 ms", name, reached)


def _commits(known: Figures) -> Iterator[Verdict]:
    cells = _served(known, "slots_select", "sqlite", clients=32)
    for server, what in ((UNGROUPED, "the service with one commit per call"), (CEILING, "its ceiling")):
        reached = _against(known, cells, 4, server=server)
        yield from _verdict(f"slots_select: at least 4 times the rate of {what}", "SQLite", reached)


def _processes(known: Figures) -> Iterator[Verdict]:
    for case in ("read", "slots_list", "slots_select", "create", "availability"):
        cells = [one for one in _served(known, case, "postgresql", processes=2) if one.clients > 1]
        reached = _against(known, cells, 1.6, processes=1)
        yield from _verdict(f"{case}: two processes at least 1.6 times one", "PostgreSQL", reached)


def _memory(known: Figures) -> Iterator[Verdict]:
    for one in (one for one in known.footprints if one.server == SERVICE and one.idle):
        most = max(process.rss for process in one.idle) / MIB
        where = f"{NAMES[one.database]}{f', {one.processes} processes' if one.processes > 1 else ''}"
        yield from _verdict("an idle process: at most 120 MiB", where, [Reached(f"{most:.0f} MiB", "", most <= 120)])


def _growth(known: Figures) -> Iterator[Verdict]:
    """The dearer of processor time and time by the clock."""
    for database, case in dict.fromkeys((one.database, one.case) for one in known.of(SIZE)):
        cells = sorted(
            (one for one in known.of(SIZE) if (one.database, one.case) == (database, case)), key=attrgetter("amount")
        )
        first, last = cells[0], cells[-1]
        figures: tuple[Callable[[Run], float], ...] = (attrgetter("processor"), attrgetter("p50"))
        times = max(last.times(first, figure) or 0 for figure in figures)
        told = f"{case}: at {last.amount:,} conversations at most 1.3 times the cost at {first.amount:,}"
        yield from _verdict(told, NAMES[database], [Reached(f"{times:.2f}", "", times <= 1.3)])


def _engine(known: Figures) -> Iterator[Verdict]:
    for case, most in (("engine, 88 people", 0.015), ("engine, one calendar", 0.003)):
        for cell in (one for one in known.of(ENGINE) if one.case == case):
            p50 = cell.median(attrgetter("p50")) or 0
            yield from _verdict(
                f"{case}: p50 under {most * 1000:g} ms", "", [Reached(f"{p50 * 1000:.3g} ms", "", p50 < most)]
            )
