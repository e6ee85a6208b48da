"""Live many worlds: `python -m tests.simulator SEEDS FIRST`; `trace SEED` tells the whole story of one."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable

from parley.progress import shown
from tests.simulator.invariants import Violation
from tests.simulator.walk import Walk
from tests.simulator.world import Rules

LINES_TOLD = 12
COUNTED = {  # what is told of it, and how
    "steps": "steps",
    "created": "conversations",
    "of ten people": "of them between ten people",
    "selected": "selections",
    "cleared": "selections cleared by newer ones",
    "cleared after a change of time": "selections cleared because somebody's time changed",
    "agreed": "agreements by a selection or at the opening",
    "agreed after a change of time": "agreements because somebody's time changed",
    "repeats": "repeats",
    "repeats of what is agreed": "of them after completion",
    "answers lost": "answers lost after recording, and the call repeated",
    "crashes": "crashes between deciding and recording",
    "decided again": "decisions made again, because others were recorded first",
    "lost to a conversation": "races lost to another conversation",
    "lost to a calendar": "races lost to a calendar or the clock",
    "lost inside": "races lost inside a conversation",
    "auto lost": "races lost by conversations that need no choice",
    "auto took the next": "of them took the next slot",
    "SlotsTaken": "other refusals of slots that are not free",
    "SlotsUnknown": "refusals of slots that do not exist",
    "NotYourTurn": "refusals of people who are not asked",
    "messages": "messages delivered",
    "delivered again": "of them more than once",
}


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


def lived_all(
    seeds: range,
    progress: Callable[[int], None] = lambda done: None,
    rules: Rules = Rules(),  # noqa: B008
) -> Counter[str]:
    """Live the worlds of all these seeds; what happened in them, counted."""
    counts: Counter[str] = Counter()
    for done, seed in enumerate(seeds, 1):
        counts.update(lived(seed, rules).trial.counts)
        progress(done)
    return counts


def told(counts: Counter[str]) -> str:
    """The counts, one a line."""
    return "\n".join(f"{counts[name]:>12,}  {text}" for name, text in COUNTED.items())


def main(count: int, first: int, rules: Rules = Rules()) -> int:  # noqa: B008
    """Live so many worlds and tell; 1 where a rule was broken."""
    seeds, began = range(first, first + count), time.monotonic()
    try:
        with shown("simulate") as progress:
            counts = lived_all(seeds, lambda done: progress("seeds without a violation", done, count), rules)
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
