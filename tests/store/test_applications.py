"""Applications and their secrets."""

import pytest

from parley.core.limits import Limits
from parley.store import applications
from parley.store.applications import Application, Secret

OLD, NEW = Secret("old", "sealed-old", 10), Secret("new", "sealed-new", 20)


@pytest.fixture
def db(db):
    db.write(lambda tx: applications.add_secret(tx, "app", OLD))
    return db


def good(db, now):
    return [one.digest for one in db.read(applications.secrets, "app", now)]


def test_an_application_is_found_as_it_was_added(db):
    third = Application("third", "Third", 99, ("https://a.example", "https://b.example"), Limits(max_participants=5))
    db.write(lambda tx: applications.insert(tx, third))
    assert db.read(applications.find, "third") == third
    assert db.read(applications.by_name, "Third") == third
    assert [one.id for one in db.read(applications.every)] == ["third", "app", "other"]
    assert db.read(applications.find, "fourth") is None


def test_the_oldest_of_a_name_is_found(db):
    db.write(lambda tx: [applications.insert(tx, Application(one, "Same", at)) for one, at in (("b", 2), ("a", 1))])
    assert db.read(applications.by_name, "Same").id == "a"


def test_limits_are_those_of_one_application(db):
    db.write(lambda tx: applications.set_limits(tx, "app", Limits(max_days=7)))
    assert db.read(applications.find, "app").limits == Limits(max_days=7)
    assert db.read(applications.find, "other").limits == Limits()


def test_a_secret_recognises_its_application(db):
    assert db.read(applications.holder_of, "old", 50) == "app"
    assert db.read(applications.holder_of, "new", 50) is None
    assert db.read(applications.secrets, "app", 50) == [OLD]
    assert db.read(applications.secrets, "other", 50) == []


def test_a_secret_is_good_until_it_ends(db):
    db.write(lambda tx: applications.expire_secrets(tx, "app", 100))
    assert (db.read(applications.holder_of, "old", 99), good(db, 99)) == ("app", ["old"])
    assert (db.read(applications.holder_of, "old", 100), good(db, 100)) == (None, [])


def test_an_end_is_never_put_off(db):
    db.write(lambda tx: applications.expire_secrets(tx, "app", 100))
    assert db.write(lambda tx: applications.expire_secrets(tx, "app", 200)) == 0
    assert db.write(lambda tx: applications.expire_secrets(tx, "app", 50)) == 1
    assert good(db, 50) == []


def test_while_two_overlap_the_one_that_stays_comes_first(db):
    db.write(lambda tx: applications.expire_secrets(tx, "app", 100))
    db.write(lambda tx: applications.add_secret(tx, "app", NEW))
    assert good(db, 50) == ["new", "old"]
    assert good(db, 100) == ["new"]


def test_all_but_one_end_at_once_and_only_the_applications_own(db):
    db.write(lambda tx: applications.add_secret(tx, "app", NEW))
    db.write(lambda tx: applications.add_secret(tx, "other", Secret("others", "x", 10)))
    assert db.write(lambda tx: applications.expire_all_but(tx, "app", "new", 50)) == 1
    assert good(db, 50) == ["new"]
    assert db.read(applications.holder_of, "others", 50) == "other"
