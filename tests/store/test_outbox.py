"""Messages: put, claimed for a while, finished by whoever holds them."""

import pytest

from parley.store import outbox
from parley.store.outbox import Task

LEASE = 30


def put(db, name="m", document="1", due_at=100, kind="settle", lane="x", now=50, account=None):
    db.write(lambda tx: outbox.put(tx, Task(name, kind, lane, document, account), now, due_at))


def claim(db, now=100, most=10, lane="x"):
    return db.write(lambda tx: outbox.claim(tx, lane, now, LEASE, most))


def is_due(db, now):
    return db.read(outbox.lanes, now, LEASE) == ["x"]


def claimed(db, now=100):
    (message,) = claim(db, now)
    return message


def done(db, message):
    return db.write(lambda tx: outbox.done(tx, message))


def again(db, message, due_at):
    return db.write(lambda tx: outbox.again(tx, message, due_at))


def waiting(db):
    return db.read(outbox.waiting)


def test_a_claimed_message_says_what_was_put(db):
    put(db, document='{"a": 1}', kind="event")
    message = claimed(db)
    assert (message.name, message.kind, message.document, message.attempts) == ("m", "event", '{"a": 1}', 1)


def test_a_message_is_claimed_once_it_is_due(db):
    put(db, due_at=100)
    assert not is_due(db, 99)
    assert claim(db, 99) == []
    assert is_due(db, 100)
    assert len(claim(db, 100)) == 1


def test_a_claimed_message_is_nobody_elses_until_the_lease_ends(db):
    put(db)
    claimed(db, 100)
    assert claim(db, 100 + LEASE - 1) == []
    assert not is_due(db, 100 + LEASE - 1)
    assert claimed(db, 100 + LEASE).attempts == 2


def test_those_longest_due_are_claimed_first(db):
    for name, due_at in (("b", 20), ("a", 30), ("c", 10), ("d", 20)):
        put(db, name, due_at=due_at)
    claims = [[one.name for one in claim(db, most=2)] for _ in range(3)]
    assert claims == [["c", "b"], ["d", "a"], []]


def test_of_those_that_are_due_at_once_the_first_that_was_put_comes_first(db):
    for name, now in (("b", 20), ("a", 30), ("c", 10)):
        put(db, name, due_at=0, now=now)
    assert [one.name for one in claim(db)] == ["c", "b", "a"]


def test_a_message_that_is_done_is_gone(db):
    put(db)
    assert done(db, claimed(db))
    assert waiting(db) == 0


def test_an_old_holder_can_neither_finish_nor_put_off(db):
    put(db)
    old = claimed(db, 100)
    new = claimed(db, 100 + LEASE)
    assert not done(db, old)
    assert not again(db, old, 500)
    assert done(db, new)


def test_a_message_that_is_put_off_waits_and_counts_its_attempts(db):
    put(db)
    assert again(db, claimed(db), 150)
    assert claim(db, 149) == []
    assert claimed(db, 150).attempts == 2


def test_putting_a_message_again_leaves_one_with_the_newest_words(db):
    put(db, document="1", due_at=300)
    put(db, document="2", due_at=100)
    assert waiting(db) == 1
    assert claimed(db).document == "2"


def test_what_is_put_while_it_is_carried_out_is_carried_out_again(db):
    put(db)
    holder = claimed(db)
    put(db, document="2")
    assert not done(db, holder)
    repeated = claimed(db)
    assert (repeated.document, repeated.attempts) == ("2", 1)
    assert done(db, repeated)


def test_the_holder_of_a_message_that_was_withdrawn_cannot_finish_one_put_later_under_its_name(db):
    put(db)
    holder = claimed(db)
    assert db.write(lambda tx: outbox.drop(tx, "m")) == 1
    put(db, document="2")
    new = claimed(db)
    assert not done(db, holder)
    assert done(db, new)


def test_a_message_is_known_by_its_name(db):
    put(db, "m", "1")
    assert db.read(outbox.document, "m") == "1"
    assert db.read(outbox.document, "n") is None
    assert db.write(lambda tx: outbox.drop(tx, "n")) == 0


def test_messages_of_other_names_are_left_alone(db):
    put(db, "a")
    put(db, "b")
    first, second = sorted(claim(db), key=lambda one: one.name)
    done(db, first)
    assert waiting(db) == 1
    assert done(db, second)


def test_a_message_whose_transaction_fails_was_never_put(db):
    def record(tx):
        outbox.put(tx, Task("m", "settle", "x", "1"), 100)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        db.write(record)
    assert waiting(db) == 0


def test_what_is_due_at_once_is_due_although_the_clock_was_set_back(db):
    put(db, due_at=0, now=5000)
    assert len(claim(db, 100)) == 1


def test_a_lease_of_a_clock_that_was_set_back_is_over(db):
    put(db, due_at=0)
    claimed(db, 5000)
    assert claimed(db, 100).attempts == 2


def test_lanes_are_told_apart_and_only_those_with_something_to_do_are_told(db):
    put(db, "a1", lane="a")
    put(db, "a2", lane="a")
    put(db, "b1", lane="b", due_at=200)
    put(db, "c1", lane="c")
    assert db.read(outbox.lanes, 100, LEASE) == ["a", "c"]
    assert [one.name for one in claim(db, lane="c")] == ["c1"]
    assert db.read(outbox.lanes, 100, LEASE) == ["a"]
    assert db.read(outbox.lanes, 200, LEASE) == ["a", "b", "c"]


def test_a_lease_is_renewed_by_its_holder_only(db):
    put(db)
    old = claimed(db, 100)
    assert db.write(lambda tx: outbox.renew(tx, old, 200))
    assert claim(db, 180) == []
    new = claimed(db, 200)
    assert not db.write(lambda tx: outbox.renew(tx, old, 400))
    assert db.write(lambda tx: outbox.holds(tx, new))
    assert not db.write(lambda tx: outbox.holds(tx, old))


def test_what_is_given_back_can_be_claimed_at_once_and_was_not_tried(db):
    put(db)
    assert give_back(db, claimed(db))
    assert claimed(db).attempts == 1


def give_back(db, message):
    return db.write(lambda tx: outbox.give_back(tx, message))


def bury(db, message):
    return db.write(lambda tx: outbox.bury(tx, message, "Broken: no", 120))


def test_a_message_that_is_given_up_is_kept_as_a_dead_letter(db):
    put(db)
    assert bury(db, claimed(db))
    assert (waiting(db), db.read(outbox.buried)) == (0, 1)
    (dead,) = db.read(outbox.dead, 10)
    assert (dead.name, dead.reason, dead.died_at, dead.attempts) == ("m", "Broken: no", 120, 1)


def test_a_message_that_was_put_anew_is_not_given_up(db):
    put(db)
    holder = claimed(db)
    put(db, document="2")
    assert not bury(db, holder)
    assert (waiting(db), db.read(outbox.buried)) == (1, 0)


def test_a_dead_letter_is_sent_again_as_if_for_the_first_time(db):
    put(db, account=7)
    bury(db, claimed(db))
    assert db.write(lambda tx: outbox.revive(tx, "m", 130))
    assert db.read(outbox.buried) == 0
    assert db.read(outbox.about, 7) == ["m"]
    assert claimed(db, 130).attempts == 1
    assert not db.write(lambda tx: outbox.revive(tx, "m", 130))


def test_a_dead_letter_leaves_a_newer_message_of_its_name_alone(db):
    put(db, document="1")
    bury(db, claimed(db))
    put(db, document="2")
    assert db.write(lambda tx: outbox.revive(tx, "m", 130))
    assert (claimed(db).document, db.read(outbox.buried)) == ("2", 0)


def test_both_the_living_and_the_dead_are_shown(db):
    put(db, document="1")
    bury(db, claimed(db))
    put(db, document="2", now=60)
    put(db, "n", now=55)
    assert [(one.document, one.died_at) for one in db.read(outbox.named, "m")] == [("2", None), ("1", 120)]
    assert [one.name for one in db.read(outbox.listed, 10)] == ["n", "m"]
    assert db.read(outbox.oldest) == 100  # both were put for then


def test_a_message_can_be_hurried(db):
    put(db, due_at=500)
    assert db.write(lambda tx: outbox.hurry(tx, "m"))
    assert not db.write(lambda tx: outbox.hurry(tx, "n"))
    assert len(claim(db)) == 1


def test_what_is_postponed_is_due_then_and_counts_as_not_tried(db):
    put(db, due_at=100)
    assert db.write(lambda tx: outbox.postpone(tx, claimed(db), 500))
    assert not is_due(db, 499)
    assert claimed(db, 500).attempts == 1


@pytest.mark.parametrize(
    ("due_at", "tries", "since"),
    [
        pytest.param(0, 0, 50, id="due at once: since it was put"),
        pytest.param(100, 0, 100, id="put for later: since then"),
        pytest.param(100, 1, 100, id="tried for the first time"),
        pytest.param(100, 2, 50, id="tried again and again: since it was put"),
    ],
)
def test_the_oldest_is_counted_from_when_it_was_to_be_done(db, due_at, tries, since):
    put(db, due_at=due_at, now=50)
    for number in range(tries):
        again(db, claimed(db, 100 + number), 101 + number)
    found = db.read(outbox.oldest)
    assert found == (101 if tries == 1 else since)
