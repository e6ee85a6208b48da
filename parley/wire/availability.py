"""Availability Rules and Available Periods as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from parley.core import limits
from parley.core.hours import DAYS, AvailabilityRule, AvailablePeriod, WeeklyPeriod
from parley.core.periods import EVER, Period
from parley.wire.event_query import read_bound, read_calendar_ids
from parley.wire.reading import FORMAT, RANGE, Fields
from parley.wire.writing import present, time_text

CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)


def read_rule(values: Mapping[str, Any], calendar_ids: Iterable[str]) -> AvailabilityRule:
    """An Availability Rule (docs/wire.md 6.1) on these calendars of the account, or every complaint as Invalid."""
    fields = Fields(values)
    rule = AvailabilityRule(
        id=fields.required_text("availability_rule_id", limits.ID_LENGTH, ascii_only=True),
        tzid=fields.required_zone("tzid"),
        weekly_periods=tuple(_read_weekly(one) for one in fields.objects("weekly_periods", limits.WEEKLY_PERIODS)),
        calendar_ids=read_calendar_ids(fields, set(calendar_ids)),
    )
    fields.finish()
    return rule


def _read_weekly(fields: Fields) -> WeeklyPeriod:
    fields.need("day")
    day = fields.choice("day", DAYS)
    start, end = _read_clock(fields, "start_time"), _read_clock(fields, "end_time")
    if start is not None and end is not None and end <= start:
        fields.fault("end_time", "errors.invalid_time_pair", "must be after start_time")
    return WeeklyPeriod(day or "", start or 0, end or 0)


def _read_clock(fields: Fields, name: str) -> int | None:
    fields.need(name)
    text = fields.text(name, 5)
    if text is None:
        return None
    if not CLOCK.fullmatch(text) or (text == "24:00" and name == "start_time"):
        return fields.fault(name, FORMAT, "must be a time of day, HH:MM")
    return int(text[:2]) * 60 + int(text[3:])


def write_rule(rule: AvailabilityRule) -> dict[str, Any]:
    """A rule as it was stored."""
    weekly = [
        {"day": one.day, "start_time": _clock(one.start), "end_time": _clock(one.end)} for one in rule.weekly_periods
    ]
    return present(
        availability_rule_id=rule.id,
        tzid=rule.tzid,
        calendar_ids=rule.calendar_ids or None,
        weekly_periods=weekly,
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def read_period(values: Mapping[str, Any]) -> AvailablePeriod:
    """An Available Period (docs/wire.md 6.2), or every complaint as Invalid."""
    fields = Fields(values)
    fields.zone("tzid")
    start, end = fields.instant("start"), fields.instant("end")
    if start is not None and end is not None:
        if end < start + limits.SHORTEST_PERIOD:
            fields.fault("end", "errors.invalid_time_pair", "must be at least 1 minute after start")
        elif end > start + limits.LONGEST_AVAILABLE_PERIOD:
            days = limits.LONGEST_AVAILABLE_PERIOD // limits.DAY
            fields.fault("end", RANGE, f"must be within {days} days of start")
    identifier = fields.required_text("available_period_id", limits.ID_LENGTH, ascii_only=True)
    fields.finish()
    return AvailablePeriod(identifier, Period(start or 0, end or 0))


def read_period_deletion(values: Mapping[str, Any]) -> str | None:
    """The id of the period to delete, None for all of them; every complaint as Invalid."""
    fields = Fields(values)
    everything = fields.flag("delete_all")
    identifier = fields.text("available_period_id", limits.ID_LENGTH)
    if not everything:
        fields.need("available_period_id")
    fields.finish()
    return None if everything else identifier


def read_query(query: Mapping[str, Any]) -> Period:
    """The time that listed periods must overlap; every complaint as Invalid."""
    fields = Fields(query)
    bounded = fields.get("from") is not None or fields.get("to") is not None
    tzid = fields.required_zone("tzid") if bounded else fields.zone("tzid") or "Etc/UTC"
    start, end = read_bound(fields, "from", tzid), read_bound(fields, "to", tzid)
    fields.finish()
    return Period(EVER.start if start is None else start, EVER.end if end is None else end)


def write_period(period: AvailablePeriod) -> dict[str, str]:
    """A stored period."""
    return {
        "available_period_id": period.id,
        "start": time_text(period.period.start),
        "end": time_text(period.period.end),
    }
