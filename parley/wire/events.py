"""Events of a calendar as JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from parley.core import limits
from parley.core.conversation import Location
from parley.core.event import ANSWERS, OPAQUE, TRANSPARENT, Attendee, Entry, Event, EventChange, external_uid
from parley.wire import writing
from parley.wire.event_query import EventQuery, read_calendar_ids
from parley.wire.reading import FORMAT, RANGE, Fields
from parley.wire.writing import local_text, present, time_text

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
    attendees = fields.object("attendees")
    change = replace(
        read_change(fields, fields.required_text("event_id", limits.KEY_LENGTH)),
        invited=_attendees(attendees, "invite"),
        removed=_removed(attendees),
    )
    fields.finish()
    return change


def read_change(fields: Fields, event_id: str) -> EventChange:
    """What is said of an event, whoever is invited to it."""
    start, start_tzid = fields.moment("start")
    end, end_tzid = fields.moment("end")
    return EventChange(
        event_id=event_id,
        summary=fields.required_text("summary", limits.SUMMARY_LENGTH),
        start=_checked_start(fields, start, end),
        end=end if end is not None else 0,
        fields=_optional(fields, start_tzid, end_tzid),
    )


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
    fields.need("minutes")
    minutes = fields.integer("minutes") or 0
    if minutes < 0:
        fields.fault("minutes", RANGE, "must not be negative")
    return minutes


def _transparency(fields: Fields) -> tuple[str | None, str | None]:
    plain = fields.choice("transparency", (OPAQUE, TRANSPARENT))
    extended = fields.choice("extended_transparency", EXTENDED)
    if plain is None and extended is not None:
        plain = TRANSPARENT if extended in NOT_BUSY else OPAQUE
    return plain, extended


def _attendees(fields: Fields, name: str) -> tuple[Attendee, ...]:
    return tuple(_attendee(one) for one in fields.objects(name, limits.ATTENDEES, least=0))


def _attendee(fields: Fields) -> Attendee:
    fields.need("email")
    return Attendee(fields.email("email"), fields.text("display_name", limits.NAME_LENGTH))


def _removed(fields: Fields) -> frozenset[str]:
    name = "remove" if fields.get("remove") is not None else "reject"
    return frozenset((one.email or "").lower() for one in _attendees(fields, name)) - {""}


DELETION = {"delete_all", "calendar_ids"}


def read_deletion(values: Mapping[str, Any], known: Collection[str]) -> tuple[str, ...] | None:
    """The calendars whose events are to be deleted, None for all of them (docs/wire.md 5.9); raises Invalid."""
    fields = Fields(values)
    everything, ids = fields.flag("delete_all"), read_calendar_ids(fields, known)
    if not everything and not ids and not fields.faults:
        fields.required("delete_all")
    fields.finish()
    return None if everything and not ids else ids


def read_answer(values: Mapping[str, Any]) -> str:
    """Whether the owner of a calendar takes part (docs/wire.md 5.7), or every complaint as Invalid."""
    fields = Fields(values)
    fields.need("status")
    status = fields.choice("status", ANSWERS)
    fields.finish()
    return status or ""


def write_event(entry: Entry, application: str, query: EventQuery) -> dict[str, Any]:
    """An event as the application sees it (docs/wire.md 5.3)."""
    event = entry.event
    own, is_there = entry.application == application, entry.deleted_at is None
    start, end = _times(event, query)
    return present(
        calendar_id=entry.calendar_id,
        **_ids(entry, application),
        summary=event.summary,
        description=event.description or "",
        start=start,
        end=end,
        deleted=not is_there,
        created=time_text(entry.created_at),
        updated=time_text(entry.updated_at),
        location=_location(event.location, query),
        url=event.url,
        participation_status=event.participation,
        attendees=[_write_attendee(one) for one in event.attendees],
        organizer=_write_organizer(event.organizer),
        transparency=event.transparency,
        extended_transparency=event.extended_transparency,
        status="confirmed" if is_there else "cancelled",
        categories=[],
        recurring=False,
        event_private=event.event_private,
        color=event.color,
        reminders=[{"minutes": one} for one in event.reminders] or None,
        options={"delete": own and is_there, "update": own and is_there, "change_participation_status": is_there},
    )


def write_free_busy(entry: Entry, application: str, query: EventQuery) -> dict[str, Any]:
    """What an event says about its time (docs/wire.md 5.6)."""
    start, end = _times(entry.event, query)
    return present(
        calendar_id=entry.calendar_id,
        **(_ids(entry, application) if query.ids else {}),
        start=start,
        end=end,
        free_busy_status=entry.event.free_busy_status if entry.deleted_at is None else "free",
        deleted=None if entry.deleted_at is None else True,
    )


def _ids(entry: Entry, application: str) -> dict[str, str]:
    if entry.application == application:
        return {"event_uid": entry.event.uid, "event_id": entry.event.event_id}
    return {"event_uid": external_uid(entry.calendar_id, entry.event.uid)}


def _times(event: Event, query: EventQuery) -> tuple[Any, Any]:
    zone = event.tzid or "Etc/UTC"
    end_zone = event.end_tzid or zone
    if event.days:
        start, end = event.days[0].isoformat(), event.days[1].isoformat()
    elif query.localized:
        start, end = local_text(event.period.start, zone), local_text(event.period.end, end_zone)
    else:
        start, end = time_text(event.period.start), time_text(event.period.end)
    if query.localized:
        return {"time": start, "tzid": zone}, {"time": end, "tzid": end_zone}
    return start, end


def _location(place: Location | None, query: EventQuery) -> dict[str, str] | None:
    if place is None:
        return None
    return writing.location(place if query.geo else Location(place.description)) or None


def _write_attendee(person: Attendee) -> dict[str, str]:
    return present(email=person.email, display_name=person.display_name, status=person.status)


def _write_organizer(person: Attendee | None) -> dict[str, str] | None:
    return present(email=person.email, display_name=person.display_name) if person else None
