"""Weekly hours of a zone, unrolled into periods inside a window."""

from __future__ import annotations

from dataclasses import dataclass

from parley.core.limits import DAY, MINUTE
from parley.core.periods import Period, clipped, merged
from parley.core.zones import stretches

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIRST_DAY = DAYS.index("thursday")  # 1 January 1970


@dataclass(frozen=True, slots=True)
class WeeklyPeriod:
    """Part of a weekday, half-open, in minutes of its local clock; `end` is at most 1440."""

    day: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AvailabilityRule:
    """When an account is open in every week, and which of its calendars count as busy (all, if none is named)."""

    id: str
    tzid: str
    weekly_periods: tuple[WeeklyPeriod, ...]
    calendar_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AvailablePeriod:
    """A stretch of time in which the account is open, under the application's own id."""

    id: str
    period: Period


def unrolled(rule: AvailabilityRule, window: Period) -> list[Period]:
    """The rule's open time inside the window, merged."""
    weekly: dict[str, list[WeeklyPeriod]] = {}
    for one in rule.weekly_periods:
        weekly.setdefault(one.day, []).append(one)
    found: list[Period] = []
    for stretch, ahead in stretches(rule.tzid, window):
        for day in range((stretch.start + ahead) // DAY, (stretch.end + ahead - 1) // DAY + 1):
            midnight = day * DAY - ahead
            on_day = weekly.get(DAYS[(day + FIRST_DAY) % 7], ())
            found.extend(
                clipped([Period(midnight + one.start * MINUTE, midnight + one.end * MINUTE) for one in on_day], stretch)
            )
    return merged(found)
