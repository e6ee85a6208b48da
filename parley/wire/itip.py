"""Answers to an invitation (RFC 5546), read as the calendar programs of this world write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import unquote

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from parley.core import limits, zones
from parley.core.event import Attendee
from parley.core.proposed import Proposed
from parley.core.reply import Answer

METHODS = ("REPLY", "COUNTER")
PARTS = re.compile(r'"[^"]*"|[:;]|[^":;]+|"')
TIME = re.compile(r"(\d{8})T(\d{6})(Z?)", re.ASCII)
DAYS = re.compile(r"\d{8}", re.ASCII)
LENGTH = re.compile(r"\+?P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,7})S)?)?", re.ASCII)
ESCAPED = re.compile(r"\\([\\;,nN])")
CONTROLS = dict.fromkeys({*range(32), 127} - {ord("\t"), ord("\n")})


class Line(NamedTuple):
    """One property: its name and those of its parameters in upper case."""

    name: str
    parameters: dict[str, str]
    value: str


def read(calendar: bytes) -> Answer | None:
    """What a reply or a counter-proposal says of its first event; nothing where it is neither, or too long."""
    if len(calendar) > limits.ITIP_BYTES:
        return None
    method, event = _parts(calendar.decode(errors="replace").removeprefix("\ufeff"))
    found = {line.name: line for line in reversed(event)}  # the first of each name
    uid = _plain(found, "UID", limits.UID_LENGTH)
    if method not in METHODS or not uid:
        return None
    people = [line for line in event if line.name == "ATTENDEE"][: limits.ATTENDEES]
    stamp = _moment(found.get("DTSTAMP"))
    sequence = _plain(found, "SEQUENCE", 9)
    return Answer(
        uid=uid,
        attendees=tuple(one for one in map(_attendee, people) if one.email),
        sequence=int(sequence) if sequence.isdecimal() else 0,
        stamp=stamp[0] if stamp and isinstance(stamp[0], int) else None,
        comment=_comment(found.get("COMMENT"), people),
        proposed=_proposed(found) if method == "COUNTER" else None,
    )


def _parts(text: str) -> tuple[str, list[Line]]:
    """The method of the calendar, and the properties of its first event without those of what is inside it."""
    inside: list[str] = []
    method = ""
    event: list[Line] = []
    for line in _lines(text):
        if line.name == "BEGIN":
            inside.append(line.value.upper())
        elif line.name == "END":
            if inside == ["VCALENDAR", "VEVENT"] and event:
                break
            inside = inside[:-1]
        elif inside == ["VCALENDAR"] and line.name == "METHOD":
            method = line.value.strip().upper()
        elif inside == ["VCALENDAR", "VEVENT"]:
            event.append(line)
        if len(inside) > limits.ITIP_DEPTH:
            break
    return method, event


def _lines(text: str) -> Iterator[Line]:
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    for line in unfolded.split("\n", limits.ITIP_LINES)[: limits.ITIP_LINES]:
        head, value = _divided(line.rstrip("\r"))
        name, *parameters = head or [""]
        if name:
            pairs = (one.partition("=") for one in parameters)
            yield Line(name.upper(), {key.upper(): told.replace('"', "") for key, _, told in pairs}, value)


def _divided(line: str) -> tuple[list[str], str]:
    """What stands before the colon, cut at its semicolons, and what stands behind it; quoted ones do not count."""
    parts = [""]
    for found in PARTS.finditer(line):
        if found[0] == ":":
            return parts, line[found.end() :].strip()
        if found[0] == ";":
            parts.append("")
        else:
            parts[-1] += found[0]
    return [], ""


def _plain(found: dict[str, Line], name: str, longest: int) -> str:
    """A short text; nothing where it is longer than it may be."""
    value = _text(found[name].value) if name in found else ""
    return value if len(value) <= longest else ""


def _text(value: str) -> str:
    unescaped = ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], value)
    return unescaped.translate(CONTROLS).strip()


def _attendee(line: Line) -> Attendee:
    address = unquote(re.sub(r"^mailto:", "", line.value, flags=re.IGNORECASE)).strip().lower()
    is_one = "@" in address and len(address) <= limits.EMAIL_LENGTH and address.isprintable()
    status = line.parameters.get("PARTSTAT", "NEEDS-ACTION").lower().replace("-", "_")
    return Attendee(address if is_one else None, None, status)


def _comment(line: Line | None, people: list[Line]) -> str | None:
    """The words that came with an answer; Google's calendar keeps them beside the attendee."""
    beside = people[0].parameters.get("X-RESPONSE-COMMENT", "") if people else ""
    return _text(line.value if line else beside)[: limits.DESCRIPTION_LENGTH] or None


def _proposed(found: dict[str, Line]) -> Proposed | None:
    start = _moment(found.get("DTSTART"))
    end = _moment(found.get("DTEND")) or _later(start, found.get("DURATION"))
    if not start or not end or type(start[0]) is not type(end[0]):
        return None
    proposed = Proposed(start[0], end[0], start[1])
    return proposed if start[0] < end[0] else None  # type: ignore[operator]  # both are of one kind here


def _moment(line: Line | None) -> tuple[int | date, str] | None:
    """A time, as instant and zone, or a day; nothing for a time of no zone that we know."""
    if line is None:
        return None
    try:
        if DAYS.fullmatch(line.value):
            return date.fromisoformat(line.value), "Etc/UTC"
        if told := TIME.fullmatch(line.value):
            clock = datetime.strptime(told[1] + told[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            tzid = "Etc/UTC" if told[3] else _zone(line.parameters.get("TZID", ""))
            return (zones.instant(tzid, clock.replace(tzinfo=None)), tzid) if tzid else None
    except ValueError:
        pass
    return None


def _zone(told: str) -> str | None:
    """The zone of the IANA database that is meant: by its name, Microsoft's, or the end of a longer name."""
    parts = told.split("/")
    names = [told, WINDOWS_TO_OLSON.get(told, ""), *("/".join(parts[-many:]) for many in (3, 2, 1))]
    found = next((name for name in names if zones.is_known(name)), None)
    return found or ("Etc/UTC" if parts[-1].lower() == "utc" else None)


def _later(start: tuple[int | date, str] | None, length: Line | None) -> tuple[int | date, str] | None:
    told = LENGTH.fullmatch(length.value) if length else None
    if not start or not told:
        return None
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in told.groups())
    after = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if isinstance(start[0], int):
        return start[0] + int(after.total_seconds()), start[1]
    try:
        return start[0] + after, start[1]
    except OverflowError:
        return None
