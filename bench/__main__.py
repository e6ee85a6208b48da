"""`make bench`: measure, print the table, and with --write put it into docs/performance.md."""

from __future__ import annotations

import argparse
import os
import sys

from bench import cases, engine
from bench.measure import Plan, rows
from bench.table import PAGE, markdown, rewritten

NAMES = (*cases.CASES, *engine.CASES)


def main() -> None:
    """Do what the words of the command say."""
    told = _words().parse_args()
    load_before = os.getloadavg()[0]
    names = tuple(name for name in NAMES if not told.case or any(name.startswith(one) for one in told.case))
    plan = Plan(names, tuple(told.clients), told.rounds, told.seconds, told.selections)
    measured = list(rows(plan, _tell))
    _tell("")
    table = markdown(measured, plan, load_before)
    print(table)
    if told.write:
        PAGE.write_text(rewritten(PAGE.read_text(), table))


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="make bench", description="ARGS='--case read --seconds 3' chooses.")
    words.add_argument("--case", action="append", metavar="NAME", help=f"only cases so called: {', '.join(NAMES)}")
    words.add_argument("--clients", type=int, nargs="+", default=[1, 8], help="how many at once, several runs")
    words.add_argument("--rounds", type=int, default=7)
    words.add_argument("--seconds", type=float, default=1.0, help="of each run")
    words.add_argument("--selections", type=int, default=400, help="conversations that a run may complete")
    words.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return words


def _tell(step: str) -> None:
    """One line that changes on a terminal, a line for each step elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{step}", end="", file=sys.stderr, flush=True)
    elif step:
        print(step, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
