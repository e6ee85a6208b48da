"""Time taken by agreements."""

import pytest

from parley.store import bookings
from tests.make import period

TEN = period("10:00", "11:00")
DAY = period("00:00", "24:00")


@pytest.fixture
def db(db):
    db.write(lambda tx: bookings.take(tx, "scv_1", 1, TEN))
    return db


def take(db, slot, account=1, conversation="scv_2"):
    db.write(lambda tx: bookings.take(tx, conversation, account, slot))


@pytest.mark.parametrize(
    "slot",
    [
        pytest.param(TEN, id="the same"),
        pytest.param(period("09:30", "10:01"), id="a minute at its start"),
        pytest.param(period("10:59", "12:00"), id="a minute at its end"),
        pytest.param(period("10:15", "10:30"), id="inside"),
        pytest.param(period("09:00", "12:00"), id="around"),
    ],
)
def test_time_that_is_booked_cannot_be_booked_again(db, slot):
    with pytest.raises(bookings.AlreadyBooked):
        take(db, slot)
    assert db.read(bookings.standing, 1, DAY) == [TEN]


@pytest.mark.parametrize(
    ("slot", "account"),
    [
        pytest.param(period("09:00", "10:00"), 1, id="ends as it starts"),
        pytest.param(period("11:00", "12:00"), 1, id="starts as it ends"),
        pytest.param(TEN, 2, id="another account's"),
    ],
)
def test_other_time_can_be_booked(db, slot, account):
    take(db, slot, account)
    assert slot in db.read(bookings.standing, account, DAY)


def test_released_time_can_be_booked_again_and_stands_no_longer(db):
    assert db.write(lambda tx: bookings.release(tx, 1, "scv_1", 50)) == 1
    assert db.read(bookings.standing, 1, DAY) == []
    take(db, period("10:30", "11:30"))
    assert db.read(bookings.standing, 1, DAY) == [period("10:30", "11:30")]


def test_a_booking_is_released_once(db):
    db.write(lambda tx: bookings.release(tx, 1, "scv_1", 50))
    assert db.write(lambda tx: bookings.release(tx, 1, "scv_1", 60)) == 0
    assert db.read(lambda tx: tx.one("select released_at from bookings")) == (50,)


@pytest.mark.parametrize(("account", "conversation"), [(2, "scv_1"), (1, "scv_2")], ids=["account", "conversation"])
def test_releasing_for_another_leaves_it(db, account, conversation):
    assert db.write(lambda tx: bookings.release(tx, account, conversation, 50)) == 0
    assert db.read(bookings.standing, 1, DAY) == [TEN]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (period("09:00", "10:00"), []),
        (period("11:00", "12:00"), []),
        (period("10:59", "12:00"), [TEN]),
        (period("10:15", "10:16"), [TEN]),
    ],
    ids=["before", "after", "a minute", "inside"],
)
def test_standing_time_is_what_overlaps_the_window(db, window, expected):
    assert db.read(bookings.standing, 1, window) == expected
