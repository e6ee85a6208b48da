"""The figures as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from bench.figures import CEILING, LOAD, Figures
from bench.plan import Contender


def tables(known: Figures) -> str:
    """Everything that is shown."""
    return "\n".join(_load(known))


def _load(known: Figures) -> Iterable[str]:
    head = [
        "server",
        "case",
        "clients",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "per second",
        "share",
        "CPU ms",
        "database",
        "clients CPU",
        "after",
    ]
    lines = []
    for cell in known.cells:
        top = known.find(part=LOAD, case=cell.case, database=cell.database, server=CEILING, clients=cell.clients)
        lines.append(
            [
                Contender(cell.database, cell.server, cell.processes).told(),
                cell.case,
                str(cell.clients),
                *(_ms(cell.median(lambda one, name=name: getattr(one, name))) for name in ("p50", "p95", "p99")),
                f"{cell.median(lambda one: one.rate):,.0f}",
                _share(cell.times(top, lambda one: one.rate)),
                *(
                    _ms(cell.median(lambda one, name=name: getattr(one, name)))
                    for name in ("service", "database", "clients")
                ),
                f"{cell.median(lambda one: one.after):.2f}",
            ]
        )
    return _table(head, lines)


def _table(head: list[str], lines: list[list[str]]) -> list[str]:
    rule = ["---" if at == 0 else "--:" for at in range(len(head))]
    return [f"| {' | '.join(line)} |" for line in (head, rule, *lines)]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.3g}"
