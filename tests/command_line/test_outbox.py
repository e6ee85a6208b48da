"""Looking at messages, and having them tried again."""

from __future__ import annotations

import pytest

from parley.store import database, outbox
from parley.store.outbox import Task


@pytest.fixture
def db(shell):
    shell.run("migrate")
    opened = database.opened(shell.data / "parley.db")
    yield opened
    opened.close()


def put(db, name, document='{"secret": "plans"}'):
    db.write(lambda tx: outbox.put(tx, Task(name, "riddle", "riddle:app", document), 1_900_000_000))


def bury(db, name):
    def record(tx):
        (message,) = outbox.claim(tx, "riddle:app", 1_900_000_000, 15, 1)
        return outbox.bury(tx, message, "ValueError: no such kind", 1_900_000_060)

    put(db, name)
    assert db.write(record)


def told(shell, *words):
    return shell.json("outbox", *words)


def printed(shell, *words):
    done = shell.run("outbox", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_what_waits_is_listed_without_what_it_says(shell, db):
    put(db, "b")
    assert [(one["name"], one["kind"], one["attempts"]) for one in told(shell, "list")] == [("b", "riddle", 0)]
    assert "plans" not in printed(shell, "list")
    assert printed(shell, "list", "--dead") == "nothing was given up\n"


def test_what_waits_for_its_time_says_so(shell, db):
    task = Task("b", "riddle", "riddle:app", "{}")
    db.write(lambda tx: outbox.put(tx, task, 1_900_000_000, due_at=1_900_003_600))
    assert printed(shell, "list") == "2030-03-17T17:46:40Z   0  b  not before 2030-03-17T18:46:40Z\n"


def test_what_was_given_up_is_listed_with_its_reason(shell, db):
    bury(db, "a")
    assert printed(shell, "list") == "nothing waits\n"
    (dead,) = told(shell, "list", "--dead")
    assert (dead["name"], dead["attempts"], dead["reason"]) == ("a", 1, "ValueError: no such kind")
    assert dead["given_up"] == "2030-03-17T17:47:40Z"


def test_a_message_is_shown_with_all_that_it_says(shell, db):
    put(db, "b")
    (shown,) = told(shell, "show", "b")
    assert shown["document"] == {"secret": "plans"}
    assert "plans" in printed(shell, "show", "b")


def test_what_was_given_up_waits_again(shell, db):
    bury(db, "a")
    assert told(shell, "retry", "a") == {"retried": ["a"]}
    assert (db.read(outbox.waiting), db.read(outbox.buried)) == (1, 0)


def test_all_that_was_given_up_waits_again(shell, db):
    bury(db, "a")
    bury(db, "b")
    assert told(shell, "retry", "--dead") == {"retried": ["a", "b"]}
    assert (db.read(outbox.waiting), db.read(outbox.buried)) == (2, 0)
    assert printed(shell, "retry", "--dead") == "nothing was given up\n"


@pytest.mark.parametrize("words", [("show", "x"), ("retry", "x")], ids=lambda words: words[0])
def test_a_name_that_nothing_has_is_told(shell, words):
    ended = shell.run("outbox", *words)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "parley: there is no message x; parley outbox list names them\n"


@pytest.mark.parametrize("words", [(), ("x", "--dead")], ids=["nothing", "both"])
def test_retry_needs_to_know_what(shell, words):
    assert shell.run("outbox", "retry", *words).returncode == 2
