"""Answers that are kept for calls with a key, and names that one transaction has at a time."""

import threading
from dataclasses import replace

import pytest

from parley.core.errors import NotFound
from parley.store import database, idempotency
from parley.store.idempotency import Answered, Name

NAME = Name("app", "", "k1")
ANSWERED = Answered("r1", 200, "application/json", (("Allow", "GET"), ("Allow", "POST")), "sealed", 1000)


def insert(db, name=NAME, at=1000):
    db.write(lambda tx: idempotency.insert(tx, name, replace(ANSWERED, created_at=at)))


def forget(db, until, most=10):
    return db.write(lambda tx: idempotency.forget(tx, until, most))


def kept(db, *keys):
    return [key for key in keys if db.read(idempotency.find, Name("app", "", key))]


def test_an_answer_is_found_as_it_was_kept(db):
    insert(db)
    assert db.read(idempotency.find, NAME) == ANSWERED


@pytest.mark.parametrize("name", [Name("other", "", "k1"), Name("app", "account 1", "k1"), Name("app", "", "K1")])
def test_an_answer_has_one_name(db, name):
    insert(db)
    assert db.read(idempotency.find, name) is None
    insert(db, name)
    assert db.write(lambda tx: idempotency.drop(tx, name)) == 1
    assert db.read(idempotency.find, NAME) == ANSWERED


def test_answers_are_forgotten_from_the_oldest_and_a_few_at_a_time(db):
    for at in (50, 10, 40, 20, 30):
        insert(db, Name("app", "", f"k{at}"), at)
    assert [forget(db, 40, most=3), kept(db, "k10", "k20", "k30", "k40", "k50")] == [3, ["k40", "k50"]]
    assert [forget(db, 40, most=3), kept(db, "k40", "k50")] == [1, ["k50"]]
    assert forget(db, 40) == 0


def test_a_name_is_another_transactions_until_that_is_over(db, engine):
    holds, ends = threading.Event(), threading.Event()

    def hold(tx):
        claimed = tx.claim_name("one")
        holds.set()
        ends.wait(10)
        return claimed

    holder = threading.Thread(target=db.write, args=(hold,))
    holder.start()
    holds.wait(10)
    if engine != "sqlite":  # there the others wait
        assert db.write(lambda tx: (tx.claim_name("one"), tx.claim_name("other"))) == (False, True)
    ends.set()
    holder.join()
    assert db.write(lambda tx: (tx.claim_name("one"), tx.claim_name("one"))) == (True, True)


def test_a_transaction_that_comes_to_nothing_gives_its_name_back(db):
    def record(tx):
        assert tx.claim_name("one")
        raise NotFound

    with pytest.raises(NotFound):
        db.write(record)
    assert db.write(lambda tx: tx.claim_name("one"))


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_name_is_kept_from_other_services_of_a_database_too(db, database_address):
    other = database.opened(database_address)
    assert db.write(lambda tx: (tx.claim_name("one"), other.write(lambda tx: tx.claim_name("one")))) == (True, False)
    other.close()
