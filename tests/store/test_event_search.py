"""Which events a search finds, and what becomes of deleted ones."""

from dataclasses import replace

import pytest

from parley.core.account import Calendar
from parley.core.event import TRANSPARENT, Search
from parley.core.periods import EVER, NEVER
from parley.store import accounts, events
from tests.make import period
from tests.store.test_events import entry, put

DAY = period("00:00", "23:59")


@pytest.fixture
def filled(db):
    """Two own events, one of them free and in a second calendar, and one of another application."""
    db.write(lambda tx: accounts.add_calendar(tx, Calendar("cal_9", 1, "Second", False, 0)))
    free = replace(entry(2, "free", transparency=TRANSPARENT), calendar_id="cal_9", updated_at=50)
    put(db, entry(1, "own"), free, entry(3, "theirs", application="other"))
    return db


def found(db, **changed):
    search = Search(**{"window": DAY, "own_window": DAY, **changed})
    rows = db.read(events.matching, 1, "app", search, events.FIRST, 10)
    assert db.read(events.count, 1, "app", search) == len(rows)
    return {one.event.event_id for one in rows}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, {"own", "free", "theirs"}, id="everything"),
        pytest.param({"own_window": NEVER}, {"theirs"}, id="others"),
        pytest.param({"window": NEVER}, {"own", "free"}, id="own"),
        pytest.param({"window": NEVER, "own_window": EVER}, {"own", "free"}, id="own without bounds"),
        pytest.param({"window": period("13:00", "14:00")}, {"own", "free"}, id="others elsewhere"),
        pytest.param({"free": False}, {"own", "theirs"}, id="what blocks"),
        pytest.param({"modified_since": 50}, {"free"}, id="changed since"),
        pytest.param({"modified_since": 51}, set(), id="nothing since"),
        pytest.param({"calendar_ids": ("cal_9",)}, {"free"}, id="one calendar"),
        pytest.param({"calendar_ids": ("cal_9", "cal_1")}, {"own", "free", "theirs"}, id="two calendars"),
    ],
)
def test_a_search_finds_what_it_asks_for(filled, changed, expected):
    assert found(filled, **changed) == expected


def test_a_deleted_event_is_found_only_by_who_asks_for_it(filled):
    assert filled.write(lambda tx: events.delete(tx, 1, 99)) == 1
    assert filled.write(lambda tx: events.delete(tx, 1, 100)) == 0
    assert found(filled) == {"free", "theirs"}
    assert found(filled, deleted=True, free=False) == {"own", "theirs"}
    assert found(filled, deleted=True, modified_since=99) == {"own"}


def test_a_deleted_event_is_nowhere_else(filled):
    filled.write(lambda tx: events.delete(tx, 1, 99))
    assert filled.read(events.find, "cal_1", "app", "own") is None
    assert filled.read(events.by_key, 1) is None
    assert [one[0] for one in filled.read(events.names, "cal_1")] == [3]
    assert [one.key for one in filled.read(events.of_application, 1, "app")] == [2]
    assert len(filled.read(events.blocking, 1, DAY)) == 1


def test_writing_it_again_brings_it_back(filled):
    filled.write(lambda tx: events.delete(tx, 1, 99))
    put(filled, replace(entry(4, "own"), created_at=100, updated_at=100))
    back = filled.read(events.find, "cal_1", "app", "own")
    assert (back.key, back.created_at, back.deleted_at) == (1, 100, None)
    assert len(filled.read(events.blocking, 1, DAY)) == 2


@pytest.mark.parametrize(("before", "left"), [(99, True), (100, False)])
def test_deleted_events_are_forgotten(filled, before, left):
    filled.write(lambda tx: events.delete(tx, 1, 99))
    filled.write(lambda tx: events.forget_deleted(tx, 1, before))
    assert ("own" in found(filled, deleted=True)) == left
    assert {"free", "theirs"} <= found(filled)
