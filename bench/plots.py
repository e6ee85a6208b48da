"""The figures as plots."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from bench.figures import BUSY, LOAD, SERVICE, SIZE, Cell, Figures
from bench.plan import NAMES, Contender
from bench.plot import Figure, Line, Panel, drawn

PANELS = ("read", "slots_list", "slots_select", "create")
MILLISECONDS = 1000
COST = "Processor time of service and database for one call, one client."


def plots(known: Figures) -> dict[str, str]:
    """Each plot that there are figures for, by the name of its file."""
    figures = {
        "performance-load.svg": _latency(known),
        "performance-size.svg": _cost(known, SIZE, "Cost of a call as the installation grows", "conversations"),
        "performance-busy.svg": _cost(known, BUSY, "Cost of a call as calendars fill", "events of an account"),
    }
    return {name: drawn(one) for name, one in figures.items() if one.panels}


def _latency(known: Figures) -> Figure:
    cells = [one for one in known.of(LOAD) if one.server == SERVICE]
    panels = [Panel(case, _latencies([one for one in cells if one.case == case])) for case in PANELS]
    return Figure(
        "Latency under load",
        "clients at once",
        "ms",
        [one for one in panels if one.lines],
        "Lines are medians; the shade above each reaches to its 95th percentile.",
    )


def _latencies(cells: Iterable[Cell]) -> list[Line]:
    named: dict[str, list[Cell]] = {}
    for cell in sorted(cells, key=attrgetter("clients")):
        named.setdefault(Contender(cell.database, cell.server, cell.processes).told(), []).append(cell)
    return [
        Line(
            name,
            [(one.clients, _milliseconds(one, "p50")) for one in theirs],
            [_milliseconds(one, "p95") for one in theirs],
        )
        for name, theirs in named.items()
    ]


def _milliseconds(cell: Cell, name: str) -> float:
    return max((cell.median(attrgetter(name)) or 0) * MILLISECONDS, 0.001)


def _cost(known: Figures, part: str, title: str, x_title: str) -> Figure:
    """Processor time of service and database, a panel for each database."""
    cells = sorted(known.of(part), key=attrgetter("amount"))
    panels = [Panel(name, _costs([one for one in cells if one.database == at])) for at, name in NAMES.items()]
    return Figure(title, x_title, "CPU ms", [one for one in panels if one.lines], COST, _short)


def _costs(cells: Iterable[Cell]) -> list[Line]:
    named: dict[str, list[tuple[float, float]]] = {}
    for cell in cells:
        named.setdefault(cell.case, []).append((cell.amount, _milliseconds(cell, "processor")))
    return [Line(name, points) for name, points in named.items()]


def _short(value: float) -> str:
    """1000 as 1k, a million as 1M."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"
