"""Answers to invitations as the calendar programs of this world write them, and as nobody should."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from parley.core import limits
from parley.core.event import Attendee
from parley.core.proposed import Proposed
from parley.core.reply import Answer
from parley.wire import itip

SAMPLES = Path(__file__).parent.parent / "data" / "itip"
UID = "4f2a9d1e6b3c8a7f0d5e2b19@parley"


def instant(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def answer(status, stamp, **fields):
    karl = Attendee("karl@example.org", None, status)
    return Answer(**{"uid": UID, "attendees": (karl,), "stamp": instant(stamp)} | fields)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("google_accepted", answer("accepted", "2031-05-02T08:15:30"), id="Google"),
        pytest.param(
            "google_declined_with_note",
            answer("declined", "2031-05-02T08:17:30", sequence=1, comment="Sorry: on holiday; next week?"),
            id="Google, a note beside the attendee",
        ),
        pytest.param(
            "outlook_accepted",
            answer("accepted", "2031-05-02T09:00:00", sequence=2, comment="Gerne, bis dann!\nKarl"),
            id="Outlook",
        ),
        pytest.param(
            "outlook_new_time_proposed",
            answer(
                "tentative",
                "2031-05-02T09:15:00",
                comment="Could we do the afternoon?",
                proposed=Proposed(instant("2031-05-07T12:30:00"), instant("2031-05-07T13:30:00"), "Europe/Berlin"),
            ),
            id="Outlook, another time in a zone of Microsoft's",
        ),
        pytest.param("apple_declined", answer("declined", "2031-05-02T10:00:00"), id="Apple"),
        pytest.param("thunderbird_tentative", answer("tentative", "2031-05-02T11:00:00"), id="Thunderbird"),
        pytest.param(
            "thunderbird_counter",
            answer(
                "declined",
                "2031-05-02T12:00:00",
                attendees=(
                    Attendee("bo@example.org"),
                    Attendee("karl@example.org", None, "declined"),
                ),
                comment="Two days later?",
                proposed=Proposed(instant("2031-05-08T13:00:00"), instant("2031-05-08T14:30:00"), "America/New_York"),
            ),
            id="Thunderbird, everybody named",
        ),
        pytest.param("careless", answer("accepted", "2031-05-02T13:00:00"), id="no order, no line ends, lower case"),
    ],
)
def test_answers_are_read_whoever_writes_them(name, expected):
    assert itip.read((SAMPLES / f"{name}.ics").read_bytes()) == expected


def test_every_sample_is_in_the_table():
    assert len(list(SAMPLES.iterdir())) == 8


def test_in_a_proposal_each_attendee_speaks_for_themself():
    read = itip.read((SAMPLES / "thunderbird_counter.ics").read_bytes())
    assert (read.attendee, read.partstat) == ("bo@example.org", None)
    assert read.status_of("KARL@example.org") == "declined"
    assert read.status_of("eve@example.org") is None


def calendar(*lines, method="REPLY"):
    text = ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{UID}", *lines, "END:VEVENT", "END:VCALENDAR"]
    return "\r\n".join(text).encode()


KARL = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:karl@example.org"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"Thanks, Tuesday is fine", id="no calendar"),
        pytest.param(calendar(KARL, method="REQUEST"), id="an invitation"),
        pytest.param(calendar(KARL, method="PUBLISH"), id="no answer"),
        pytest.param(b"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VTODO\nUID:x\nEND:VTODO\nEND:VCALENDAR", id="a task"),
        pytest.param(b"BEGIN:VEVENT\nMETHOD:REPLY\nUID:x\nEND:VEVENT", id="no calendar around it"),
        pytest.param(calendar(KARL).replace(f"UID:{UID}".encode(), b"X:1"), id="no UID"),
        pytest.param(calendar(KARL).replace(UID.encode(), b"u" * 256), id="a UID that is too long"),
        pytest.param(calendar("X:" + "a" * limits.ITIP_BYTES), id="too long"),
        pytest.param(b"BEGIN:VCALENDAR\n" * 5000 + calendar(KARL), id="inside too much"),
        pytest.param(b"X:1\n" * limits.ITIP_LINES + calendar(KARL), id="behind too many lines"),
    ],
)
def test_what_is_no_answer_says_nothing(raw):
    assert itip.read(raw) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("ATTENDEE;PARTSTAT=X-MAYBE:mailto:karl@example.org", None, id="a word of their own"),
        pytest.param("ATTENDEE:mailto:karl@example.org", None, id="no word at all"),
        pytest.param('ATTENDEE;PARTSTAT="ACCEPTED":mailto:karl@example.org', "accepted", id="quoted"),
        pytest.param('ATTENDEE;CN="a:b;PARTSTAT=DECLINED";PARTSTAT=ACCEPTED:karl@example.org', "accepted", id="a name"),
        pytest.param("ATTENDEE;PARTSTAT=ACCEPTED:mailto:karl%40example.org", "accepted", id="an encoded address"),
        pytest.param("ATTENDEE;PARTSTAT=ACCEPTED:urn:uuid:1", None, id="no address"),
        pytest.param('ATTENDEE;CN="open;PARTSTAT=ACCEPTED:mailto:karl@example.org', "accepted", id="an open quote"),
    ],
)
def test_one_answer_of_one_attendee(line, expected):
    assert itip.read(calendar(line)).status_of("karl@example.org") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            ["DTSTART:20310507T090000Z", "DTEND:20310507T100000Z"],
            Proposed(instant("2031-05-07T09:00:00"), instant("2031-05-07T10:00:00"), "Etc/UTC"),
            id="in UTC",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20310507", "DTEND;VALUE=DATE:20310508"],
            Proposed(date(2031, 5, 7), date(2031, 5, 8), "Etc/UTC"),
            id="a day",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20310507", "DURATION:P2D"],
            Proposed(date(2031, 5, 7), date(2031, 5, 9), "Etc/UTC"),
            id="two days",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20310330T023000", "DTEND;TZID=Europe/Berlin:20310330T040000"],
            Proposed(instant("2031-03-30T01:30:00"), instant("2031-03-30T02:00:00"), "Europe/Berlin"),
            id="a wall time that is skipped",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20311026T023000", "DTEND;TZID=Europe/Berlin:20311026T040000"],
            Proposed(instant("2031-10-26T00:30:00"), instant("2031-10-26T03:00:00"), "Europe/Berlin"),
            id="a wall time that comes twice",
        ),
        pytest.param(["DTSTART:20310507T090000", "DTEND:20310507T100000"], None, id="of no zone"),
        pytest.param(["DTSTART;TZID=Moon:20310507T090000", "DTEND:20310507T100000Z"], None, id="of an unknown zone"),
        pytest.param(["DTSTART:20310507T090000Z", "DTEND:20310507T090000Z"], None, id="no time between"),
        pytest.param(["DTSTART:20310507T090000Z", "DTEND;VALUE=DATE:20310508"], None, id="a time and a day"),
        pytest.param(["DTSTART:20311307T090000Z", "DTEND:20311307T100000Z"], None, id="no such month"),
        pytest.param(["DTSTART:20310507T090000Z"], None, id="no end"),
        pytest.param(["DTSTART:00010101T000000Z", "DURATION:-P1D"], None, id="backwards"),
        pytest.param(["DTSTART;VALUE=DATE:99991231", "DURATION:P9D"], None, id="beyond the calendar"),
    ],
)
def test_another_time_is_read_where_it_is_one(lines, expected):
    assert itip.read(calendar(KARL, *lines, method="COUNTER")).proposed == expected
    assert itip.read(calendar(KARL, *lines)).proposed is None


def test_words_lose_their_controls_and_what_is_too_much():
    read = itip.read(calendar(KARL, "COMMENT:" + "a\\nb\\;\x00\x1b" + "c" * 5000, "SEQUENCE:99999999999"))
    assert read.comment == ("a\nb;" + "c" * 5000)[: limits.DESCRIPTION_LENGTH]
    assert read.sequence == 0


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b'"' * (limits.ITIP_BYTES - 1), id="quotes"),
        pytest.param(b"A;" * (limits.ITIP_BYTES // 2), id="semicolons"),
        pytest.param(b"\r\n " * (limits.ITIP_BYTES // 3), id="folds"),
        pytest.param(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + b"ATTENDEE:a@b\n" * 20000, id="attendees"),
        pytest.param(calendar("COMMENT:" + "\\" * 200_000), id="escapes"),
    ],
)
def test_the_worst_of_them_takes_no_time(raw):
    began = time.monotonic()
    itip.read(raw)
    assert time.monotonic() - began < 2


LINES = some.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        KARL,
        "DTSTART:00010101T000000Z",
        "DTEND;TZID=Asia/Tokyo:99991231T235959",
        "DURATION:P1W",
    ]
)


@settings(max_examples=300, deadline=None)
@given(some.lists(LINES | some.text(max_size=40), max_size=20), some.binary(max_size=40))
def test_nothing_makes_it_fail(lines, more):
    for raw in (calendar(*lines, method="COUNTER") + more, more + calendar(*lines)):
        found = itip.read(raw)
        assert found is None or found.uid
