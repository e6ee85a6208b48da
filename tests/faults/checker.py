"""What must hold when a run is over, whatever was done to the service: `check` tells what does not.

`python -m tests.faults.checker FILE` checks a run that was kept, and comes to the same verdict every time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from tests.faults import calendars, talks
from tests.faults.history import Run, load

READY_SECONDS = 5.0
DRAIN_SECONDS = 90.0  # a lease of 30 seconds may have to end first, and a pause between attempts
MOST_TOLD = 10  # of each rule


def backlog_drains(run: Run) -> Iterator[str]:
    """When the load has ended, everything left to do is soon done."""
    if run.final.waiting:
        yield f"{len(run.final.waiting)} messages are still waiting: {run.final.waiting[:5]}"
    if run.final.given_up:
        yield f"{len(run.final.given_up)} messages were given up: {run.final.given_up[:5]}"
    if run.final.drained_after > DRAIN_SECONDS:
        yield f"it took {run.final.drained_after:.0f} s to carry out what was waiting"


def ready_soon(run: Run) -> Iterator[str]:
    """A process that was started is ready in time; what other programs took of the machine does not count."""
    for one in run.starts:
        if one.took - one.queued > READY_SECONDS:
            yield f"a start took {one.took:.1f} s, of which it waited {one.queued:.1f} s for a processor"


def nothing_breaks(run: Run) -> Iterator[str]:
    """No process ends by itself, and no answer says that the service made a mistake."""
    yield from run.wrong
    yield from (f"operation {one.number} was answered with {one.status}" for one in run.operations if one.status == 500)


def commands_count(run: Run) -> Iterator[str]:
    """What a command has acknowledged is there."""
    yield from (f"the application {one} is gone" for one in run.commanded if one not in run.final.applications)


RULES: tuple[Callable[[Run], Iterator[str]], ...] = (
    talks.creations,
    talks.one_answer_for_a_key,
    talks.never_gone,
    talks.selections,
    talks.histories,
    talks.complete_stays_complete,
    talks.histories_only_grow,
    calendars.events_of_agreements,
    calendars.contents,
    calendars.pages,
    calendars.bookings,
    calendars.no_overlap,
    calendars.free_when_agreed,
    backlog_drains,
    ready_soon,
    nothing_breaks,
    commands_count,
)


def check(run: Run) -> list[str]:
    """Every violation, a sentence each; of each rule the first few."""
    return [f"{rule.__name__}: {told}" for rule in RULES for told in islice(rule(run), MOST_TOLD)]


def main(path: Path) -> int:
    """Check a run that was kept."""
    violations = check(load(path))
    print("\n".join([*violations, f"{len(violations)} violations"]))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
