"""Smart Invites as described for machines."""

from __future__ import annotations

from parley.api.openapi.events import EVENT_TIME
from parley.api.openapi.shapes import (
    BOOLEAN,
    CALLBACK,
    FORMAT,
    LONG,
    MANY,
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
    record,
    ref,
    text,
)
from parley.core import limits
from parley.core.event import ANSWERS, OPAQUE, TRANSPARENT
from parley.core.smart_invite import PENDING, Method
from parley.wire.events import EXTENDED

SUBJECT, PATH = "Smart Invites", "/v1/smart_invites"

ID = text("The application's own id.", longest=limits.KEY_LENGTH, example="interview-17")
EMAIL = text(longest=limits.EMAIL_LENGTH) | {"format": "email"}
NEW_RECIPIENT = record({"email": EMAIL})
ORGANIZER: dict[str, Schema] = {"name": text(longest=limits.NAME_LENGTH), "email": EMAIL}
REMINDERS = array(record({"minutes": integer("Before the start.", 0)}), most=limits.REMINDERS)
URL = text("Absolute, http or https.", longest=limits.URL_LENGTH) | {"format": "uri"}
RECIPIENTS = array(NEW_RECIPIENT, "Instead of `recipient`: all in one calendar file.", least=1, most=limits.ATTENDEES)
WITH_EVENT: dict[str, Schema] = {
    "method": {"const": Method.REQUEST.value},
    "callback_url": text(
        "Told when a recipient answers; signed.", longest=limits.URL_LENGTH, example="https://app.example/answers"
    ),
    "organizer": record({}, ORGANIZER, "Answers go to the address of the organizer only where Parley reads no mail."),
}
CALLED_OFF = one_of((Method.CANCEL.value, Method.REMOVE.value))

SCHEMAS: dict[str, Schema] = {
    "InvitedEvent": record(
        {
            "summary": text(longest=limits.SUMMARY_LENGTH),
            "start": ref("GivenMoment"),
            "end": ref("GivenMoment", "After start, and of its kind."),
        },
        {
            "tzid": TZID,
            "description": text(longest=limits.DESCRIPTION_LENGTH),
            "location": ref("GivenLocation"),
            "url": URL,
            "transparency": one_of((OPAQUE, TRANSPARENT), default=OPAQUE),
            "extended_transparency": one_of(EXTENDED),
            "reminders": REMINDERS,
            "event_private": flag(),
            "color": text(longest=limits.KEY_LENGTH),
        },
    ),
    "NewSmartInvite": either(
        record({"smart_invite_id": ID, "recipient": NEW_RECIPIENT, "event": ref("InvitedEvent")}, WITH_EVENT),
        record({"smart_invite_id": ID, "recipients": RECIPIENTS, "event": ref("InvitedEvent")}, WITH_EVENT),
        record({"smart_invite_id": ID, "recipient": NEW_RECIPIENT, "method": CALLED_OFF}),
        record({"smart_invite_id": ID, "recipients": RECIPIENTS, "method": CALLED_OFF}),
    ),
    "Recipient": record(
        {"email": text(), "status": one_of((PENDING, *ANSWERS))},
        {
            "comment": text("What they wrote with their answer."),
            "proposal": record(
                {"start": ref("LocalTime"), "end": ref("LocalTime")}, description="Another time, or days, they propose."
            ),
        },
    ),
    "SmartInvite": record(
        {
            "method": one_of(one.value for one in Method),
            "smart_invite_id": text(),
            "event": record(
                {
                    "summary": text(),
                    "start": EVENT_TIME,
                    "end": EVENT_TIME,
                    "transparency": one_of((OPAQUE, TRANSPARENT)),
                },
                {
                    "description": text(),
                    "tzid": text(),
                    "location": ref("Location"),
                    "url": text(),
                    "reminders": array(record({"minutes": integer(least=0)}), least=1),
                    "event_private": flag(),
                    "color": text(),
                },
            ),
        },
        {
            "recipient": ref("Recipient"),
            "recipients": array(ref("Recipient"), "Where the request named `recipients`.", least=1),
            "replies": array(ref("Recipient"), "Of all recipients of this id those who have answered."),
            "callback_url": text(),
            "organizer": record({}, {"name": text(), "email": text()}),
            "attachments": record(
                {"icalendar": text("The calendar file to deliver to the recipients.")},
                {"removed": record({"email": text(), "icalendar": text()})},
            ),
        },
    ),
}

KARL = {"email": "karl@example.org"}
EVENT = {
    "summary": "Interview",
    "start": "2031-05-08T14:00:00Z",
    "end": "2031-05-08T15:00:00Z",
    "tzid": "America/Chicago",
}
TOLD = {
    "method": "request",
    "smart_invite_id": "interview-17",
    "recipient": {**KARL, "status": PENDING},
    "event": {**EVENT, "transparency": OPAQUE},
}

OPERATIONS: Operations = {
    ("POST", PATH): Operation(
        SUBJECT,
        "Invite, update, cancel, or remove a recipient",
        {
            200: Answer(
                "The invitation, with the calendar file to deliver.",
                ref("SmartInvite"),
                {**TOLD, "attachments": {"icalendar": "BEGIN:VCALENDAR…"}},
            )
        },
        "Makes a calendar file for the recipients; delivering it is the application's part. The same id invites further"
        " recipients, or those it has to what the event is now.",
        body=Body(ref("NewSmartInvite"), {"smart_invite_id": "interview-17", "recipient": KARL, "event": EVENT}),
        faults=(
            *(REQUIRED, FORMAT, LONG, MANY, RANGE, BOOLEAN, UNKNOWN, ZONE, PAIR, CALLBACK),
            *("errors.not_unique", "errors.not_supported"),
        ),
        missing=True,
    ),
    ("GET", PATH): Operation(
        SUBJECT,
        "How a recipient answers",
        {200: Answer("The invitation, and the answers.", ref("SmartInvite"), {**TOLD, "replies": []})},
        "A participant of a complete conversation who has an address and no account is a recipient too; the id is that"
        " of the conversation.",
        parameters={
            "smart_invite_id": ID,
            "recipient_email": text("A space counts as a plus.", longest=limits.EMAIL_LENGTH, example=KARL["email"]),
            "include_ics": flag("Whether to have the calendar file once more.", default=False),
        },
        needed=frozenset({"smart_invite_id", "recipient_email"}),
        faults=(REQUIRED, FORMAT, LONG, BOOLEAN),
        missing=True,
    ),
}
