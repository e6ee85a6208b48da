"""An invitation, read back by another library than the one that wrote it, and its zones by the standard library."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from parley.core.conversation import Location
from parley.core.event import Attendee, Event
from parley.core.periods import Period
from parley.wire.invitation import CANCEL, Invitation, request

NOON = "2031-05-06T12:00:00+00:00"
WRITTEN = int(datetime(2031, 1, 2, tzinfo=UTC).timestamp())


def instant(text):
    return int(datetime.fromisoformat(text).timestamp())


def event(start="2031-05-06T09:00:00+00:00", hours=1.0, **fields):
    begins = instant(start)
    given = {"tzid": "Europe/Berlin", "summary": "Roadmap"} | fields
    return Event(
        event_id="e",
        uid="u@parley",
        period=Period(begins, begins + int(hours * 3600)),
        organizer=Attendee("grace@example.org", "Grace"),
        attendees=(Attendee("karl@example.org", "Karl"),),
        **given,
    )


def written(one, **fields):
    return request(Invitation(one, WRITTEN, **fields))


def lines(raw):
    return raw.replace(b"\r\n ", b"").decode().split("\r\n")


def read(raw):
    return vobject.readOne(raw.decode())


def test_an_invitation_reads_back():
    whole = read(written(event(description="Bring tea", url="https://example.org/a?b=c"), sequence=3))
    said = whole.vevent
    assert (whole.method.value, whole.version.value, whole.calscale.value) == ("REQUEST", "2.0", "GREGORIAN")
    assert whole.prodid.value
    assert (said.uid.value, said.sequence.value, said.summary.value) == ("u@parley", "3", "Roadmap")
    assert said.dtstart.value == datetime(2031, 5, 6, 9, tzinfo=UTC)
    assert said.dtend.value == datetime(2031, 5, 6, 10, tzinfo=UTC)
    assert said.dtstamp.value == datetime(2031, 1, 2, tzinfo=UTC)
    assert (said.status.value, said.transp.value) == ("CONFIRMED", "OPAQUE")
    assert (said.description.value, said.url.value) == ("Bring tea", "https://example.org/a?b=c")
    assert (said.organizer.value, said.organizer.params["CN"]) == ("mailto:grace@example.org", ["Grace"])
    assert said.attendee.value == "mailto:karl@example.org"
    assert said.attendee.params == {
        "CN": ["Karl"],
        "CUTYPE": ["INDIVIDUAL"],
        "ROLE": ["REQ-PARTICIPANT"],
        "PARTSTAT": ["NEEDS-ACTION"],
        "RSVP": ["TRUE"],
    }


def test_a_cancellation_asks_nobody_for_an_answer():
    said = read(written(event(reminders=(15,)), method=CANCEL, sequence=4))
    assert (said.method.value, said.vevent.status.value, said.vevent.sequence.value) == ("CANCEL", "CANCELLED", "4")
    assert "RSVP" not in said.vevent.attendee.params
    assert "valarm" not in said.vevent.contents


def test_all_that_can_be_said_of_an_event_is_said():
    one = event(
        transparency="transparent",
        event_private=True,
        location=Location("Room 4; upstairs", "51.5", "-0.1"),
        reminders=(30, 0),
    )
    said = read(written(one)).vevent
    assert (said.transp.value, getattr(said, "class").value) == ("TRANSPARENT", "PRIVATE")
    assert (said.location.value, said.geo.value) == ("Room 4; upstairs", "51.5;-0.1")
    assert [one.trigger.value for one in said.valarm_list] == [timedelta(minutes=-30), timedelta(0)]


def test_somebody_who_has_agreed_is_not_asked():
    one = replace(event(), attendees=(Attendee("karl@example.org", None, "accepted"),))
    assert read(written(one)).vevent.attendee.params["PARTSTAT"] == ["ACCEPTED"]
    assert read(written(one)).vevent.attendee.params["RSVP"] == ["FALSE"]


def test_people_without_an_address_are_left_out():
    one = replace(event(), attendees=(Attendee(None, "Karl"), Attendee("bo@example.org")))
    assert [one.value for one in read(written(one)).vevent.attendee_list] == ["mailto:bo@example.org"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("ada+x@example.org", "mailto:ada+x@example.org", id="a plus"),
        pytest.param("a%41?cc=eve&b@example.org", "mailto:a%2541%3Fcc%3Deve%26b@example.org", id="marks of a URL"),
        pytest.param("jürgen@example.org", "mailto:j%C3%BCrgen@example.org", id="not ASCII"),
    ],
)
def test_an_address_stays_one_address(address, expected):
    one = replace(event(), attendees=(Attendee(address),))
    assert read(written(one)).vevent.attendee.value == expected


HOSTILE = [
    pytest.param("a\r\nATTENDEE:mailto:eve@example.org", "a ATTENDEE:mailto:eve@example.org", id="a line of its own"),
    pytest.param('a";PARTSTAT=ACCEPTED:mailto:eve', "a';PARTSTAT=ACCEPTED:mailto:eve", id="quotes"),
    pytest.param("a;b:c,d", "a;b:c,d", id="characters with a meaning"),
    pytest.param("\u202egro.elpmaxe@lrak\u2066", "gro.elpmaxe@lrak", id="turned around"),
    pytest.param("a\x00\x1b\x7f\u0085\u2028b", "a b", id="controls"),
    pytest.param("=HYPERLINK(1)", "=HYPERLINK(1)", id="a formula stays text"),
]


@pytest.mark.parametrize(("given", "expected"), HOSTILE)
def test_a_name_stays_a_name(given, expected):
    one = replace(event(), organizer=Attendee("o@example.org", given), attendees=(Attendee("k@example.org", given),))
    said = read(written(one)).vevent
    assert said.organizer.params["CN"] == said.attendee.params["CN"] == [expected]
    assert said.attendee.params["PARTSTAT"] == ["NEEDS-ACTION"]
    assert [one.value for one in said.attendee_list] == ["mailto:k@example.org"]


@pytest.mark.parametrize("given", [one.values[0] for one in HOSTILE])
def test_no_word_makes_a_line_of_its_own(given):
    plain = lines(written(event(description="x", location=Location("x"), url="https://example.org/x")))
    hostile = event(summary=given, description=given, location=Location(given), url=f"https://example.org/{given}")
    names = [line.partition(":")[0].partition(";")[0] for line in lines(written(hostile))]
    assert names == [line.partition(":")[0].partition(";")[0] for line in plain]


def test_lines_end_and_are_folded_as_calendars_want_them():
    raw = written(event(summary="Über " * 100, description="\r\n" * 40))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert raw.endswith(b"END:VCALENDAR\r\n")


def test_days_are_told_as_days():
    raw = lines(written(event(days=(date(2031, 5, 6), date(2031, 5, 8)))))
    assert "DTSTART;VALUE=DATE:20310506" in raw
    assert "DTEND;VALUE=DATE:20310508" in raw
    assert "BEGIN:VTIMEZONE" not in raw


ZONES = [
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Chatham",
    "America/Argentina/Buenos_Aires",
]


def told(raw, name="DTSTART"):
    """The instant that a property tells, worked out by hand from the file's own description of the zone."""
    calendar = icalendar.Calendar.from_ical(raw)
    shown = calendar.walk("VEVENT")[0][name]
    if shown.dt.utcoffset() == timedelta(0) and "TZID" not in shown.params:
        return shown.dt
    (zone,) = [one for one in calendar.walk("VTIMEZONE") if one["TZID"] == shown.params["TZID"]]
    clock = shown.dt.replace(tzinfo=None)
    onsets = sorted((one["DTSTART"].dt, one["TZOFFSETTO"].td) for one in zone.subcomponents)
    ahead = [offset for since, offset in onsets if since <= clock][-1]
    return (clock - ahead).replace(tzinfo=UTC)


@pytest.mark.parametrize("tzid", ZONES)
@pytest.mark.parametrize("month", range(1, 13))
def test_the_zone_in_the_file_says_what_the_zone_database_says(tzid, month):
    one = event(f"2031-{month:02}-15T00:30:00+00:00", tzid=tzid)
    raw = written(one)
    assert told(raw) == datetime(2031, month, 15, 0, 30, tzinfo=UTC)
    for zone in icalendar.Calendar.from_ical(raw).walk("VTIMEZONE"):
        for part in zone.subcomponents:
            onset = (part["DTSTART"].dt - part["TZOFFSETFROM"].td).replace(tzinfo=UTC)
            local = onset.astimezone(ZoneInfo(tzid))
            assert local.utcoffset() == part["TZOFFSETTO"].td
            assert (onset - timedelta(seconds=1)).astimezone(ZoneInfo(tzid)).utcoffset() == part["TZOFFSETFROM"].td


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2031-03-30T00:59:00+00:00", "DTSTART;TZID=Europe/Berlin:20310330T015900", id="before the gap"),
        pytest.param("2031-03-30T01:00:00+00:00", "DTSTART;TZID=Europe/Berlin:20310330T030000", id="after the gap"),
        pytest.param("2031-10-26T00:30:00+00:00", "DTSTART;TZID=Europe/Berlin:20311026T023000", id="first of the two"),
        pytest.param("2031-10-26T01:30:00+00:00", "DTSTART:20311026T013000Z", id="the second can be told in UTC only"),
        pytest.param("2031-10-26T02:00:00+00:00", "DTSTART;TZID=Europe/Berlin:20311026T030000", id="after both"),
    ],
)
def test_changes_of_the_clock_move_no_meeting(start, expected):
    raw = written(event(start))
    assert expected in lines(raw)
    assert told(raw).timestamp() == instant(start)
    assert told(raw, "DTEND").timestamp() == instant(start) + 3600


@pytest.mark.parametrize(
    ("start", "tzid"),
    [
        pytest.param("2031-05-06T09:00:00+00:00", None, id="no zone"),
        pytest.param("2031-05-06T09:00:00+00:00", "Etc/UTC", id="UTC by name"),
        pytest.param("1901-01-01T00:00:00+00:00", "Africa/Monrovia", id="an offset with seconds"),
        pytest.param("0001-01-01T00:00:00+00:00", "Europe/Berlin", id="the first day"),
        pytest.param("9998-12-31T22:00:00+00:00", "Europe/Berlin", id="the last year"),
    ],
)
def test_what_no_clock_tells_is_told_in_utc(start, tzid):
    raw = lines(written(event(start, tzid=tzid)))
    assert "BEGIN:VTIMEZONE" not in raw
    assert f"DTSTART:{start[:19].replace('-', '').replace(':', '')}Z" in raw


def test_two_zones_are_both_described():
    raw = written(event(end_tzid="America/New_York"))
    zones = [one["TZID"] for one in icalendar.Calendar.from_ical(raw).walk("VTIMEZONE")]
    assert zones == ["Europe/Berlin", "America/New_York"]
    assert told(raw, "DTEND") == datetime(2031, 5, 6, 10, tzinfo=UTC)


def test_of_a_long_event_the_zone_is_told_where_it_begins_and_where_it_ends():
    raw = written(event("1950-07-01T08:00:00+00:00", hours=24 * 365 * 80, tzid="America/New_York"))
    assert told(raw) == datetime(1950, 7, 1, 8, tzinfo=UTC)
    assert told(raw, "DTEND") == datetime(1950, 7, 1, 8, tzinfo=UTC) + timedelta(days=365 * 80)
    assert raw.count(b"TZOFFSETFROM") < 15


def test_of_an_event_from_the_first_day_on_the_end_is_told_on_the_clock():
    one = replace(event(tzid="Europe/Berlin"), period=Period(instant("0001-01-01T00:00:00+00:00"), instant(NOON)))
    assert "DTSTART:00010101T000000Z" in lines(written(one))
    assert told(written(one), "DTEND").timestamp() == instant(NOON)
