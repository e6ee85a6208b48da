"""Conversations as they are kept, and whom they concern."""

from dataclasses import replace

import pytest

from parley.core.conversation import EventDetails, Location
from parley.store import conversations
from tests.make import SUNDAY_NOON, at, auto, conversation, manual

OPEN = conversation(auto("@grace", 1), replace(manual("@karl", "10:00", turn=3), account=2, generation=4), creator=3)
LAST = (2**62, "")


@pytest.fixture
def db(db):
    db.write(lambda tx: conversations.insert(tx, OPEN))
    return db


def save(db, talk):
    return db.write(lambda tx: conversations.save(tx, talk))


def add(db, name, created_at=SUNDAY_NOON, **changed):
    talk = replace(OPEN, id=name, created_at=created_at, **changed)
    db.write(lambda tx: conversations.insert(tx, talk))


def test_a_conversation_is_found_as_it_was_added(db):
    full = replace(OPEN, id="scv_full", event=EventDetails(Location("Room", "1.5", "2")), subject=None, creator=None)
    db.write(lambda tx: conversations.insert(tx, full))
    assert db.read(conversations.find, OPEN.id) == OPEN
    assert db.read(conversations.find, "scv_full") == full
    assert db.read(conversations.find, "scv_other") is None


def test_saving_replaces_it_and_counts(db):
    agreed = replace(OPEN, chosen=at("10:00"))
    saved = save(db, agreed)
    assert saved == replace(agreed, version=1)
    assert db.read(conversations.find, OPEN.id) == saved
    assert save(db, saved).version == 2


def test_saving_over_a_newer_version_fails_and_changes_nothing(db):
    newer = save(db, replace(OPEN, subject="Newer"))
    with pytest.raises(RuntimeError, match=OPEN.id):
        save(db, replace(OPEN, subject="Older"))
    assert db.read(conversations.find, OPEN.id) == newer


@pytest.mark.parametrize(("account", "expected"), [(1, [OPEN.id]), (2, [OPEN.id]), (3, []), (4, [])])
def test_open_conversations_are_those_that_an_account_takes_part_in(db, account, expected):
    assert db.read(conversations.open_of, account) == expected


def test_open_conversations_come_oldest_first_until_they_are_complete(db):
    add(db, "scv_a", created_at=5)
    add(db, "scv_b", created_at=5)
    add(db, "scv_done", chosen=at("10:00"))
    assert db.read(conversations.open_of, 1) == ["scv_a", "scv_b", OPEN.id]
    save(db, replace(OPEN, chosen=at("10:00")))
    assert db.read(conversations.open_of, 1) == ["scv_a", "scv_b"]


def listed(db, query, *whose, before=LAST, most=10):
    return [one.id for one in db.read(query, *whose, before, most)]


def test_an_applications_conversations_are_listed_newest_first_behind_a_mark(db):
    add(db, "scv_b", created_at=5)
    add(db, "scv_a", created_at=5)
    add(db, "scv_x", created_at=7, application="other")
    everything = [OPEN.id, "scv_b", "scv_a"]
    assert listed(db, conversations.of_application, "app") == everything
    assert listed(db, conversations.of_application, "app", most=1) == everything[:1]
    assert listed(db, conversations.of_application, "app", before=(5, "scv_b")) == ["scv_a"]
    assert [db.read(conversations.count_of_application, "app", most) for most in (2, 3, 9)] == [2, 3, 3]


@pytest.mark.parametrize("account", [1, 2, 3], ids=["first participant", "second participant", "creator"])
def test_an_accounts_conversations_are_those_it_created_or_takes_part_in(db, account):
    add(db, "scv_b", created_at=5)
    add(db, "scv_x", application="other")
    add(db, "scv_y", participants=(manual("@ida"),), creator=4)
    assert listed(db, conversations.of_account, "app", account) == [OPEN.id, "scv_b"]
    assert listed(db, conversations.of_account, "app", account, before=(5, "scv_c")) == ["scv_b"]
    assert [db.read(conversations.count_of_account, "app", account, most) for most in (1, 2, 9)] == [1, 2, 2]


def test_who_created_it_and_takes_part_has_it_once(db):
    add(db, "scv_z", creator=1)
    assert listed(db, conversations.of_account, "app", 1).count("scv_z") == 1
    assert "scv_z" in db.read(conversations.open_of, 1)


def test_conversations_are_counted_by_whether_somebody_must_act(db):
    add(db, "scv_a", participants=(auto("@grace", 1), manual("@karl")))
    add(db, "scv_b", participants=(manual("@ida"), manual("@karl", "10:00")))
    add(db, "scv_c", participants=(auto("@grace", 1), auto("@karl", 2)))
    assert db.read(conversations.by_status) == {"needs_action": 2, "waiting": 2, "complete": 0}
    save(db, replace(OPEN, chosen=at("10:00")))
    save(db, replace(OPEN, id="scv_c", participants=(auto("@grace", 1), manual("@karl"))))
    assert db.read(conversations.by_status) == {"needs_action": 3, "waiting": 0, "complete": 1}


def test_a_complete_conversation_of_an_earlier_version_is_counted_as_such(db):
    db.write(lambda tx: tx.run("update conversations set is_open = 0, asks = 1"))
    assert db.read(conversations.by_status) == {"needs_action": 0, "waiting": 0, "complete": 1}
