"""Messages: put, claimed for a while, finished by whoever holds them."""

import pytest

from parley.store import outbox

LEASE = 30


def put(db, name="m", document="1", due_at=100, kind="settle"):
    db.write(lambda tx: outbox.put(tx, kind, name, document, due_at))


def claim(db, now=100, most=10):
    return db.write(lambda tx: outbox.claim(tx, now, LEASE, most))


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
    assert not db.read(outbox.is_due, 99)
    assert claim(db, 99) == []
    assert db.read(outbox.is_due, 100)
    assert len(claim(db, 100)) == 1


def test_a_claimed_message_is_nobody_elses_until_the_lease_ends(db):
    put(db)
    claimed(db, 100)
    assert claim(db, 100 + LEASE - 1) == []
    assert not db.read(outbox.is_due, 100 + LEASE - 1)
    assert claimed(db, 100 + LEASE).attempts == 2


def test_those_longest_due_are_claimed_first(db):
    for name, due_at in (("b", 20), ("a", 30), ("c", 10), ("d", 20)):
        put(db, name, due_at=due_at)
    claims = [[one.name for one in claim(db, most=2)] for _ in range(3)]
    assert [set(one) for one in claims] == [{"c", "b"}, {"d", "a"}, set()]


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
        outbox.put(tx, "settle", "m", "1", 100)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        db.write(record)
    assert waiting(db) == 0
