"""Which slots there are: available periods minus busy time, on a fixed grid of starts.

A start is on the grid when it is a quarter hour of the UTC clock inside a (merged) available period, or the start of an
available period. It makes a slot when the whole duration lies in one merged period, and the slot is open when
it is not past and nobody's time is taken. `docs/wire.md` 3 describes the same for readers of the API.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import islice

from parley.core.hours import AvailabilityRule, unrolled
from parley.core.limits import MINUTE
from parley.core.periods import Period, clipped, holding, merged, minus

QUARTER = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Hours:
    """When an account with managed availability is open: its rules and stored periods, which form one union."""

    rules: tuple[AvailabilityRule, ...] = ()
    periods: tuple[Period, ...] = ()

    def closed(self, window: Period) -> list[Period]:
        """The time of the window that lies outside."""
        opened = [one for rule in self.rules for one in unrolled(rule, window)]
        return minus([window], merged([*opened, *clipped(self.periods, window)]))

    def counts(self, calendar_id: str) -> bool:
        """Whether the calendar's events are busy time: all are, unless every rule names its calendars."""
        named = [rule.calendar_ids for rule in self.rules]
        return not named or not all(named) or any(calendar_id in ids for ids in named)


class Availability:
    """What can be chosen now: the proposed periods, less the time in which somebody is not free.

    `periods` are the available periods as proposed, `duration` is the length of a slot in seconds, `blocked` the time
    in which an account is busy or closed (in any order), `now` the instant before which everything is past.
    """

    def __init__(self, periods: Sequence[Period], duration: int, blocked: Iterable[Period], now: int) -> None:
        self.duration = duration
        self.starts = sorted({one.start for one in periods})
        self.proposed = merged(periods)
        past = Period(min(now, self.starts[0]), now)
        self.gaps = minus(self.proposed, merged([past, *blocked]))

    def without(self, closed: Sequence[Period]) -> Availability:
        """The same slots, of which fewer are open: none that has to do with this time."""
        if not closed:
            return self
        less = copy(self)
        less.gaps = minus(self.gaps, merged(closed))
        return less

    def has_slot(self, start: int) -> bool:
        """Whether the start is on the grid and its slot lies in an available period, free or not."""
        period = holding(self.proposed, start)
        on_grid = self._on_grid_from(start) == start
        return on_grid and period is not None and start + self.duration <= period.end

    def is_open(self, start: int) -> bool:
        """Whether the slot exists, is not past, and everyone with an account is free for it."""
        gap = holding(self.gaps, start)
        return gap is not None and start + self.duration <= gap.end and self.has_slot(start)

    def listed(self, standing: Iterable[int], most: int) -> list[int]:
        """The starts to show: what others have chosen and is still open, then the others end to end; ascending."""
        first = sorted(start for start in set(standing) if self.is_open(start))[:most]
        chosen = set(first)
        rest = islice((start for start in self.end_to_end() if start not in chosen), most - len(first))
        return sorted([*first, *rest])

    def earliest(self) -> int | None:
        """The earliest open start."""
        return next(self.end_to_end(), None)

    def end_to_end(self) -> Iterator[int]:
        """In each gap the first start on the grid, then each time the first that is not before the slot's end."""
        for gap in self.gaps:
            start = self._on_grid_from(gap.start)
            while start + self.duration <= gap.end:
                yield start
                start = self._on_grid_from(start + self.duration)

    def _on_grid_from(self, instant: int) -> int:
        quarter = -(-instant // QUARTER) * QUARTER
        at = bisect_left(self.starts, instant)
        return min(quarter, self.starts[at]) if at < len(self.starts) else quarter
