"""Events and free-busy as described for machines."""

from __future__ import annotations

from typing import Any

from parley.api.openapi.shapes import (
    ACCEPTED,
    BOOLEAN,
    CALENDAR,
    CALENDARS,
    FORMAT,
    LATER_PAGE,
    LONG,
    MANY,
    ONE_PAGE,
    PAGE_TOKEN,
    PAIR,
    RANGE,
    REQUIRED,
    TZID,
    UNKNOWN,
    ZONE,
    Answer,
    Body,
    Operation,
    Operations,
    Schema,
    array,
    either,
    flag,
    integer,
    one_of,
    paged,
    record,
    ref,
    text,
)
from parley.core import limits
from parley.core.event import ANSWERS, OPAQUE, TRANSPARENT
from parley.core.limits import DAY
from parley.wire.events import DEGREES, EXTENDED

SUBJECT = "Events"
IN_CALENDAR = "/v1/calendars/{id}/events"
UID = "c0e5b7a9d1f34826b7a0c9e2@parley"

EVENT_TIME = either(ref("Time"), ref("Date"), ref("LocalTime"))
CALENDAR_IDS = array(
    text(longest=limits.KEY_LENGTH), "Only these calendars of the account.", least=1, most=limits.CALENDAR_IDS
)
PERSON: dict[str, Schema] = {"email": text(), "display_name": text()}
PEOPLE = array(ref("NewAttendee"), most=limits.ATTENDEES)

SCHEMAS: dict[str, Schema] = {
    "GivenLocation": record(
        {},
        {
            "description": text(longest=limits.LOCATION_LENGTH),
            "lat": text("Decimal degrees, as text.", pattern=DEGREES.pattern, example="41.88"),
            "long": text("Decimal degrees, as text.", pattern=DEGREES.pattern, example="-87.63"),
        },
    ),
    "Location": record({}, {"description": text(), "lat": text(), "long": text()}),
    "LocalTime": record({"time": text(example="2031-05-06T09:00:00-05:00"), "tzid": text()}),
    "NewAttendee": record(
        {},
        {
            "email": text(longest=limits.EMAIL_LENGTH) | {"format": "email"},
            "display_name": text(longest=limits.NAME_LENGTH),
        },
    ),
    "NewEvent": record(
        {
            "event_id": text(
                "The application's own id: the first call creates the event, later ones update it.",
                longest=limits.KEY_LENGTH,
            ),
            "summary": text(longest=limits.SUMMARY_LENGTH),
            "start": ref("GivenMoment"),
            "end": ref(
                "GivenMoment", "After start, and of its kind: both times, or both days (of which it is not one)."
            ),
        },
        {
            "tzid": TZID,
            "description": text(longest=limits.DESCRIPTION_LENGTH),
            "location": ref("GivenLocation"),
            "url": text("Absolute, http or https.", longest=limits.URL_LENGTH) | {"format": "uri"},
            "transparency": one_of((OPAQUE, TRANSPARENT), "A transparent event does not block time.", OPAQUE),
            "extended_transparency": one_of(EXTENDED),
            "attendees": record({}, {"invite": PEOPLE, "remove": PEOPLE}, "Kept with the event; nobody is mailed."),
            "reminders": array(record({"minutes": integer("Before the start.", 0)}), most=limits.REMINDERS),
            "event_private": flag(),
            "color": text(longest=limits.KEY_LENGTH),
        },
        "An update leaves fields that it does not name as they are; `null` clears one.",
    ),
    "Event": record(
        {
            "calendar_id": text(),
            "event_uid": text(example=UID),
            "summary": text(),
            "description": text(),
            "start": EVENT_TIME,
            "end": EVENT_TIME,
            "deleted": flag(),
            "created": ref("Time"),
            "updated": ref("Time"),
            "participation_status": one_of(ANSWERS),
            "attendees": array(record({"status": one_of(("needs_action", *ANSWERS))}, PERSON)),
            "transparency": one_of((OPAQUE, TRANSPARENT)),
            "status": one_of(("confirmed", "cancelled")),
            "categories": array(text()),
            "recurring": flag(),
            "event_private": flag(),
            "options": record({"delete": flag(), "update": flag(), "change_participation_status": flag()}),
        },
        {
            "event_id": text("Of the application's own events."),
            "location": ref("Location"),
            "url": text(),
            "organizer": record({}, PERSON),
            "extended_transparency": one_of(EXTENDED),
            "color": text(),
            "reminders": array(record({"minutes": integer(least=0)}), least=1),
        },
    ),
    "FreeBusy": record(
        {
            "calendar_id": text(),
            "start": EVENT_TIME,
            "end": EVENT_TIME,
            "free_busy_status": one_of(("busy", "tentative", "free", "unknown")),
        },
        {"event_uid": text(), "event_id": text(), "deleted": {"const": True}},
    ),
    "EventDeletion": record({"event_id": text(longest=limits.KEY_LENGTH)}),
    "EventsDeletion": record({}, {"delete_all": flag(), "calendar_ids": CALENDAR_IDS}),
    "Participation": record({"status": one_of(ANSWERS)}),
}

BOUND = either(ref("TimeText"), ref("Date"))
QUERY: dict[str, Schema] = {
    "tzid": TZID,
    "from": BOUND | {"description": f"By default {limits.READ_BACK // DAY} days ago, for events of others."},
    "to": BOUND | {"description": f"Not included. By default in {limits.HORIZON // DAY} days, for events of others."},
    "include_managed": flag("Give the application's own events too.") | {"examples": [True]},
    "include_deleted": flag(f"Give deleted events too, for {limits.DELETED_KEPT // DAY} days."),
    "last_modified": BOUND | {"description": "Only what was written, answered or deleted since."},
    "calendar_ids[]": CALENDAR_IDS,
    "localized_times": flag('Give times as `{"time", "tzid"}`, on the clock of the event\'s zone.'),
}
EVENTS_QUERY: dict[str, Schema] = {
    **QUERY,
    "only_managed": flag("Give the application's own events and no others."),
    "include_geo": flag("Give `lat` and `long` of locations too."),
    "include_moved": flag("Changes nothing: an event is found where it stands."),
}
FREE_BUSY_QUERY: dict[str, Schema] = {
    **QUERY,
    "include_free": flag("Give free time that stands in a calendar too."),
    "include_ids": flag("Give `event_uid`, and `event_id` of own events."),
}
QUERY_FAULTS = (REQUIRED, FORMAT, LONG, MANY, BOOLEAN, ZONE, CALENDARS)

EVENT: dict[str, Any] = {
    "event_id": "dentist-42",
    "summary": "Dentist",
    "start": "2031-05-06T14:00:00Z",
    "end": "2031-05-06T15:30:00Z",
    "tzid": "America/Chicago",
    "location": {"description": "12 Mill Lane"},
}
TOLD_EVENT = {
    "calendar_id": CALENDAR,
    "event_uid": UID,
    **{name: EVENT[name] for name in ("event_id", "summary", "start", "end", "location")},
    "description": "",
    "deleted": False,
    "created": "2031-05-04T12:00:00Z",
    "updated": "2031-05-04T12:00:00Z",
    "participation_status": "accepted",
    "attendees": [],
    "transparency": "opaque",
    "status": "confirmed",
    "categories": [],
    "recurring": False,
    "event_private": False,
    "options": {"delete": True, "update": True, "change_participation_status": True},
}
BUSY = {"calendar_id": CALENDAR, "start": EVENT["start"], "end": EVENT["end"], "free_busy_status": "busy"}
IN_PATH: dict[str, Schema] = {"id": text("The calendar's id.", example=CALENDAR)}
EVENTS, FREE_BUSY = paged("events", ref("Event")), paged("free_busy", ref("FreeBusy"))

OPERATIONS: Operations = {
    ("POST", IN_CALENDAR): Operation(
        SUBJECT,
        "Write an event",
        ACCEPTED,
        "An event of somebody else, named by `event_uid` alone, is a 403.",
        IN_PATH,
        body=Body(ref("NewEvent"), EVENT),
        faults=(REQUIRED, FORMAT, LONG, MANY, RANGE, BOOLEAN, ZONE, PAIR, UNKNOWN),
    ),
    ("DELETE", IN_CALENDAR): Operation(
        SUBJECT,
        "Delete an event",
        ACCEPTED,
        "An event that is not there is a success too. One that is named by `event_uid` alone is a 403.",
        IN_PATH,
        body=Body(ref("EventDeletion"), {"event_id": "dentist-42"}),
        faults=(REQUIRED, FORMAT, LONG),
    ),
    ("POST", IN_CALENDAR + "/{event_uid}/participation_status"): Operation(
        SUBJECT,
        "Say whether the calendar's owner takes part",
        ACCEPTED,
        "A declined event does not block time.",
        {**IN_PATH, "event_uid": text("The event's UID, as this application reads it.", example=UID)},
        body=Body(ref("Participation"), {"status": "tentative"}),
        faults=(REQUIRED, FORMAT, UNKNOWN),
    ),
    ("GET", "/v1/events"): Operation(
        SUBJECT,
        "Read events",
        {200: Answer("By start.", EVENTS, {"pages": ONE_PAGE, "events": [TOLD_EVENT]})},
        "Those that overlap the time from `from` to `to`.",
        EVENTS_QUERY,
        needed=frozenset({"tzid"}),
        faults=QUERY_FAULTS,
    ),
    ("GET", "/v1/events/pages/{token}"): Operation(
        SUBJECT,
        "The next page of events",
        {200: Answer("A page.", EVENTS, {"pages": LATER_PAGE, "events": [TOLD_EVENT]})},
        parameters={"token": PAGE_TOKEN},
    ),
    ("DELETE", "/v1/events"): Operation(
        SUBJECT,
        "Delete many of the application's own events",
        ACCEPTED,
        "All of them, or those of some calendars. What is to be deleted may stand in the body or in the query; the body"
        " counts first.",
        {"delete_all": flag(), "calendar_ids[]": CALENDAR_IDS},
        body=Body(ref("EventsDeletion"), {"calendar_ids": [CALENDAR]}, required=False),
        faults=(REQUIRED, FORMAT, LONG, MANY, BOOLEAN, CALENDARS),
    ),
    ("GET", "/v1/free_busy"): Operation(
        SUBJECT,
        "Read what events say about time, and nothing else of them",
        {200: Answer("By start; entries may overlap.", FREE_BUSY, {"pages": ONE_PAGE, "free_busy": [BUSY]})},
        parameters=FREE_BUSY_QUERY,
        needed=frozenset({"tzid"}),
        faults=QUERY_FAULTS,
    ),
    ("GET", "/v1/free_busy/pages/{token}"): Operation(
        SUBJECT,
        "The next page of free-busy",
        {200: Answer("A page.", FREE_BUSY, {"pages": LATER_PAGE, "free_busy": [BUSY]})},
        parameters={"token": PAGE_TOKEN},
    ),
}
