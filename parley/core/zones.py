"""Time zones: the one place where a wall clock is turned into instants.

What the local clock shows at an instant decides. Time is cut into stretches in which a zone's offset from UTC does
not change; inside one, local time is UTC plus a constant. So 02:30 never happens in a gap, and happens twice in a fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache

from whenever import Instant, PlainDateTime, ZonedDateTime, available_timezones

from parley.core.limits import DAY
from parley.core.periods import Period

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
WIDEST_OFFSET = DAY  # no zone is further from UTC than this


@cache
def names() -> frozenset[str]:
    """Every zone of the IANA database that this installation knows."""
    return frozenset(name for name in available_timezones() if name not in {"Factory", "localtime"})


def is_known(tzid: str) -> bool:
    """Whether the text is exactly the name of a known zone."""
    return tzid in names()


def local(tzid: str, instant: int) -> ZonedDateTime:
    """What the zone's calendar and clock show at the instant."""
    return Instant.from_timestamp(instant).to_tz(tzid)


def offset(tzid: str, instant: int) -> int:
    """Seconds that the zone's clock is ahead of UTC at the instant."""
    return int(local(tzid, instant).offset.total("seconds"))


def is_summer(tzid: str, instant: int) -> bool:
    """Whether the zone's clock is put forward at the instant."""
    return bool(local(tzid, instant).dst_offset())


def instant(tzid: str, shown: datetime) -> int:
    """When the zone's clock shows this: the first time in an hour that repeats, as if unchanged in one that is skipped.

    That is how RFC 5545 3.3.5 reads local times.
    """
    return PlainDateTime(shown).assume_tz(tzid, disambiguation="compatible").timestamp()


def stretches(tzid: str, window: Period) -> Iterator[tuple[Period, int]]:
    """The window cut where the zone's offset changes, each part with its offset in seconds."""
    start = window.start
    while start < window.end:
        at = local(tzid, start)
        following = at.next_transition()
        end = window.end if following is None else min(window.end, following.timestamp())
        yield Period(start, end), int(at.offset.total("seconds"))
        start = end


def midnight(day: date) -> int:
    """The seconds since 1970 at which a clock without offset begins the day."""
    return (day.toordinal() - EPOCH_ORDINAL) * DAY


def local_days(tzid: str, first: date, end: date) -> Period:
    """The time in which the zone's calendar shows a day from `first` up to, not including, `end`.

    Where a change of the clock at midnight lets a day begin twice, the time between is part of it; a day that the zone
    skipped altogether, as Samoa did with 30 December 2011, takes no time.
    """
    starts = [
        max(stretch.start, midnight(first) - ahead)
        for stretch, ahead in stretches(tzid, _around(first))
        if midnight(first) - ahead < stretch.end
    ]
    ends = [
        min(stretch.end, midnight(end) - ahead)
        for stretch, ahead in stretches(tzid, _around(end))
        if midnight(end) - ahead > stretch.start
    ]
    return Period(min(starts), max(ends))


def _around(day: date) -> Period:
    """A window in which the day begins, whatever the zone."""
    return Period(midnight(day) - WIDEST_OFFSET, midnight(day) + WIDEST_OFFSET)
