"""The availability query: when enough people of each group are free (docs/wire.md 8).

Time is cut at the query's own periods, not on the grid of a conversation. Buffers widen busy time only: what is kept
free around a meeting may lie outside a period or a member's hours, but not in another meeting.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from parley.core.limits import MINUTE
from parley.core.periods import Period, holding, merged, minus

OVERLAPPING_INTERVAL = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a group: the time in which they are busy, and that in which they are closed, each in any order."""

    sub: str
    busy: Sequence[Period] = ()
    closed: Sequence[Period] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Members of whom at least `required` must be free for the whole of a meeting."""

    members: tuple[Member, ...]
    required: int

    @property
    def subs(self) -> tuple[str, ...]:
        """Its members."""
        return tuple(one.sub for one in self.members)


@dataclass(frozen=True, slots=True)
class Found:
    """A time at which the groups can meet, and the subs of all who are free for the whole of it."""

    period: Period
    subs: tuple[str, ...]


class Common:
    """The time, from now on, in which enough members of each group are free for a meeting of `duration` seconds.

    `before` and `after` are the seconds to keep free around it.
    """

    def __init__(
        self, groups: Sequence[Group], periods: Sequence[Period], duration: int, *, before: int, after: int, now: int
    ) -> None:
        self.groups = groups
        self.duration = duration
        proposed = merged(periods)
        window = minus(proposed, merged([Period(min(now, proposed[0].start), now)]))
        blocked: dict[str, list[Period]] = {}
        for member in (one for group in groups for one in group.members):
            blocked.setdefault(member.sub, []).extend(_blocked(member, before, after))
        self.subs = tuple(blocked)
        self.everybody = all(group.required == len(group.members) for group in groups)
        self.free: dict[str, list[Period]] = {}
        if self.everybody:
            self.gaps = minus(window, merged(chain.from_iterable(blocked.values())))
            self.starts = _starts(self.gaps, duration)
        else:
            self.free = {sub: minus(window, merged(taken)) for sub, taken in blocked.items()}
            self.gaps = self._where_enough(window, self.free)
            self.starts = self._where_enough(window, {sub: _starts(one, duration) for sub, one in self.free.items()})
        self.changes = sorted({edge for free in self.free.values() for period in free for edge in period})

    def _where_enough(self, window: list[Period], free: dict[str, list[Period]]) -> list[Period]:
        left = window
        for required, subs in dict.fromkeys((one.required, one.subs) for one in self.groups):
            enough = _at_least(required, [free[sub] for sub in subs])
            left = minus(left, minus(window, enough))
        return left

    def periods(self) -> Iterator[Found]:
        """The longest periods that hold a meeting, cut where those who are free change."""
        for gap in self.gaps:
            inside = self.changes[bisect_right(self.changes, gap.start) : bisect_left(self.changes, gap.end)]
            for part in map(Period, [gap.start, *inside], [*inside, gap.end]):
                if part.end - part.start >= self.duration:
                    yield Found(part, self._free_for(part))

    def slots(self, interval: int | None) -> Iterator[Found]:
        """Meetings end to end in each gap; with an interval each begins a multiple of it after the gap does."""
        for gap in self.gaps:
            start = self._next_start(gap.start, gap, interval or 1)
            while start is not None:
                yield self._meeting(start)
                start = self._next_start(start + self.duration, gap, interval or 1)

    def overlapping_slots(self, interval: int | None) -> Iterator[Found]:
        """Meetings at every interval in each gap, half an hour if none is given."""
        step = interval or OVERLAPPING_INTERVAL
        for gap in self.gaps:
            start = self._next_start(gap.start, gap, step)
            while start is not None:
                yield self._meeting(start)
                start = self._next_start(start + step, gap, step)

    def at(self, starts: Sequence[int]) -> Iterator[Found]:
        """Those of these starts at which a meeting is possible."""
        for start in starts:
            if holding(self.starts, start):
                yield self._meeting(start)

    def _next_start(self, instant: int, gap: Period, step: int) -> int | None:
        """The first start of a meeting in the gap, not before the instant, a multiple of the step after its start."""
        first = bisect_right(self.starts, instant, key=_end)
        for at in range(first, len(self.starts)):
            start = gap.start - (gap.start - max(self.starts[at].start, instant)) // step * step
            if start >= gap.end:
                return None
            if start < self.starts[at].end:
                return start
        return None

    def _meeting(self, start: int) -> Found:
        slot = Period(start, start + self.duration)
        return Found(slot, self._free_for(slot))

    def _free_for(self, period: Period) -> tuple[str, ...]:
        if self.everybody:
            return self.subs
        return tuple(sub for sub, free in self.free.items() if _covers(free, period))


def _blocked(member: Member, before: int, after: int) -> list[Period]:
    """Where a meeting cannot be: what is busy, widened by what is to be kept free around it, and what is closed.

    An event on a day that its zone skipped takes no time, so nothing is kept free around it.
    """
    if not before and not after:
        return [*member.busy, *member.closed]
    return [*(Period(start - after, end + before) for start, end in member.busy if start < end), *member.closed]


def _starts(free: Sequence[Period], duration: int) -> list[Period]:
    """The instants at which a meeting can begin so that one of these periods holds all of it."""
    return [Period(start, end - duration + 1) for start, end in free if start + duration <= end]


def _end(period: Period) -> int:
    return period.end


def _covers(free: Sequence[Period], period: Period) -> bool:
    found = holding(free, period.start)
    return found is not None and period.end <= found.end


def _at_least(required: int, free: Sequence[Sequence[Period]]) -> list[Period]:
    """The time in which at least `required` of the lists have a period, as `merged` gives it."""
    changes: dict[int, int] = {}  # how many more have a period from an instant on
    for start, end in chain.from_iterable(free):
        changes[start] = changes.get(start, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    found = []
    count, began = 0, None
    for instant in sorted(changes):
        count += changes[instant]
        if began is None and count >= required:
            began = instant
        elif began is not None and count < required:
            found.append(Period(began, instant))
            began = None
    return found
