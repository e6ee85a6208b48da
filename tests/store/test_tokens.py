"""Authorizations and their tokens."""

import pytest

from parley.store import tokens
from parley.store.tokens import Authorization

GIVEN = Authorization(1, "app", 1, "refresh", "create_event read_events", 10)


@pytest.fixture
def db(db):
    db.write(lambda tx: tokens.insert(tx, GIVEN))
    db.write(lambda tx: tokens.add_access_token(tx, 1, "access", 10, 100))
    return db


def holder(db, digest="access", now=50):
    return db.read(tokens.by_access_token, digest, now)


def test_an_access_token_stands_for_application_account_and_scope(db):
    assert holder(db) == ("app", 1, "acc_1", "create_event read_events")
    assert holder(db, "refresh") is None


def test_an_access_token_is_good_until_it_expires(db):
    assert holder(db, now=99)
    assert holder(db, now=100) is None


def test_a_refresh_token_is_its_applications_alone(db):
    assert db.read(tokens.by_refresh_token, "app", "refresh") == GIVEN
    assert db.read(tokens.by_refresh_token, "other", "refresh") is None
    assert db.read(tokens.by_refresh_token, "app", "access") is None


def test_a_new_access_token_leaves_those_that_are_still_good(db):
    db.write(lambda tx: tokens.add_access_token(tx, 1, "second", 50, 150))
    assert holder(db)
    assert holder(db, "second")
    db.write(lambda tx: tokens.add_access_token(tx, 1, "third", 100, 200))
    rows = db.read(lambda tx: tx.all("select digest from access_tokens order by digest"))
    assert rows == [("second",), ("third",)]


@pytest.mark.parametrize("digest", ["refresh", "access"])
def test_revoking_by_either_token_ends_the_authorization_with_all_its_tokens(db, digest):
    db.write(lambda tx: tokens.add_access_token(tx, 1, "second", 20, 150))
    assert db.write(lambda tx: tokens.revoke(tx, "app", digest, 50)) == 1
    assert (holder(db), holder(db, "second"), db.read(tokens.by_refresh_token, "app", "refresh")) == (None, None, None)
    assert not db.read(tokens.is_authorized, "app", 1)
    assert db.write(lambda tx: tokens.revoke(tx, "app", digest, 60)) == 0


@pytest.mark.parametrize("application", ["other", "nobody"])
def test_nobody_revokes_anothers_authorization(db, application):
    assert db.write(lambda tx: tokens.revoke(tx, application, "refresh", 50)) == 0
    assert db.write(lambda tx: tokens.revoke_account(tx, application, 1, 50)) == 0
    assert holder(db)


def test_revoking_one_of_two_authorizations_leaves_the_other(db):
    db.write(lambda tx: tokens.insert(tx, Authorization(2, "app", 1, "refresh-2", "", 20)))
    db.write(lambda tx: tokens.revoke(tx, "app", "refresh", 50))
    assert db.read(tokens.is_authorized, "app", 1)
    assert db.write(lambda tx: tokens.revoke_account(tx, "app", 1, 60)) == 1
    assert not db.read(tokens.is_authorized, "app", 1)


def test_an_application_acts_for_whom_it_was_authorized_for(db):
    allowed = [db.read(tokens.is_authorized, *one) for one in (("app", 1), ("app", 2), ("other", 1))]
    assert allowed == [True, False, False]
