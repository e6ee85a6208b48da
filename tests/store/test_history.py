"""What happened, as it is kept."""

from parley.core.conversation import Change, Entry, Type
from parley.store import history
from tests.make import at

CREATED, CHOSEN = Change(Type.CREATED), Change(Type.SELECTED, 1, (at("10:00"), at("11:00")))
AGREED, CLEARED = Change(Type.AGREED, None, (at("10:00"),)), Change(Type.CLEARED, 0)


def add(db, *changes, name="scv_1", at=100, channel="api"):
    db.write(lambda tx: history.add(tx, name, changes, at, channel))


def test_changes_are_numbered_in_the_order_in_which_they_happened(db):
    add(db, CREATED)
    add(db, CHOSEN, AGREED, at=200, channel="page")
    assert db.read(history.after, "scv_1", 0, 10) == [
        Entry(1, 100, "api", CREATED),
        Entry(2, 200, "page", CHOSEN),
        Entry(3, 200, "engine", AGREED),
    ]


def test_what_follows_from_a_choice_was_done_by_the_engine(db):
    add(db, CHOSEN, CLEARED, channel="mail")
    assert [one.channel for one in db.read(history.after, "scv_1", 0, 10)] == ["mail", "engine"]


def test_each_conversation_counts_for_itself(db):
    add(db, CREATED)
    add(db, CREATED, CHOSEN, name="scv_2")
    add(db)
    assert [db.read(history.count, one) for one in ("scv_1", "scv_2", "scv_3")] == [1, 2, 0]


def test_history_is_read_in_parts(db):
    add(db, CREATED, CHOSEN, AGREED)
    assert [one.number for one in db.read(history.after, "scv_1", 0, 2)] == [1, 2]
    assert [one.number for one in db.read(history.after, "scv_1", 2, 2)] == [3]
