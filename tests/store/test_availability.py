"""Rules and periods as they are kept."""

import pytest

from parley.core.hours import AvailablePeriod
from parley.core.periods import Period
from parley.store import availability
from tests.make import at, period, rule

EVER = Period(-(2**60), 2**60)
WORK = rule("Europe/Berlin", "monday 09:00-17:00", calendar_ids=("cal_1",))


def put_rule(db, one, application="app", account=1):
    db.write(lambda tx: availability.put_rule(tx, application, account, one))


def put_periods(db, *named, application="app", account=1):
    for name, stretch in named:
        stored = AvailablePeriod(name, stretch)
        db.write(lambda tx, stored=stored: availability.put_period(tx, application, account, stored))


def ids(db, window=EVER, **page):
    return [one.id for one in db.read(availability.periods, "app", 1, window, **page)]


def test_rules_are_found_as_they_were_put_by_id(db):
    home = rule("Asia/Tokyo", "sunday 00:00-24:00", name="home")
    put_rule(db, WORK)
    put_rule(db, home)
    assert db.read(availability.rules, "app", 1) == [home, WORK]


def test_a_rule_replaces_the_one_of_its_id_and_no_other(db):
    put_rule(db, WORK)
    put_rule(db, WORK, account=2)
    later = rule("Etc/UTC", "friday 09:00-12:00")
    put_rule(db, later)
    assert db.read(availability.rules, "app", 1) == [later]
    assert db.read(availability.rules, "app", 2) == [WORK]
    assert db.read(availability.rules, "other", 1) == []


def test_a_rule_is_deleted_once_and_for_its_owner_only(db):
    put_rule(db, WORK)
    others = [("other", 1, "work"), ("app", 2, "work"), ("app", 1, "home")]
    assert [db.write(lambda tx, one=one: availability.drop_rule(tx, *one)) for one in others] == [0, 0, 0]
    assert db.write(lambda tx: availability.drop_rule(tx, "app", 1, "work")) == 1
    assert db.read(availability.rules, "app", 1) == []


@pytest.fixture
def stored(db):
    put_periods(db, ("b", period("09:00", "10:00")), ("a", period("12:00", "13:00")), ("c", period("09:00", "11:00")))
    return db


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, ["b", "c", "a"], id="all, by start and id"),
        pytest.param({"window": period("10:00", "12:00")}, ["c"], id="what overlaps, not what touches"),
        pytest.param({"most": 2}, ["b", "c"], id="the first two"),
        pytest.param({"most": 0}, [], id="none"),
        pytest.param({"after": (at("09:00"), "b")}, ["c", "a"], id="behind a mark of the same start"),
        pytest.param({"after": (at("12:00"), "a")}, [], id="behind the last"),
    ],
)
def test_periods_are_listed(stored, asked, expected):
    assert ids(stored, **asked) == expected


def test_periods_are_counted_in_the_window(stored):
    assert stored.read(availability.count_periods, "app", 1, EVER) == 3
    assert stored.read(availability.count_periods, "app", 1, period("10:00", "12:00")) == 1
    assert stored.read(availability.count_periods, "other", 1, EVER) == 0


def test_a_period_replaces_the_one_of_its_id(stored):
    put_periods(stored, ("b", period("20:00", "21:00")))
    assert ids(stored) == ["c", "a", "b"]


def test_whether_there_is_a_period(stored):
    assert stored.read(availability.has_periods, "app", 1)
    assert not stored.read(availability.has_periods, "app", 2)
    assert stored.read(availability.has_period, "app", 1, "a")
    assert not stored.read(availability.has_period, "app", 1, "z")


def test_periods_are_deleted_one_by_one_or_all(stored):
    put_periods(stored, ("a", period("09:00", "10:00")), account=2)
    assert stored.write(lambda tx: availability.drop_period(tx, "app", 1, "z")) == 0
    assert stored.write(lambda tx: availability.drop_period(tx, "app", 1, "a")) == 1
    assert ids(stored) == ["b", "c"]
    assert stored.write(lambda tx: availability.drop_periods(tx, "app", 1)) == 2
    assert stored.read(availability.has_periods, "app", 2)
