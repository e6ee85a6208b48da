"""An agreed meeting as iCalendar (RFC 5545), and an invitation to one (RFC 5546)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import icalendar

from parley.core import zones
from parley.core.conversation import Conversation, Location
from parley.core.event import Attendee, Event, conversation_uid
from parley.core.limits import DAY, MINUTE
from parley.core.periods import Period, merged
from parley.wire.writing import SHOWN_LOCALLY

REQUEST, CANCEL = "REQUEST", "CANCEL"
# RFC 5545 3.1: a tab is the only control character of a text; its line ends are written as `\n`.
FORBIDDEN = dict.fromkeys({*range(32), 127} - {ord(one) for one in "\t\r\n"})
# In a name also line ends (as spaces), marks that turn the direction of what follows, and the quotes around it.
NOT_IN_NAMES = (
    dict.fromkeys([*range(32), *range(127, 160), 0x2028, 0x2029], " ")
    | dict.fromkeys([0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
    | {ord('"'): "'"}
)
MAILBOX = "@!$'*+-._~"  # RFC 6068 2: what stands for itself in a mailto address
IN_UTC = ("UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A request to come to an event, or its cancellation; the people are the event's organizer and attendees.

    `stamp` is when it was written, `sequence` grows with each change of the event.
    """

    event: Event
    stamp: int
    sequence: int = 0
    method: str = REQUEST


def request(invitation: Invitation) -> bytes:
    """The invitation as an iTIP message: one VEVENT, its times on the clock of its zone, and what that zone is."""
    event, is_cancelled = invitation.event, invitation.method == CANCEL
    said = icalendar.Event()
    said.add("uid", event.uid)
    said.add("sequence", invitation.sequence)
    said.add("dtstamp", _utc(invitation.stamp))
    said.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    said.add("transp", event.transparency.upper())
    if event.event_private:
        said.add("class", "PRIVATE")
    zoned = _add_times(said, event)
    _add_words(said, event)
    _add_people(said, event, is_cancelled)
    for minutes in () if is_cancelled else event.reminders:
        said.add_component(_alarm(event, minutes))
    calendar = _calendar()
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", invitation.method)
    for tzid, instants in zoned.items():
        calendar.add_component(_zone(tzid, instants))
    calendar.add_component(said)
    return bytes(calendar.to_ical())


def _add_times(said: icalendar.Event, event: Event) -> dict[str, list[int]]:
    """Add start and end; the zones on whose clock they are told, and what is told there."""
    if event.days:
        for name, day in zip(("dtstart", "dtend"), event.days, strict=True):
            said.add(name, day)
        return {}
    tzid = event.tzid or "UTC"
    times = {"DTSTART": (event.period.start, tzid), "DTEND": (event.period.end, event.end_tzid or tzid)}
    for name, (instant, zone) in times.items():
        said.add(name, _local(instant, zone) if _is_told_locally(instant, zone) else _utc(instant))
    told: dict[str, list[int]] = {}
    for instant, zone in times.values():
        if _is_told_locally(instant, zone):
            told.setdefault(zone, []).append(instant)
    return told


def _is_told_locally(instant: int, tzid: str) -> bool:
    """Whether a clock of the zone tells this instant; the second one of an hour that repeats it cannot tell."""
    around = _around(instant)
    if tzid in IN_UTC or around.start not in SHOWN_LOCALLY or around.end not in SHOWN_LOCALLY:
        return False
    has_odd_offset = any(ahead % MINUTE for _, ahead in zones.stretches(tzid, around))
    return not has_odd_offset and zones.instant(tzid, _on_the_clock(instant, tzid)) == instant


def _around(instant: int) -> Period:
    """Time enough for readers that look for both a summer and a winter in the rules of a zone."""
    return Period(instant - 366 * DAY, instant + 366 * DAY)


def _on_the_clock(instant: int, tzid: str) -> datetime:
    return _clock(instant + zones.offset(tzid, instant))


def _clock(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _local(instant: int, tzid: str) -> icalendar.vDatetime:
    told = icalendar.vDatetime(_on_the_clock(instant, tzid))
    told.params["TZID"] = tzid
    return told


def _zone(tzid: str, instants: list[int]) -> icalendar.Timezone:
    """The zone for a year around each instant, one part for each time that its offset held."""
    described = icalendar.Timezone()
    described.add("tzid", tzid)
    for window in merged([_around(one) for one in instants]):
        before = zones.offset(tzid, window.start)
        for stretch, ahead in zones.stretches(tzid, window):
            described.add_component(_part(tzid, stretch.start, before, ahead))
            before = ahead
    return described


def _part(tzid: str, since: int, before: int, ahead: int) -> icalendar.Component:
    is_summer = zones.is_summer(tzid, since)
    part: icalendar.Component = icalendar.TimezoneDaylight() if is_summer else icalendar.TimezoneStandard()
    part.add("dtstart", _clock(since + before))  # RFC 5545 3.6.5: on the clock as it was before the change
    part.add("tzoffsetfrom", timedelta(seconds=before))
    part.add("tzoffsetto", timedelta(seconds=ahead))
    return part


def _add_words(said: icalendar.Event, event: Event) -> None:
    place = event.location or Location()
    words = {"summary": event.summary, "description": event.description, "location": place.description}
    for name, text in words.items():
        if text:
            said.add(name, _text(text))
    if place.lat is not None and place.long is not None:
        said.add("geo", (float(place.lat), float(place.long)))
    if event.url:
        said.add("url", _one_line(event.url))


def _add_people(said: icalendar.Event, event: Event, is_cancelled: bool) -> None:
    if event.organizer and event.organizer.email:
        said.add("organizer", _person(event.organizer))
    for one in (one for one in event.attendees if one.email):
        told = _person(one)
        told.params["CUTYPE"] = "INDIVIDUAL"
        told.params["ROLE"] = "REQ-PARTICIPANT"
        if not is_cancelled:
            told.params["PARTSTAT"] = one.status.upper().replace("_", "-")
            told.params["RSVP"] = "TRUE" if one.status == "needs_action" else "FALSE"
        said.add("attendee", told)


def _person(person: Attendee) -> icalendar.vCalAddress:
    told = icalendar.vCalAddress(f"mailto:{quote(person.email or '', safe=MAILBOX)}")
    if name := _one_line(person.display_name or ""):
        told.params["CN"] = name
    return told


def _one_line(words: str) -> str:
    """A name as a parameter's value: nothing in it ends the value, and nothing turns what stands behind it."""
    return " ".join(words.translate(NOT_IN_NAMES).split())


def _alarm(event: Event, minutes: int) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _text(event.summary))
    alarm.add("trigger", timedelta(minutes=-minutes))
    return alarm


def meeting(conversation: Conversation, slot: Period, now: int) -> bytes:
    """The agreed meeting for anybody's calendar: one VEVENT, its times in UTC; nobody's address is in it."""
    event = icalendar.Event()
    event.add("uid", conversation_uid(conversation.id))
    event.add("dtstamp", _utc(now))
    event.add("dtstart", _utc(slot.start))
    event.add("dtend", _utc(slot.end))
    event.add("summary", _text(conversation.title))
    place = conversation.location
    if place and place.description:
        event.add("location", _text(place.description))
    names = [one.common_name for one in conversation.participants if one.common_name]
    event.add("description", _text(f"With {', '.join(names)}"))
    event.add("status", "CONFIRMED")
    calendar = _calendar()
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar() -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Parley//Parley//EN")
    calendar.add("version", "2.0")
    return calendar


def _text(words: str) -> str:
    return words.translate(FORBIDDEN)


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
