"""`make torture`: faults under load for some minutes, or so many kills; ends with counts, and with 1 on a violation.

What a seed repeats: the plan of faults with its moments, what each client draws, and how many requests are lost. What
it cannot repeat: how threads and processes take turns, and so which call meets which fault. A run with violations is
kept in a file; checking that file again gives the same verdict every time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from parley.progress import shown
from tests.faults import faults
from tests.faults.checker import check
from tests.faults.history import Start, save
from tests.faults.installation import Shape
from tests.faults.load import Manner
from tests.faults.torture import Result, Setting, torture


def main() -> int:
    """Do what the words of the command say."""
    told = _words().parse_args()
    seed = told.seed or token_hex(4)
    shape = _shape(told)
    print(f"seed {seed}: {_again(told, seed, shape)}", flush=True)
    load_before = os.getloadavg()[0]
    folder = Path(tempfile.mkdtemp(prefix="parley-faults-"))
    print(f"working in {folder}, which is removed unless something is wrong", flush=True)
    with shown("torture") as progress:
        result = torture(_setting(told, seed, shape), folder, progress)
    violations = check(result.run)
    load = f"machine       load {load_before:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} CPUs"
    print("\n".join([*summary(result), load, *violations, f"{len(violations)} violations (seed {seed})"]))
    if violations:
        save(result.run, folder / "run.json")
        print(f"kept: {folder}; check again with python -m tests.faults.checker {folder / 'run.json'}")
        return 1
    shutil.rmtree(folder)
    return 0


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="python -m tests.faults", description="Nothing lost, nothing doubled.")
    words.add_argument("--minutes", type=float, default=10, help="how long the load lasts")
    words.add_argument("--cycles", type=int, help="instead: kill -9 so many times, one after the other")
    words.add_argument("--seed", help="repeat what this seed draws")
    words.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    words.add_argument("--servers", type=int, help="parley serve, so many of them (PostgreSQL only: 2)")
    words.add_argument("--processes", type=int, default=1, help="of each parley serve (PostgreSQL only)")
    words.add_argument("--workers", type=int, help="parley work beside them (PostgreSQL only: 1)")
    words.add_argument("--clients", type=int, default=8)
    words.add_argument("--pause", type=float, default=0.02, help="seconds between a client's calls, on average")
    return words


def _shape(told: argparse.Namespace) -> Shape:
    usual = Shape("postgresql", servers=2, workers=1) if told.database == "postgresql" else Shape()
    servers = usual.servers if told.servers is None else told.servers
    workers = usual.workers if told.workers is None else told.workers
    return Shape(told.database, servers, told.processes, workers)


def _again(told: argparse.Namespace, seed: str, shape: Shape) -> str:
    length = f"--cycles {told.cycles}" if told.cycles else f"--minutes {told.minutes:g}"
    parts = f"--servers {shape.servers} --processes {shape.processes} --workers {shape.workers}"
    rest = f"--clients {told.clients} --pause {told.pause:g}"
    return f"python -m tests.faults {length} --seed {seed} --database {shape.database} {parts} {rest}"


def _setting(told: argparse.Namespace, seed: str, shape: Shape) -> Setting:
    manner = Manner(pause=told.pause)
    if told.cycles:
        plan = faults.kills(seed, told.cycles, shape)
        return Setting(seed, shape, 0, plan, told.clients, manner)
    seconds = told.minutes * 60
    return Setting(seed, shape, seconds, faults.plan(seed, seconds, shape), told.clients, manner)


def summary(result: Result) -> list[str]:
    """What was done, in lines."""
    run = result.run
    kinds = Counter(f"{one.kind} {one.outcome}" for one in run.operations)
    outcomes = Counter(one.outcome.value for one in run.operations)
    refusals = Counter(f"{one.error or one.status}" for one in run.operations if one.outcome == "refused")
    unanswered = Counter(f"{one.status or 'no answer'}" for one in run.operations if one.outcome == "unknown")
    agreed = sum(one.chosen is not None for one in run.final.talks)
    return [
        "",
        f"operations    {len(run.operations)}: {_told(outcomes)}",
        f"  by kind     {_told(kinds)}",
        f"  refused     {_told(refusals)}",
        f"  unknown     {_told(unanswered)}",
        f"conversations {len(run.final.talks)}, {agreed} agreed, {len(run.final.bookings)} bookings,"
        f" {len(run.final.events)} events",
        f"faults        {result.faults.total()}: {_told(result.faults)}",
        f"requests      {_told(result.fates)}",
        f"starts        {_starts(run.starts)}",
        f"backlog       empty {run.final.drained_after:.1f} s after the load, {len(run.final.waiting)} messages left",
        f"repeat keys   {'known to this service' if run.keys_count else 'not known to this service'}",
    ]


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "none"


def _starts(starts: Sequence[Start]) -> str:
    slowest = max(starts, key=lambda one: one.took)
    middle = sorted(one.took for one in starts)[len(starts) // 2]
    queued = f"{slowest.queued:.2f} s of that without a processor"
    return f"{len(starts)}, slowest ready after {slowest.took:.2f} s ({queued}), median {middle:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
