"""One-time codes."""

import pytest

from parley.store import codes, tokens
from parley.store.codes import Code
from parley.store.tokens import Authorization

CODE = Code("d1", "app", 1, "https://app.example/", "read_write", 600)


@pytest.fixture
def known(db):
    """The database with an authorization and a code."""

    def record(tx):
        tokens.insert(tx, Authorization(7, "app", 1, "r1", "read_write", 0))
        codes.insert(tx, CODE)

    db.write(record)
    return db


def found(db, application="app", digest="d1"):
    return db.write(lambda tx: codes.lock(tx, application, digest))


def test_a_code_is_found_by_its_application_only(known):
    assert found(known) == CODE
    assert [found(known, *one) for one in (("other", "d1"), ("app", "d2"))] == [None, None]


def test_a_code_is_used_once(known):
    used = [known.write(lambda tx: codes.use(tx, "d1", 7)) for _ in range(2)]
    assert used == [1, 0]
    assert found(known).authorization == 7


@pytest.mark.parametrize(("before", "left"), [(600, True), (601, False)])
def test_codes_are_forgotten_some_time_after_they_have_expired(known, before, left):
    known.write(lambda tx: codes.forget(tx, before))
    assert (found(known) is not None) == left
