"""The pages' values: local days and times over the changes of a clock, lengths, titles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parley.core import zones
from parley.core.conversation import Conversation
from parley.core.periods import Period
from parley.web.view import Day, Facts, State, state, usual_zones, view
from parley.wire.words import duration_text, offset_text
from tests.make import auto, conversation, manual


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def facts(talk: Conversation, position: int, *slots: Period, connected: bool = True, now: int = 0) -> Facts:
    return Facts(talk, position, slots, most=1, connected=connected, now=now)


def days(zone: str, *starts: str, minutes: int = 60) -> tuple[Day, ...]:
    slots = [Period(instant(one), instant(one) + minutes * 60) for one in starts]
    return view(facts(conversation(manual("grace"), manual("karl")), 1, *slots), zone).days


def words(day: Day) -> list[str]:
    return [" ".join(f"{one.start.clock}-{one.end.clock} {one.offset}".split()) for one in day.slots]


def test_slots_stand_under_the_local_day_in_which_they_begin():
    found = days("Pacific/Auckland", "2031-05-05T11:00", "2031-05-05T12:00")
    assert [(one.title, one.offset) for one in found] == [
        ("Monday, 5 May 2031", "UTC+12:00"),
        ("Tuesday, 6 May 2031", "UTC+12:00"),
    ]
    assert [one.slots[0].start.clock for one in found] == ["23:00", "00:00"]
    assert [one.slots[0].ends_on for one in found] == ["Tuesday, 6 May 2031", ""]


@pytest.mark.parametrize(
    ("zone", "starts", "expected"),
    [
        pytest.param(
            "America/New_York",
            ["2031-11-02T05:00", "2031-11-02T06:00", "2031-11-02T07:00"],
            ["01:00-01:00 UTC−04:00 to UTC−05:00", "01:00-02:00 UTC−05:00", "02:00-03:00 UTC−05:00"],
            id="an hour that comes twice",
        ),
        pytest.param(
            "Europe/Berlin",
            ["2031-03-30T00:00", "2031-03-30T01:00"],
            ["01:00-03:00 UTC+01:00 to UTC+02:00", "03:00-04:00 UTC+02:00"],
            id="an hour that never comes",
        ),
        pytest.param("Europe/Berlin", ["2031-03-29T10:00"], ["11:00-12:00"], id="an ordinary day"),
    ],
)
def test_offsets_are_told_slot_by_slot_when_the_clock_changes(zone, starts, expected):
    (day,) = days(zone, *starts)
    assert words(day) == expected
    assert bool(day.offset) == (len(starts) == 1)


def test_a_start_between_two_minutes_shows_its_seconds():
    assert days("Etc/UTC", "2031-05-05T09:00:30")[0].slots[0].start.clock == "09:00:30"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Etc/UTC", "UTC+00:00"),
        ("Europe/Berlin", "UTC+02:00"),
        ("America/St_Johns", "UTC−02:30"),
        ("Asia/Kathmandu", "UTC+05:45"),
        ("Pacific/Kiritimati", "UTC+14:00"),
    ],
)
def test_an_offset_is_written_out(zone, expected):
    assert offset_text(zone, instant("2031-05-05T09:00")) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (90, "1 hour 30 minutes"), (1440, "24 hours")],
)
def test_a_length_is_told_in_hours_and_minutes(minutes, expected):
    assert duration_text(minutes * 60) == expected


NINE = conversation(manual("grace")).slot(instant("2031-05-05T09:00"))
OPEN = conversation(auto("grace"), manual("karl"))
CHOSEN = conversation(manual("grace"), manual("karl", "09:00", turn=1))
AGREED = conversation(manual("grace"), manual("karl"), chosen=NINE.start)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(facts(OPEN, 1, NINE), State.CHOOSE, id="must choose"),
        pytest.param(facts(OPEN, 1), State.NONE_LEFT, id="must choose, from nothing"),
        pytest.param(facts(OPEN, 1, NINE, connected=False), State.NONE_LEFT, id="a calendar is gone"),
        pytest.param(facts(OPEN, 0, NINE), State.WAITING, id="their calendar answers"),
        pytest.param(facts(OPEN, 0), State.NONE_LEFT, id="their calendar answers, and nothing is free"),
        pytest.param(facts(CHOSEN, 1, NINE), State.WAITING, id="has chosen"),
        pytest.param(facts(CHOSEN, 1), State.WAITING, id="has chosen, and nothing else is free"),
        pytest.param(facts(AGREED, 0), State.AGREED, id="agreed"),
        pytest.param(facts(AGREED, 0, connected=False), State.AGREED, id="agreed stays agreed"),
    ],
)
def test_the_state_follows_from_the_facts(found, expected):
    assert state(found) is expected


def test_the_zones_to_pick_from_hold_the_one_shown_and_no_old_spellings():
    shown = view(facts(OPEN, 1, NINE), "US/Eastern").zones
    assert "US/Eastern" in shown
    assert OPEN.tzid in shown
    assert "US/Pacific" not in shown
    assert all(zones.is_known(name) for name in usual_zones())


def test_company_is_named_without_whoever_invites_and_oneself():
    talk = conversation(manual("grace"), manual("karl"), manual("mia"), auto("ann"))
    assert view(facts(talk, 1, NINE), "Etc/UTC").company == ["mia", "ann"]
    assert view(facts(talk, 0, NINE), "Etc/UTC").company == ["karl", "mia", "ann"]


def test_one_offset_is_told_for_all_days_where_all_have_it():
    talk = conversation(manual("grace"), manual("karl"))
    summer, winter = (talk.slot(instant(f"2031-{month}-05T09:00")) for month in ("07", "12"))
    assert view(facts(talk, 1, summer), "Europe/Berlin").offset == "UTC+02:00"
    assert view(facts(talk, 1, summer, winter), "Europe/Berlin").offset == ""
