"""Events as JSON."""

from dataclasses import replace
from datetime import date

import pytest

from parley.core.conversation import Location
from parley.core.errors import Invalid
from parley.core.event import Attendee, Entry, Search, empty, external_uid
from parley.core.periods import NEVER
from parley.wire.event_query import EventQuery
from parley.wire.events import read_event, write_event, write_free_busy
from tests.make import SUNDAY_NOON, at, period, text

LUNCH = {"event_id": "e1", "summary": "Lunch", "start": text("12:00"), "end": text("13:00")}


def read(**named):
    return read_event(LUNCH | named)


def faults(**named):
    with pytest.raises(Invalid) as refusal:
        read(**named)
    return [(one.path, one.key.removeprefix("errors.")) for one in refusal.value.faults]


def test_an_event_needs_an_id_a_summary_and_a_time():
    change = read()
    assert (change.event_id, change.summary, change.start, change.end) == ("e1", "Lunch", at("12:00"), at("13:00"))
    assert (change.fields, change.invited, change.removed) == ({}, (), frozenset())
    with pytest.raises(Invalid) as refusal:
        read_event({})
    assert {one.path for one in refusal.value.faults} == {"event_id", "summary", "start", "end"}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param("2031-05-05", "2031-05-06", (date(2031, 5, 5), date(2031, 5, 6)), id="a day"),
        pytest.param(
            {"time": "2031-05-05"}, {"time": "2031-05-06"}, (date(2031, 5, 5), date(2031, 5, 6)), id="wrapped"
        ),
        pytest.param({"time": text("12:00")}, text("13:00"), (at("12:00"), at("13:00")), id="one of two wrapped"),
    ],
)
def test_an_event_takes_times_or_days(start, end, expected):
    change = read(start=start, end=end)
    assert (change.start, change.end) == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param({"end": text("12:00")}, [("end", "invalid_time_pair")], id="no time"),
        pytest.param({"end": text("11:00")}, [("end", "invalid_time_pair")], id="backwards"),
        pytest.param({"end": "2031-05-06"}, [("end", "invalid_time_pair")], id="a time and a day"),
        pytest.param({"start": "2031-05-05", "end": "2031-05-05"}, [("end", "invalid_time_pair")], id="no day"),
        pytest.param({"start": "noon"}, [("start", "invalid_format")], id="no time of ours"),
        pytest.param({"event_id": "a" * 257}, [("event_id", "too_long")], id="a long id"),
        pytest.param({"summary": "a" * 1025}, [("summary", "too_long")], id="a long summary"),
        pytest.param({"summary": "a\0"}, [("summary", "invalid_format")], id="a null character"),
        pytest.param({"description": "a" * 4097}, [("description", "too_long")], id="a long description"),
        pytest.param({"tzid": "../etc"}, [("tzid", "tzid_unrecognized")], id="no zone"),
        pytest.param(
            {"start": {"time": text("12:00"), "tzid": "Mars"}},
            [("start.tzid", "tzid_unrecognized")],
            id="no zone inside",
        ),
        pytest.param(
            {"location": {"description": "a" * 513}}, [("location.description", "too_long")], id="a long place"
        ),
        pytest.param({"location": {"lat": "91"}}, [("location.lat", "invalid_format")], id="north of the pole"),
        pytest.param({"location": {"long": "1e2"}}, [("location.long", "invalid_format")], id="an exponent"),
        pytest.param({"transparency": "clear"}, [("transparency", "not_recognized")], id="no transparency"),
        pytest.param(
            {"extended_transparency": "away"}, [("extended_transparency", "not_recognized")], id="no such extension"
        ),
        pytest.param({"url": "javascript:alert(1)"}, [("url", "invalid_format")], id="no address of the web"),
        pytest.param({"reminders": [{"minutes": 5}] * 6}, [("reminders", "too_many")], id="six reminders"),
        pytest.param({"reminders": [{}]}, [("reminders[0].minutes", "required")], id="a reminder at no time"),
        pytest.param({"event_private": "yes"}, [("event_private", "must_be_boolean")], id="private, in words"),
        pytest.param({"attendees": []}, [("attendees", "invalid_format")], id="a list of attendees"),
        pytest.param(
            {"attendees": {"invite": [{"email": "a"}]}},
            [("attendees.invite[0].email", "invalid_format")],
            id="no address",
        ),
        pytest.param(
            {"attendees": {"invite": [{}] * 201}}, [("attendees.invite", "too_many")], id="too many to invite"
        ),
    ],
)
def test_each_fault_of_an_event_is_told_at_its_place(named, expected):
    assert faults(**named) == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param({"description": "Soup"}, {"description": "Soup"}, id="a description"),
        pytest.param({"description": None}, {"description": None}, id="a description cleared"),
        pytest.param({"url": ""}, {"url": None}, id="an address cleared"),
        pytest.param({"location": {"description": "Bar"}}, {"location": Location("Bar")}, id="a place"),
        pytest.param({"location": {}}, {"location": None}, id="an empty place"),
        pytest.param({"reminders": [{"minutes": 30}, {"minutes": 0}]}, {"reminders": (30, 0)}, id="reminders"),
        pytest.param({"event_private": True}, {"event_private": True}, id="private"),
        pytest.param({"tzid": "Asia/Tokyo"}, {"tzid": "Asia/Tokyo", "end_tzid": "Asia/Tokyo"}, id="a zone"),
        pytest.param(
            {"start": {"time": text("12:00"), "tzid": "Asia/Tokyo"}, "tzid": "Etc/UTC"},
            {"tzid": "Asia/Tokyo", "end_tzid": "Asia/Tokyo"},
            id="the zone of the start wins",
        ),
        pytest.param(
            {"transparency": "transparent"},
            {"transparency": "transparent", "extended_transparency": None},
            id="transparent",
        ),
        pytest.param(
            {"extended_transparency": "tentative"},
            {"transparency": "opaque", "extended_transparency": "tentative"},
            id="tentative blocks",
        ),
        pytest.param(
            {"extended_transparency": "out_of_office"},
            {"transparency": "opaque", "extended_transparency": "out_of_office"},
            id="being away blocks",
        ),
        pytest.param(
            {"extended_transparency": "transparent"},
            {"transparency": "transparent", "extended_transparency": "transparent"},
            id="extended and transparent",
        ),
        pytest.param({"conferencing": {"profile_id": "x"}, "subscriptions": []}, {}, id="what we do not act on"),
    ],
)
def test_only_the_fields_that_are_named_change(named, expected):
    assert read(**named).fields == expected


def test_attendees_are_invited_and_removed_by_address():
    change = read(attendees={"invite": [{"email": "a@b.c", "display_name": "A"}], "remove": [{"email": "D@E.f"}]})
    assert (change.invited, change.removed) == ((Attendee("a@b.c", "A"),), {"d@e.f"})
    assert read(attendees={"reject": [{"email": "d@e.f"}]}).removed == {"d@e.f"}


EVENT = replace(
    empty("e1", "cal_1", "app"),
    summary="Lunch",
    period=period("12:00", "13:00"),
    location=Location("Bar"),
    organizer=Attendee("a@b.c", "A"),
    attendees=(Attendee("d@e.f", None, "accepted"),),
)
EVERYTHING = EventQuery(Search(NEVER, NEVER))
ENTRY = Entry(7, 1, "cal_1", "app", EVENT, SUNDAY_NOON, at("09:00"))


def test_an_own_event_is_told_with_its_id():
    told = write_event(ENTRY, "app", EVERYTHING)
    assert (told["event_id"], told["event_uid"], told["calendar_id"]) == ("e1", EVENT.uid, "cal_1")
    assert (told["start"], told["end"], told["deleted"]) == (text("12:00"), text("13:00"), False)
    assert (told["created"], told["updated"]) == ("2031-05-04T12:00:00Z", text("09:00"))
    assert (told["description"], told["location"]) == ("", {"description": "Bar"})
    assert told["attendees"] == [{"email": "d@e.f", "status": "accepted"}]
    assert told["organizer"] == {"email": "a@b.c", "display_name": "A"}
    assert told["options"] == {"delete": True, "update": True, "change_participation_status": True}


def test_another_applications_event_is_told_under_a_name_of_its_own():
    told = write_event(ENTRY, "other", EVERYTHING)
    assert "event_id" not in told
    assert told["event_uid"] == external_uid("cal_1", EVENT.uid)
    assert told["options"] == {"delete": False, "update": False, "change_participation_status": True}


def test_an_all_day_event_is_told_in_days():
    all_day = replace(ENTRY, event=replace(EVENT, days=(date(2031, 5, 5), date(2031, 5, 6))))
    told = write_event(all_day, "app", EVERYTHING)
    assert (told["start"], told["end"]) == ("2031-05-05", "2031-05-06")


def test_free_busy_tells_time_and_status_and_with_ids_what_it_is():
    assert write_free_busy(ENTRY, "app", EVERYTHING) == {
        "calendar_id": "cal_1",
        "start": text("12:00"),
        "end": text("13:00"),
        "free_busy_status": "busy",
    }
    told = write_free_busy(ENTRY, "app", replace(EVERYTHING, ids=True))
    assert (told["event_id"], told["event_uid"]) == ("e1", EVENT.uid)
