"""What may be asked when events or free-busy are read; it travels in the address of a next page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from parley.core import limits, zones
from parley.core.event import Search
from parley.core.periods import EVER, FOREVER, NEVER, Period
from parley.wire.reading import FORMAT, Fields, read_date, read_time


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are read, and how they are told: times with their zone, places with coordinates, with ids."""

    search: Search
    localized: bool = False
    geo: bool = False
    ids: bool = False


def read_events_query(query: Mapping[str, Any], calendar_ids: Collection[str], now: int) -> EventQuery:
    """The parameters of reading events (docs/wire.md 5.3), or every complaint as Invalid."""
    fields = Fields(query)
    own_only = fields.flag("only_managed")
    found = EventQuery(
        _read_search(fields, calendar_ids, now, others=not own_only, own=fields.flag("include_managed") or own_only),
        localized=fields.flag("localized_times"),
        geo=fields.flag("include_geo"),
    )
    fields.flag("include_moved")  # an event stands where it was moved to
    fields.finish()
    return found


def read_free_busy_query(query: Mapping[str, Any], calendar_ids: Collection[str], now: int) -> EventQuery:
    """The parameters of reading free-busy (docs/wire.md 5.6), or every complaint as Invalid."""
    fields = Fields(query)
    own, free = fields.flag("include_managed"), fields.flag("include_free")
    found = EventQuery(
        _read_search(fields, calendar_ids, now, others=True, own=own, free=free),
        localized=fields.flag("localized_times"),
        ids=fields.flag("include_ids"),
    )
    fields.finish()
    return found


def _read_search(
    fields: Fields, calendar_ids: Collection[str], now: int, *, others: bool, own: bool, free: bool = True
) -> Search:
    """Others' events are bound in time by default, the application's own are not."""
    tzid = fields.required_zone("tzid")
    start, end = read_bound(fields, "from", tzid), read_bound(fields, "to", tzid)
    since = read_bound(fields, "last_modified", tzid)
    window = Period(now - limits.READ_BACK if start is None else start, now + limits.HORIZON if end is None else end)
    own_window = Period(EVER.start if start is None else start, EVER.end if end is None else end)
    return Search(
        window=window if others else NEVER,
        own_window=own_window if own else NEVER,
        deleted=fields.flag("include_deleted"),
        free=free,
        modified_since=-FOREVER if since is None else since,
        calendar_ids=read_calendar_ids(fields, calendar_ids),
    )


def read_calendar_ids(fields: Fields, known: Collection[str]) -> tuple[str, ...]:
    """Some of the account's calendars, or none named."""
    if fields.get("calendar_ids") is None:
        return ()
    ids = fields.texts("calendar_ids", limits.CALENDAR_IDS, limits.KEY_LENGTH)
    if any(one and one not in known for one in ids):
        fields.fault("calendar_ids", "errors.invalid_calendar_ids", "must be calendars of the account")
    return tuple(ids)


def read_bound(fields: Fields, name: str, tzid: str) -> int | None:
    """A Time, or a Date whose first instant in the zone is meant."""
    value = fields.text(name, 40)
    if value is None:
        return None
    day = read_date(value)
    if day is not None:
        return zones.local_days(tzid, day, date.fromordinal(day.toordinal() + 1)).start
    instant = read_time(value)
    if instant is None:
        return fields.fault(name, FORMAT, "must be an ISO 8601 date, or a time with an offset")
    return instant


def as_text(query: EventQuery) -> str:
    """The query as one text."""
    return msgspec.json.encode(query).decode()


def from_text(text: str) -> EventQuery:
    """The query of a text that `as_text` gave."""
    return msgspec.json.decode(text, type=EventQuery)
