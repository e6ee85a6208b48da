"""The availability query: when enough people of each group are free (docs/wire.md 8).

Time is cut at the query's own periods, not on the grid of a conversation. Buffers widen busy time only: what is kept
free around a meeting may lie outside a period or a member's hours, but not in another meeting.
"""

from __future__ import annotations

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
        else:
            self.free = {sub: minus(window, merged(taken)) for sub, taken in blocked.items()}
            self.gaps = self._where_enough(window)

    def _where_enough(self, window: list[Period]) -> list[Period]:
        left = window
        for group in self.groups:
            enough = _at_least(group.required, [self.free[one.sub] for one in group.members])
            left = minus(left, minus(window, enough))
        return left

    def periods(self) -> Iterator[Found]:
        """The longest periods that hold a meeting, cut where those who are free change."""
        for gap in self.gaps:
            edges = {gap.start, gap.end}.union(self._changes(gap))
            for part in map(Period, sorted(edges), sorted(edges)[1:]):
                if part.end - part.start >= self.duration:
                    yield Found(part, self._free_for(part))

    def slots(self, interval: int | None) -> Iterator[Found]:
        """Meetings end to end in each gap; with an interval each begins a multiple of it after the gap does."""
        for gap in self.gaps:
            start: int | None = gap.start
            while start is not None and start + self.duration <= gap.end:
                slot = Period(start, start + self.duration)
                if self._enough(slot):
                    yield Found(slot, self._free_for(slot))
                    start = _on_interval(slot.end, gap.start, interval)
                else:
                    start = self._next_try(gap, start, interval)

    def overlapping_slots(self, interval: int | None) -> Iterator[Found]:
        """Meetings at every interval in each gap, half an hour if none is given."""
        for gap in self.gaps:
            for start in range(gap.start, gap.end - self.duration + 1, interval or OVERLAPPING_INTERVAL):
                slot = Period(start, start + self.duration)
                if self._enough(slot):
                    yield Found(slot, self._free_for(slot))

    def at(self, starts: Sequence[int]) -> Iterator[Found]:
        """Those of these starts at which a meeting is possible."""
        for start in starts:
            slot = Period(start, start + self.duration)
            gap = holding(self.gaps, start)
            if gap is not None and slot.end <= gap.end and self._enough(slot):
                yield Found(slot, self._free_for(slot))

    def _enough(self, slot: Period) -> bool:
        """Whether so many of each group are free for the whole slot; inside a gap that is so where all are required."""
        return self.everybody or all(
            sum(_covers(self.free[one.sub], slot) for one in group.members) >= group.required for group in self.groups
        )

    def _free_for(self, period: Period) -> tuple[str, ...]:
        if self.everybody:
            return self.subs
        return tuple(sub for sub, free in self.free.items() if _covers(free, period))

    def _next_try(self, gap: Period, start: int, interval: int | None) -> int | None:
        """After a start at which too few stay: the next on the interval, or the next at which somebody becomes free."""
        if interval is not None:
            return start + interval
        return min((one for one in self._changes(gap) if one > start), default=None)

    def _changes(self, gap: Period) -> Iterator[int]:
        for free in self.free.values():
            for period in free:
                yield from (edge for edge in period if gap.start < edge < gap.end)


def _blocked(member: Member, before: int, after: int) -> list[Period]:
    """Where a meeting cannot be: what is busy, widened by what is to be kept free around it, and what is closed.

    An event on a day that its zone skipped takes no time, so nothing is kept free around it.
    """
    if not before and not after:
        return [*member.busy, *member.closed]
    return [*(Period(start - after, end + before) for start, end in member.busy if start < end), *member.closed]


def _on_interval(instant: int, origin: int, interval: int | None) -> int:
    return instant if interval is None else origin - (origin - instant) // interval * interval


def _covers(free: Sequence[Period], period: Period) -> bool:
    found = holding(free, period.start)
    return found is not None and period.end <= found.end


def _at_least(required: int, free: Sequence[Sequence[Period]]) -> list[Period]:
    """The time in which at least `required` of the lists have a period."""
    edges = sorted(
        [(one.start, 1) for periods in free for one in periods] + [(one.end, -1) for periods in free for one in periods]
    )
    found = []
    count = 0
    for at, (instant, step) in enumerate(edges):
        count += step
        if count >= required and at + 1 < len(edges):
            found.append(Period(instant, edges[at + 1][0]))
    return merged(found)
