"""Live many worlds: `python -m tests.simulator SEEDS FIRST`; `trace SEED` tells the whole story of one."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable

from tests.simulator.invariants import Violation
from tests.simulator.walk import Walk
from tests.simulator.world import Rules

LINES_TOLD = 12
EVERY = 1000  # seeds between two lines of progress where nobody watches
COUNTED = (
    "steps",
    "conversations",
    "conversations of ten",
    "agreements",
    "selections",
    "cleared selections",
    "repeats",
    "answers lost",
    "crashes before recording",
    "decisions made again",
    "races lost to another conversation",
    "races lost to a calendar or the clock",
    "races lost inside a conversation",
    "auto conversations that lost a race",
    "messages delivered",
    "messages to be delivered again",
)


def lived(seed: int, rules: Rules = Rules()) -> Walk:  # noqa: B008  (it is frozen)
    """The world of this seed after its last step; whatever ends it early carries the end of its story."""
    walk = Walk(seed, rules)
    try:
        walk.run()
    except Exception as failure:
        failure.add_note("\n".join(["", *walk.trial.story[-LINES_TOLD:], "", again(seed)]))
        raise
    return walk


def again(seed: int) -> str:
    """How to see the world of this seed once more."""
    return f"seed {seed}: make simulate SEEDS=1 SEED={seed} (python -m tests.simulator trace {seed} tells all of it)"


def lived_all(seeds: range, progress: Callable[[int], None] = lambda done: None) -> Counter[str]:
    """Live the worlds of all these seeds; what happened in them, counted."""
    counts: Counter[str] = Counter()
    for done, seed in enumerate(seeds, 1):
        counts.update(lived(seed).trial.counts)
        progress(done)
    return counts


def progress_of(seeds: range) -> Callable[[int], None]:
    """One line that changes on a terminal, a line now and then elsewhere."""
    watched, began = sys.stderr.isatty(), time.monotonic()

    def progress(done: int) -> None:
        if watched and (done % 10 == 0 or done == len(seeds)):
            took = time.monotonic() - began
            print(f"\r\x1b[K{done} of {len(seeds)} seeds, {took:.0f} s", end="", file=sys.stderr, flush=True)
        elif not watched and done % EVERY == 0:
            print(f"seeds {seeds[0]} to {seeds[done - 1]}: no violation", file=sys.stderr, flush=True)

    return progress


def told(counts: Counter[str]) -> str:
    """The counts, one a line."""
    return "\n".join(f"{counts[name]:>12,}  {name}" for name in COUNTED)


def main(count: int, first: int) -> int:
    """Live so many worlds and tell; 1 where a rule was broken."""
    seeds, began = range(first, first + count), time.monotonic()
    try:
        counts = lived_all(seeds, progress_of(seeds))
    except Violation as violation:
        print("", f"VIOLATION: {violation}", *violation.__notes__, sep="\n")
        return 1
    print(f"\n{told(counts)}\n{count} seeds from {first}: no violation ({time.monotonic() - began:.1f} s)")
    return 0


def trace(seed: int) -> int:
    """Tell everything that happens in one world; 1 where a rule was broken."""
    walk = Walk(seed)
    try:
        walk.run()
    except Violation as violation:
        print(*walk.trial.story, "", f"VIOLATION: {violation}", sep="\n")
        return 1
    print(*walk.trial.story, sep="\n")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["trace"]:
        sys.exit(trace(int(sys.argv[2])))
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
