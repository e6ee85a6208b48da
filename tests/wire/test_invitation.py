"""The meeting as a file for anybody's calendar, read back by a calendar library and line by line."""

from dataclasses import replace

import icalendar
import pytest

from parley.core.conversation import EventDetails, Location
from parley.wire import invitation
from tests.make import SUNDAY_NOON, at, conversation, manual

TALK = conversation(
    replace(manual("@grace"), common_name="Grace", email="grace@example.org"),
    replace(manual("@karl"), common_name="Karl"),
    event=EventDetails(Location("Room 4", "51.5", "0.1")),
    chosen=at("09:00"),
)


def written(talk=TALK):
    return invitation.meeting(talk, talk.slot(talk.chosen), SUNDAY_NOON)


def read(talk=TALK):
    (event,) = icalendar.Calendar.from_ical(written(talk)).walk("VEVENT")
    return event


def test_the_meeting_reads_back():
    event = read()
    assert (event["UID"], event["SUMMARY"], event["LOCATION"]) == (f"{TALK.id}@parley", "Roadmap", "Room 4")
    assert (event["DESCRIPTION"], event["STATUS"]) == ("With Grace, Karl", "CONFIRMED")
    assert (event.start.isoformat(), event.end.isoformat()) == (
        "2031-05-05T09:00:00+00:00",
        "2031-05-05T10:00:00+00:00",
    )
    assert event["DTSTAMP"].dt.isoformat() == "2031-05-04T12:00:00+00:00"


def test_a_meeting_without_words_of_its_own_has_a_name_and_no_place():
    event = read(replace(TALK, subject=None, event=None))
    assert event["SUMMARY"] == "Meeting"
    assert "LOCATION" not in event


def test_nobodys_address_is_in_it():
    assert b"example.org" not in written()
    assert b"ATTENDEE" not in written()


def test_long_lines_are_folded_between_characters():
    subject = "Über " * 60
    lines = written(replace(TALK, subject=subject)).split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode() == line.decode(errors="replace") for line in lines)
    assert read(replace(TALK, subject=subject))["SUMMARY"] == subject


HOSTILE = [
    pytest.param("a\r\nATTENDEE:mailto:eve@example.org", "a\nATTENDEE:mailto:eve@example.org", id="a line of its own"),
    pytest.param("a\nEND:VEVENT\nBEGIN:VEVENT", "a\nEND:VEVENT\nBEGIN:VEVENT", id="another event"),
    pytest.param("a\rX:1", "a\nX:1", id="a bare carriage return"),
    pytest.param('a;b,c\\d\\n:e"f', 'a;b,c\\d\\n:e"f', id="characters with a meaning"),
    pytest.param("a\x00\x07\x0b\x0c\x1b\x7fb\tc", "ab\tc", id="controls that a calendar may not hold"),
]


@pytest.mark.parametrize(("given", "expected"), HOSTILE)
def test_text_stays_text_whatever_it_says(given, expected):
    talk = replace(TALK, subject=given, event=EventDetails(Location(given)))
    event = read(talk)
    assert (event["SUMMARY"], event["LOCATION"]) == (expected, expected)
    assert sorted(event) == sorted(read())


@pytest.mark.parametrize(("given", "expected"), HOSTILE)
def test_names_stay_names_whatever_they_say(given, expected):
    people = (replace(TALK.participants[0], common_name=given),)
    assert read(replace(TALK, participants=people))["DESCRIPTION"] == f"With {expected}"


def test_no_line_of_the_file_holds_a_control_character():
    talk = replace(TALK, subject="".join(map(chr, range(128))))
    assert not [
        byte for line in written(talk).split(b"\r\n") for byte in line if (byte < 32 and byte != 9) or byte == 127
    ]
