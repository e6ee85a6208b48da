"""An agreed meeting as iCalendar (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar

from parley.core.conversation import Conversation
from parley.core.event import conversation_uid
from parley.core.periods import Period

# RFC 5545 3.1: a tab is the only control character of a text; its line ends are written as `\n`.
FORBIDDEN = dict.fromkeys({*range(32), 127} - {ord(one) for one in "\t\r\n"})


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
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Parley//Parley//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _text(words: str) -> str:
    return words.translate(FORBIDDEN)


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
