"""Events of a calendar as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from parley.core import limits, zones
from parley.core.conversation import Location
from parley.core.event import OPAQUE, TRANSPARENT, Attendee, Entry, Event, EventChange, external_uid
from parley.core.periods import Period
from parley.wire import writing
from parley.wire.reading import FORMAT, Fields, read_date, read_time
from parley.wire.writing import present, time_text

DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,10})?", re.ASCII)
EXTENDED = (OPAQUE, TRANSPARENT, "tentative", "out_of_office", "working_elsewhere")
NOT_BUSY = (TRANSPARENT, "working_elsewhere")


def read_location(fields: Fields) -> Location | None:
    """The `location` of an event or of a conversation's event."""
    if fields.get("location") is None:
        return None
    place = fields.object("location")
    found = Location(
        place.text("description", limits.LOCATION_LENGTH),
        _degrees(place, "lat", 90),
        _degrees(place, "long", 180),
    )
    return None if found == Location() else found


def _degrees(fields: Fields, name: str, most: int) -> str | None:
    value = fields.text(name, 20)
    if value is not None and (not DEGREES.fullmatch(value) or abs(float(value)) > most):
        return fields.fault(name, FORMAT, "must be a string of decimal degrees")
    return value


def read_event(values: Mapping[str, Any]) -> EventChange:
    """What a request says of an event (docs/wire.md 5.2), or every complaint as Invalid."""
    fields = Fields(values)
    start, start_tzid = fields.moment("start")
    end, end_tzid = fields.moment("end")
    attendees = fields.object("attendees")
    change = EventChange(
        event_id=fields.required_text("event_id", limits.KEY_LENGTH),
        summary=fields.required_text("summary", limits.SUMMARY_LENGTH),
        start=_checked_start(fields, start, end),
        end=end if end is not None else 0,
        fields=_optional(fields, start_tzid, end_tzid),
        invited=_attendees(attendees, "invite"),
        removed=_removed(attendees),
    )
    fields.finish()
    return change


def _checked_start(fields: Fields, start: int | date | None, end: int | date | None) -> int | date:
    if start is None or end is None:
        return 0
    if isinstance(start, date) != isinstance(end, date):
        fields.fault("end", "errors.invalid_time_pair", "start and end must both be times or both be dates")
    elif start >= end:  # type: ignore[operator]  # both are of one kind here
        fields.fault("end", "errors.invalid_time_pair", "must be after start")
    return start


def _optional(fields: Fields, start_tzid: str | None, end_tzid: str | None) -> dict[str, Any]:
    """The optional fields that the request names; those named without a value are cleared."""
    zone = fields.zone("tzid")
    transparency, extended = _transparency(fields)
    read: dict[str, Any] = {
        "description": fields.text("description", limits.DESCRIPTION_LENGTH),
        "location": read_location(fields),
        "url": fields.url("url"),
        "color": fields.text("color", limits.KEY_LENGTH),
        "event_private": fields.flag("event_private"),
        "reminders": tuple(_minutes(one) for one in fields.objects("reminders", limits.REMINDERS, least=0)),
    }
    named = {name: value for name, value in read.items() if fields.has(name)}
    if start_tzid or end_tzid or fields.has("tzid"):
        named |= {"tzid": start_tzid or zone, "end_tzid": end_tzid or start_tzid or zone}
    if fields.has("transparency") or fields.has("extended_transparency"):
        named |= {"transparency": transparency, "extended_transparency": extended}
    return named


def _minutes(fields: Fields) -> int:
    if fields.get("minutes") is None:
        fields.required("minutes")
    return fields.integer("minutes") or 0


def _transparency(fields: Fields) -> tuple[str | None, str | None]:
    plain = fields.choice("transparency", (OPAQUE, TRANSPARENT))
    extended = fields.choice("extended_transparency", EXTENDED)
    if plain is None and extended is not None:
        plain = TRANSPARENT if extended in NOT_BUSY else OPAQUE
    return plain, extended


def _attendees(fields: Fields, name: str) -> tuple[Attendee, ...]:
    people = fields.objects(name, limits.ATTENDEES, least=0)
    return tuple(Attendee(one.email("email"), one.text("display_name", limits.NAME_LENGTH)) for one in people)


def _removed(fields: Fields) -> frozenset[str]:
    name = "remove" if fields.get("remove") is not None else "reject"
    return frozenset((one.email or "").lower() for one in _attendees(fields, name)) - {""}


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are read: from one instant up to another, either unbound where None, and whether own ones too."""

    start: int | None
    end: int | None
    managed: bool


def read_query(query: Mapping[str, str]) -> EventQuery:
    """The parameters of reading events (docs/wire.md 5.3), or every complaint as Invalid."""
    fields = Fields(query)
    tzid = fields.required_zone("tzid")
    found = EventQuery(
        start=read_bound(fields, "from", tzid),
        end=read_bound(fields, "to", tzid),
        managed=(query.get("include_managed") or "").lower() in ("true", "1"),
    )
    fields.finish()
    return found


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


def window(query: EventQuery, now: int) -> tuple[Period, Period]:
    """The time that others' events must overlap, and the wider one of the application's own."""
    start = query.start if query.start is not None else now - limits.READ_BACK
    end = query.end if query.end is not None else now + limits.HORIZON
    forever = 2**62
    own = Period(query.start if query.start is not None else -forever, query.end if query.end is not None else forever)
    return Period(start, end), own


def write_event(entry: Entry, application: str) -> dict[str, Any]:
    """An event as the application sees it (docs/wire.md 5.3)."""
    event = entry.event
    own = entry.application == application
    start, end = _times(event)
    return present(
        calendar_id=entry.calendar_id,
        event_uid=event.uid if own else external_uid(entry.calendar_id, event.uid),
        event_id=event.event_id if own else None,
        summary=event.summary,
        description=event.description or "",
        start=start,
        end=end,
        deleted=False,
        created=time_text(entry.created_at),
        updated=time_text(entry.updated_at),
        location=writing.location(event.location) if event.location else None,
        url=event.url,
        participation_status="accepted",
        attendees=[_write_attendee(one) for one in event.attendees],
        organizer=_write_organizer(event.organizer),
        transparency=event.transparency,
        extended_transparency=event.extended_transparency,
        status="confirmed",
        categories=[],
        recurring=False,
        event_private=event.event_private,
        color=event.color,
        reminders=[{"minutes": one} for one in event.reminders] or None,
        options={"delete": own, "update": own, "change_participation_status": False},
    )


def _times(event: Event) -> tuple[str, str]:
    if event.days:
        return event.days[0].isoformat(), event.days[1].isoformat()
    return time_text(event.period.start), time_text(event.period.end)


def _write_attendee(person: Attendee) -> dict[str, str]:
    return present(email=person.email, display_name=person.display_name, status=person.status)


def _write_organizer(person: Attendee | None) -> dict[str, str] | None:
    return present(email=person.email, display_name=person.display_name) if person else None
