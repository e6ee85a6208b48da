"""Events as an application changes them, and as an agreement makes them."""

from dataclasses import replace
from datetime import date

import pytest

from parley.core.conversation import EventDetails, Location
from parley.core.event import (
    TRANSPARENT,
    AgreedEvent,
    Attendee,
    EventChange,
    conversation_uid,
    empty,
    external_uid,
    of_agreement,
)
from parley.core.periods import Period
from tests.make import SUNDAY_NOON, at, auto, conversation, manual, period, utc

NEW = empty("e1", "cal_1", "app")
KARL, IDA = Attendee("karl@example.org", "Karl"), Attendee("ida@example.org")


def change(**named):
    values = {"event_id": "e1", "summary": "Lunch", "start": at("12:00"), "end": at("13:00"), "fields": {}}
    return EventChange(**values | named)


def test_an_event_takes_the_time_and_the_words_of_its_change():
    event = change(fields={"description": "Soup", "tzid": "Europe/Berlin"}).applied_to(NEW, "Etc/UTC")
    assert (event.summary, event.description, event.period) == ("Lunch", "Soup", period("12:00", "13:00"))
    assert event.days is None
    assert event.blocks


def test_a_later_change_keeps_what_it_does_not_name_and_clears_what_it_names_as_none():
    before = replace(NEW, description="Soup", url="https://example.org", transparency=TRANSPARENT, tzid="Asia/Tokyo")
    after = change(fields={"url": None, "transparency": None}).applied_to(before, "Etc/UTC")
    assert (after.description, after.url, after.tzid, after.uid) == ("Soup", None, "Asia/Tokyo", NEW.uid)
    assert after.blocks


def test_a_transparent_event_does_not_block():
    assert not change(fields={"transparency": TRANSPARENT}).applied_to(NEW, "Etc/UTC").blocks


@pytest.mark.parametrize(
    ("named", "account", "expected"),
    [
        pytest.param("Asia/Tokyo", "America/Chicago", utc("2024-03-30", "15:00"), id="its own zone"),
        pytest.param(None, "America/Chicago", utc("2024-03-31", "05:00"), id="else the account's"),
    ],
)
def test_an_all_day_event_takes_the_local_days_of(named, account, expected):
    days = change(start=date(2024, 3, 31), end=date(2024, 4, 2), fields={"tzid": named} if named else {})
    event = days.applied_to(NEW, account)
    assert event.period == Period(expected, expected + 2 * 86400)
    assert event.days == (date(2024, 3, 31), date(2024, 4, 2))


def test_a_timed_change_makes_an_all_day_event_a_timed_one():
    before = change(start=date(2024, 3, 31), end=date(2024, 4, 1)).applied_to(NEW, "Etc/UTC")
    assert change().applied_to(before, "Etc/UTC").days is None


@pytest.mark.parametrize("end", [at("12:00"), date(2024, 3, 31)], ids=["day and instant", "instant and day"])
def test_a_day_and_an_instant_do_not_make_an_event(end):
    start = date(2024, 3, 31) if isinstance(end, int) else at("11:00")
    with pytest.raises(TypeError):
        change(start=start, end=end).applied_to(NEW, "Etc/UTC")


@pytest.mark.parametrize(
    ("invited", "removed", "expected"),
    [
        pytest.param((), (), [("karl@example.org", "accepted")], id="nobody new"),
        pytest.param(
            (IDA,), (), [("karl@example.org", "accepted"), ("ida@example.org", "needs_action")], id="one more"
        ),
        pytest.param((Attendee("KARL@example.org"),), (), [("KARL@example.org", "accepted")], id="the same again"),
        pytest.param((), {"karl@example.org"}, [], id="one less"),
        pytest.param((IDA,), {"karl@example.org"}, [("ida@example.org", "needs_action")], id="one for another"),
        pytest.param((), {"otto@example.org"}, [("karl@example.org", "accepted")], id="one who was not there"),
    ],
)
def test_attendees_come_and_go_by_address(invited, removed, expected):
    before = replace(NEW, attendees=(replace(KARL, status="accepted"),))
    after = change(invited=invited, removed=frozenset(removed)).applied_to(before, "Etc/UTC")
    assert [(one.email, one.status) for one in after.attendees] == expected


def test_the_uid_of_an_event_follows_from_what_identifies_it():
    others = [empty("e2", "cal_1", "app"), empty("e1", "cal_2", "app"), empty("e1", "cal_1", "b"), NEW]
    assert empty("e1", "cal_1", "app").uid == NEW.uid
    assert len({one.uid for one in others}) == 4
    assert external_uid("cal_1", NEW.uid).startswith("evt_external_")
    assert external_uid("cal_1", NEW.uid) != external_uid("cal_2", NEW.uid)


PLACE = Location("Room 4")
AGREED = conversation(
    replace(auto("@grace"), common_name="Grace"),
    replace(manual("@karl", "10:00"), email="karl@example.org"),
    chosen=at("10:00"),
    event=EventDetails(PLACE),
)


def test_an_agreement_makes_an_event_at_the_chosen_slot():
    event = of_agreement(AGREED, {1: "grace@example.org"})
    assert (event.event_id, event.uid) == (AGREED.id, f"{AGREED.id}@parley")
    assert (event.summary, event.period, event.location) == ("Roadmap", period("10:00", "11:00"), PLACE)
    assert (event.tzid, event.end_tzid, event.blocks) == ("America/Chicago", "America/Chicago", True)


def test_the_first_participant_is_the_organizer_and_all_attend():
    event = of_agreement(AGREED, {1: "grace@example.org"})
    assert event.organizer == Attendee("grace@example.org", "Grace", "accepted")
    assert [one.email for one in event.attendees] == ["grace@example.org", "karl@example.org"]
    assert {one.status for one in event.attendees} == {"accepted"}


def test_an_agreement_without_words_of_its_own_is_a_meeting_without_a_place():
    event = of_agreement(replace(AGREED, subject=None, event=None), {})
    assert (event.summary, event.location, event.organizer.email) == ("Meeting", None, None)


def test_without_agreement_there_is_no_event():
    with pytest.raises(ValueError, match="agreement"):
        of_agreement(replace(AGREED, chosen=None), {})


def test_every_calendar_gets_the_same_event():
    event = of_agreement(AGREED, {})
    agreed = AgreedEvent(AGREED.id, 0, 1, "cal_1", "app", event)
    entry = agreed.entry(key=7, now=SUNDAY_NOON)
    assert (entry.key, entry.account, entry.calendar_id, entry.application) == (7, 1, "cal_1", "app")
    assert (entry.event, entry.created_at, entry.updated_at) == (event, SUNDAY_NOON, SUNDAY_NOON)
    assert event.uid == conversation_uid(AGREED.id)


@pytest.mark.parametrize(
    ("changed", "status", "blocks"),
    [
        pytest.param({}, "busy", True, id="as written"),
        pytest.param({"transparency": "transparent"}, "free", False, id="transparent"),
        pytest.param({"extended_transparency": "tentative"}, "tentative", True, id="tentative"),
        pytest.param({"extended_transparency": "out_of_office"}, "busy", True, id="out of office"),
        pytest.param({"participation": "tentative"}, "tentative", True, id="perhaps"),
        pytest.param({"participation": "declined"}, "free", False, id="declined"),
        pytest.param({"participation": "tentative", "transparency": "transparent"}, "free", False, id="perhaps, free"),
    ],
)
def test_what_an_event_says_about_its_time(changed, status, blocks):
    told = replace(empty("e1", "cal_1", "app"), **changed)
    assert (told.free_busy_status, told.blocks) == (status, blocks)


@pytest.mark.parametrize(("email", "statuses"), [("A@b.c", ["declined", "needs_action"]), (None, ["needs_action"] * 2)])
def test_who_answers_is_found_among_the_attendees_by_address(email, statuses):
    people = (Attendee("a@B.c"), Attendee(None, "Room"))
    answered = replace(empty("e1", "cal_1", "app"), attendees=people).answered("declined", email)
    assert [one.status for one in answered.attendees] == statuses
    assert answered.participation == "declined"
