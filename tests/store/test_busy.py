"""The time in which an account is not free."""

from dataclasses import replace

import pytest

from parley.core.availability import Hours
from parley.core.event import Entry, empty
from parley.core.hours import AvailablePeriod
from parley.store import availability, bookings, busy, events
from tests.make import period, rule

DAY = period("00:00", "24:00")
NOON = period("12:00", "13:00")
MONDAYS = rule("Etc/UTC", "monday 09:00-17:00")
HOME = rule("Etc/UTC", "monday 00:00-24:00", name="home")


@pytest.fixture
def db(db):
    event = replace(empty("e1", "cal_1", "app"), period=NOON)
    db.write(lambda tx: events.put(tx, Entry(1, 1, "cal_1", "app", event, 0, 0)))
    db.write(lambda tx: bookings.take(tx, "scv_1", 1, period("15:00", "16:00")))
    return db


def test_events_and_bookings_are_busy(db):
    assert sorted(db.read(busy.of, 1, DAY)) == [NOON, period("15:00", "16:00")]
    assert db.read(busy.of, 2, DAY) == []


def test_a_rule_for_other_calendars_frees_events_but_never_booked_time(db):
    other = rule("Etc/UTC", "monday 00:00-24:00", calendar_ids=("cal_other",))
    assert db.read(busy.of, 1, DAY, Hours((other,)).counts) == [period("15:00", "16:00")]


def test_an_account_without_rules_and_periods_has_no_hours(db):
    assert db.read(busy.hours, "app", 1, DAY) is None


def test_hours_are_what_the_application_stored_for_the_account(db):
    db.write(lambda tx: availability.put_rule(tx, "app", 1, MONDAYS))
    db.write(lambda tx: availability.put_period(tx, "app", 1, AvailablePeriod("p", NOON)))
    assert db.read(busy.hours, "app", 1, DAY) == Hours((MONDAYS,), (NOON,))
    assert db.read(busy.hours, "other", 1, DAY) is None
    assert db.read(busy.hours, "app", 2, DAY) is None


@pytest.mark.parametrize(("named", "expected"), [(None, (HOME, MONDAYS)), ({"work"}, (MONDAYS,))], ids=["all", "it"])
def test_hours_may_be_those_of_named_rules_only(db, named, expected):
    db.write(lambda tx: [availability.put_rule(tx, "app", 1, one) for one in (MONDAYS, HOME)])
    hours = db.read(busy.hours, "app", 1, DAY, named)
    assert hours.rules == expected


def test_an_account_with_periods_on_other_days_only_is_closed(db):
    tomorrow = AvailablePeriod("p", period("09:00", "17:00", day=1))
    db.write(lambda tx: availability.put_period(tx, "app", 1, tomorrow))
    hours = db.read(busy.hours, "app", 1, DAY)
    assert hours == Hours()
    assert hours.closed(DAY) == [DAY]
