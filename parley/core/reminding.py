"""When somebody who has not answered is reminded: in the hours in which they work."""

from __future__ import annotations

from collections.abc import Iterable

from parley.core.hours import DAYS, AvailabilityRule, WeeklyPeriod, unrolled
from parley.core.limits import DAY
from parley.core.periods import Period, merged

LOOKED_AHEAD = 15 * DAY  # whoever works less often is reminded at any time
OFFICE_DAYS = DAYS[:5]
OFFICE_HOURS = (9 * 60, 17 * 60)


def office_hours(tzid: str) -> AvailabilityRule:
    """Monday to Friday, nine to five: the hours of those of whom nothing else is known."""
    return AvailabilityRule("office", tzid, tuple(WeeklyPeriod(day, *OFFICE_HOURS) for day in OFFICE_DAYS))


def moment(earliest: int, rules: Iterable[AvailabilityRule]) -> int:
    """The first instant from `earliest` on that lies in the hours of one of the rules."""
    window = Period(earliest, earliest + LOOKED_AHEAD)
    hours = merged([one for rule in rules for one in unrolled(rule, window)])
    return hours[0].start if hours else earliest
