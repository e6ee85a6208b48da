"""Stretches of time and what can be done with lists of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Period(NamedTuple):
    """A half-open stretch of time, [start, end), in whole seconds of UTC since 1970."""

    start: int
    end: int


FOREVER = 2**62
EVER = Period(-FOREVER, FOREVER)
NEVER = Period(FOREVER, -FOREVER)  # overlaps nothing


def merged(periods: Iterable[Period]) -> list[Period]:
    """The same time as ascending periods that neither overlap nor touch; empty ones are left out."""
    ends: dict[int, int] = {}  # to each start the latest end: meetings of many people often begin together
    for start, end in periods:
        if end > ends.get(start, start):
            ends[start] = end
    if not ends:
        return []
    found = []
    starts = sorted(ends)
    first, last = starts[0], ends[starts[0]]
    for start in starts:
        if start > last:
            found.append(Period(first, last))
            first, last = start, ends[start]
        elif ends[start] > last:
            last = ends[start]
    return [*found, Period(first, last)]


def minus(periods: Sequence[Period], taken: Sequence[Period]) -> list[Period]:
    """The time of `periods` that is not in `taken`; both as `merged` gives them, and so is the answer."""
    left: list[Period] = []
    at = 0
    for start, end in periods:
        while at < len(taken) and taken[at].end <= start:
            at += 1
        look = at
        while look < len(taken) and taken[look].start < end:
            if start < taken[look].start:
                left.append(Period(start, taken[look].start))
            start = max(start, taken[look].end)
            look += 1
        if start < end:
            left.append(Period(start, end))
    return left


def clipped(periods: Iterable[Period], window: Period) -> list[Period]:
    """What of each period lies inside the window."""
    cut = (Period(max(start, window.start), min(end, window.end)) for start, end in periods)
    return [one for one in cut if one.start < one.end]


def hull(periods: Sequence[Period]) -> Period:
    """From the earliest start to the latest end; `periods` must not be empty."""
    return Period(min(one.start for one in periods), max(one.end for one in periods))


def holding(periods: Sequence[Period], instant: int) -> Period | None:
    """The period of a merged list that the instant lies in."""
    at = bisect_right(periods, (instant, float("inf"))) - 1
    if at >= 0 and periods[at].start <= instant < periods[at].end:
        return periods[at]
    return None
