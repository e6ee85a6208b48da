"""The limits that somebody sets to a conversation service which acts for them, as time that it may not choose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from parley.core.hours import DAYS, AvailabilityRule, WeeklyPeriod, unrolled
from parley.core.limits import MINUTE
from parley.core.periods import Period, minus

HOURS_OF_A_DAY = 24


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """Between which hours of the local clock, how long from now, and how far from other meetings a slot must lie."""

    earliest_hour: int = 0
    latest_hour: int = HOURS_OF_A_DAY
    minimum_notice_minutes: int = 0
    pause_minutes: int = 0

    def around(self, window: Period) -> Period:
        """The window in which other meetings matter to slots inside this one."""
        return _widened(window, self.pause_minutes * MINUTE)

    def closed(self, tzid: str, window: Period, now: int, busy: Iterable[Period]) -> list[Period]:
        """The time of the window in which nothing may be chosen, in any order; `busy` is that of `around`."""
        notice = Period(window.start, now + self.minimum_notice_minutes * MINUTE)
        pauses = [_widened(one, self.pause_minutes * MINUTE) for one in busy]
        return [*minus([window], unrolled(self._daily(tzid), window)), notice, *pauses]

    def _daily(self, tzid: str) -> AvailabilityRule:
        start, end = (hour * 60 for hour in (self.earliest_hour, self.latest_hour))
        return AvailabilityRule("", tzid, tuple(WeeklyPeriod(day, start, end) for day in DAYS))


NAMES = tuple(one.name for one in fields(ServiceLimits))


def _widened(period: Period, seconds: int) -> Period:
    return Period(period.start - seconds, period.end + seconds)
