"""`make bench`: measure, print the tables, and with --write put them and the plots into the documents."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import figures, growth, measure, page
from bench.databases import Ground, ground
from bench.figures import BUSY, ENGINE, LOAD, PARTS, SIZE, Figures
from bench.plan import CASES, DATABASES, Plan
from parley.progress import shown

QUICK = {"rounds": 2, "seconds": 0.4, "selections": 300, "sizes": [1_000, 100_000], "busy": [10, 1_000]}


def main() -> None:
    """Do what the words of the command say."""
    told = _words().parse_args()
    if told.quick:
        told = _words(**QUICK).parse_args()
    names = tuple(name for name in CASES if not told.case or any(name.startswith(one) for one in told.case))
    plan = Plan(
        parts=tuple(told.part or PARTS),
        cases=names,
        databases=tuple(told.database or DATABASES),
        processes=tuple(told.processes),
        clients=tuple(told.clients),
        rounds=told.rounds,
        seconds=told.seconds,
        selections=told.selections,
        sizes=tuple(told.sizes),
        busy=tuple(told.busy),
    )
    mask = os.umask(0o077)  # as whoever opens an installation leaves it; documents are for everybody
    newer = Figures() if told.redraw else measured(plan)
    os.umask(mask)
    if told.write or told.redraw:
        page.write(told.into, page.kept(told.into).joined(newer))
    print(page.tables(page.kept(told.into) if told.redraw else newer))


def _words(**defaults: object) -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="make bench", description="ARGS='--case read --seconds 3' chooses.")
    words.add_argument("--quick", action="store_true", help="a few minutes, to try it")
    words.add_argument("--part", action="append", choices=PARTS, help="only these")
    words.add_argument("--case", action="append", metavar="NAME", help=f"only cases so called: {', '.join(CASES)}")
    words.add_argument("--database", action="append", choices=DATABASES, help="only this one")
    words.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="that serve, on PostgreSQL")
    words.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32], help="how many at once, several runs")
    words.add_argument("--sizes", type=int, nargs="+", default=list(Plan.sizes), help="conversations that there are")
    words.add_argument("--busy", type=int, nargs="+", default=list(Plan.busy), help="events of an account")
    words.add_argument("--rounds", type=int, default=Plan.rounds)
    words.add_argument("--seconds", type=float, default=Plan.seconds, help="of each run")
    words.add_argument("--selections", type=int, default=Plan.selections, help="conversations that a run may complete")
    words.add_argument(
        "--write", action="store_true", help="put tables and plots into the documents, and keep the figures"
    )
    words.add_argument("--redraw", action="store_true", help="measure nothing, write from the figures that are kept")
    words.add_argument("--into", type=Path, default=page.DOCS, metavar="FOLDER", help="another place for the documents")
    words.set_defaults(**defaults)
    return words


def measured(plan: Plan) -> Figures:
    """Measure what the plan names, and show how far it is."""
    with shown("bench") as tell, ground() as place:
        found = Figures()
        for part, work in _parts(plan, place, tell):
            before = os.getloadavg()[0]
            newer = work()
            newer.circumstances[part] = figures.circumstances(plan.rounds, plan.seconds, before)
            found = found.joined(newer)
        return found


def _parts(plan: Plan, place: Ground, tell: measure.Tell) -> Iterator[tuple[str, Callable[[], Figures]]]:
    works = {
        LOAD: lambda: measure.load(plan, place, tell),
        SIZE: lambda: growth.by_size(plan, place, tell),
        BUSY: lambda: growth.by_events(plan, place, tell),
        ENGINE: lambda: measure.alone(plan, tell),
    }
    return ((part, works[part]) for part in works if part in plan.parts)


if __name__ == "__main__":
    main()
