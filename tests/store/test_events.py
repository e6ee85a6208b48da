"""Events of our own calendars, and the time that they take."""

from dataclasses import replace
from datetime import date

import pytest

from parley.core.conversation import Location
from parley.core.event import TRANSPARENT, Attendee, Entry, empty
from parley.store import events
from tests.make import period

NOON = period("12:00", "13:00")


def entry(key=1, event_id="e1", application="app", account=1, **changed):
    event = replace(empty(event_id, f"cal_{account}", application), **{"summary": "Lunch", "period": NOON} | changed)
    return Entry(key, account, f"cal_{account}", application, event, 10, 20)


def put(db, *entries):
    db.write(lambda tx: [events.put(tx, one) for one in entries])


def test_an_event_is_found_as_it_was_put(db):
    full = entry(
        days=(date(2031, 5, 5), date(2031, 5, 6)),
        location=Location("Bar", "1", "2"),
        reminders=(5, 10),
        organizer=Attendee("a@b.c", "A"),
        attendees=(Attendee("d@e.f", None, "accepted"),),
        event_private=True,
    )
    put(db, full)
    assert db.read(events.find, "cal_1", "app", "e1") == full


@pytest.mark.parametrize(
    "whose", [("cal_2", "app", "e1"), ("cal_1", "other", "e1"), ("cal_1", "app", "e2")], ids=["calendar", "app", "id"]
)
def test_an_event_of_another_name_is_not_found(db, whose):
    put(db, entry())
    assert db.read(events.find, *whose) is None


def test_putting_an_event_again_replaces_it(db):
    put(db, entry())
    put(db, replace(entry(key=2, summary="Dinner", period=period("18:00", "19:00")), updated_at=99))
    found = db.read(events.find, "cal_1", "app", "e1")
    assert (found.key, found.created_at, found.updated_at, found.event.summary) == (1, 10, 99, "Dinner")
    assert db.read(events.blocking, 1, period("00:00", "24:00")) == [("cal_1", period("18:00", "19:00"))]


@pytest.mark.parametrize(
    ("changed", "window", "blocks"),
    [
        pytest.param({}, period("12:59", "14:00"), True, id="a minute at its end"),
        pytest.param({}, period("11:00", "12:01"), True, id="a minute at its start"),
        pytest.param({}, period("13:00", "14:00"), False, id="it ends as the window starts"),
        pytest.param({}, period("11:00", "12:00"), False, id="it starts as the window ends"),
        pytest.param({"transparency": TRANSPARENT}, NOON, False, id="transparent"),
        pytest.param({"extended_transparency": "tentative"}, NOON, True, id="tentative"),
    ],
)
def test_an_event_blocks_the_window_that_it_overlaps(db, changed, window, blocks):
    put(db, entry(**changed))
    assert db.read(events.blocking, 1, window) == ([("cal_1", NOON)] if blocks else [])
    assert db.read(events.blocking, 2, window) == []
