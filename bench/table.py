"""The table in Markdown: the machine, what was measured, and what was aimed at."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from bench.measure import Plan, Row

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN = "<!-- bench: written by make bench ARGS=--write, do not edit -->"
END = "<!-- end of bench -->"


@dataclass(frozen=True)
class Aim:
    """What a case should reach: a share of its ceiling at least, or a number of seconds at most."""

    case: str
    figure: str
    least: float | None = None
    most: float | None = None

    def told(self) -> str:
        """The aim in words."""
        return f"at least {self.least:g} of its ceiling" if self.least else f"{self.figure} under {_ms(self.most)} ms"

    def reached(self, row: Row) -> tuple[str, bool]:
        """What was reached, and whether it is enough."""
        value = getattr(row, self.figure)
        return (f"{value:.2f}", value >= self.least) if self.least else (f"{_ms(value)} ms", value < (self.most or 0))


AIMS = (
    Aim("read", "ratio", least=0.7),
    Aim("slots_list", "p95", most=0.025),
    Aim("slots_select", "ratio", least=0.4),
    Aim("engine, 88 people", "p50", most=0.015),
    Aim("engine, one calendar", "p50", most=0.003),
)


def markdown(rows: Sequence[Row], plan: Plan, load_before: float) -> str:
    """Everything that is shown."""
    return "\n".join([_machine(plan, load_before), "", *_measured(rows), "", *_aims(rows)])


def _machine(plan: Plan, load_before: float) -> str:
    return (
        f"{os.cpu_count()} CPUs ({_processor()}), {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {apsw.sqlite_lib_version()}. "
        f"Median of {plan.rounds} rounds of {plan.seconds:g} s; load of the machine before: {load_before:.2f}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _measured(rows: Iterable[Row]) -> list[str]:
    head = [
        "case",
        "clients",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "per second",
        "share",
        "CPU ms",
        "CPU share",
        "bytes",
    ]
    return _table(head, [_cells(one) for one in rows])


def _cells(row: Row) -> list[str]:
    return [
        row.case,
        _or_nothing(row.clients),
        _ms(row.p50),
        _ms(row.p95),
        _ms(row.p99),
        f"{row.rate:,.0f}",
        _share(row.ratio),
        "" if row.busy is None else _ms(row.busy),
        _share(row.busy_ratio),
        _or_nothing(row.answer),
    ]


def _aims(rows: Sequence[Row]) -> list[str]:
    told = []
    for aim in AIMS:
        for row in (one for one in rows if one.case == aim.case):
            value, is_met = aim.reached(row)
            told.append([aim.case, _or_nothing(row.clients), aim.told(), value, "met" if is_met else "missed"])
    return _table(["case", "clients", "aim", "reached", ""], told) if told else []


def _table(head: list[str], lines: list[list[str]]) -> list[str]:
    rule = ["---" if at == 0 else "--:" for at in range(len(head))]
    return [f"| {' | '.join(line)} |" for line in (head, rule, *lines)]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _or_nothing(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _ms(seconds: float | None) -> str:
    return f"{(seconds or 0) * 1000:.3g}"


def rewritten(page: str, table: str) -> str:
    """The page with this table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
