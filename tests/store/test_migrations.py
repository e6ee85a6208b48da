"""Bringing a database up to date: once, by whoever comes first, and while the version before is still at work.

`tests/data/statements_of_0003.json` holds what the version with three migrations said to its database, statement by
statement, while conversations were opened, agreed and settled, and how many rows that left in each table.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import apsw
import psycopg
import pytest

from parley import worker
from parley.core.conversation import Type
from parley.data_center import DataCenter
from parley.settings import Settings
from parley.store import conversations, database, events, history, outbox
from parley.store.database import Unusable, missing
from tests.command_line.conftest import Shell
from tests.conftest import ENGINES, Clock
from tests.make import period

PROCESSES = 4
SECONDS = 60
RECORDED = json.loads((Path(__file__).parent.parent / "data" / "statements_of_0003.json").read_text())
WRITING = [(sql, values) for sql, values in RECORDED["statements"] if not sql.startswith("select")]
NEWER = "insert into migrations (name) values ('9999_of_the_future.sql')"


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture
def where(engine, tmp_path, request):
    """A place for a database in which nothing is yet."""
    if engine == "sqlite":
        (tmp_path / "data").mkdir()
        return str(tmp_path / "data" / "parley.db")
    return request.getfixturevalue("server").new_database()


def opened(where):
    return closing(database.opened(where))


def execute(where, *statements):
    """Carry these out past Parley."""
    if database.is_address(where):
        with psycopg.connect(where, autocommit=True) as connection:
            for one in statements:
                connection.execute(one)
    else:
        with closing(apsw.Connection(where)) as connection:
            for one in statements:
                connection.execute(one)


def bring(where, engine, until):
    """Bring an empty database to the state that it had with the migrations until this one."""
    known = [(name, sql) for name, sql in missing([], engine) if name <= until]
    names = [f"insert into migrations (name) values ('{name}')" for name, _ in known]
    execute(where, database.MIGRATIONS, *[sql for _, sql in known], *names)


def names(engine):
    return [name for name, _ in missing([], engine)]


def test_migrations_are_applied_in_order_and_told_as_they_begin(where, engine):
    told = []
    with opened(where) as db:
        assert db.migrate(told.append) == told == db.migrated() == names(engine) == sorted(told)


def test_a_database_that_is_up_to_date_is_left_alone(where):
    with opened(where) as first, opened(where) as second:
        first.migrate()
        first.write(lambda tx: tx.run("insert into applications values ('a', 'A', '[]', '{}', 0)"))
        assert second.migrate() == []
        assert second.read(lambda tx: tx.one("select count(*) from applications")) == (1,)


MIGRATOR = """
import json, sys
from parley.store import database
db = database.opened(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(db.migrate()), flush=True)
db.close()
"""


def test_of_processes_that_migrate_at_once_each_migration_is_applied_by_one(where, engine):
    command = [sys.executable, "-c", MIGRATOR, where]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]
    assert [one.stdout.readline() for one in running] == ["ready\n"] * PROCESSES
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    told = [one.communicate(timeout=SECONDS)[0] for one in running]
    assert [one.returncode for one in running] == [0] * PROCESSES
    assert sorted(name for one in told for name in json.loads(one)) == names(engine)


def test_a_migration_that_fails_leaves_nothing_of_itself(where, engine):
    bring(where, engine, "0003_z")
    execute(where, "create table dead_letters (name text)")  # in the way of a later one
    with opened(where) as db, pytest.raises(Unusable, match="dead_letters"):
        db.migrate()
    execute(where, "drop table dead_letters")
    with opened(where) as db:
        db.migrate()
        assert db.migrated() == names(engine)


def replay(where, statements):
    """Say to the database what the version before said."""
    with opened(where) as db:
        db.write(lambda tx: [tx.run(sql, **values) for sql, values in statements])


def counts(where):
    with opened(where) as db:
        return db.read(lambda tx: {name: tx.one(f"select count(*) from {name}")[0] for name in RECORDED["left"]})


@pytest.mark.parametrize("order", ["then migrated", "still at work when it is migrated"])
def test_what_the_version_before_wrote_is_understood(where, engine, tmp_path, order):
    bring(where, engine, "0003_z")
    steps = [lambda: replay(where, WRITING), lambda: migrated(where)]
    for step in steps if order == "then migrated" else reversed(steps):
        step()
    assert counts(where) == RECORDED["left"]
    with opened(where) as db:
        worker.work_off(DataCenter(Settings(data_dir=tmp_path), "", db, b"", Clock()))
        assert [db.read(outbox.waiting), db.read(outbox.dead, 10)] == [0, []]
        assert what_became_of_the_last(db) == [Type.CREATED, Type.SELECTED, Type.AGREED, Type.EVENT_WRITTEN]


def migrated(where):
    with opened(where) as db:
        db.migrate()


def what_became_of_the_last(db):
    """The history of the conversation whose event was not written yet; all of them can be read."""
    ids = [row[0] for row in db.read(lambda tx: tx.all("select id from conversations"))]
    found = [db.read(conversations.find, one) for one in ids]
    last = next(one for one in found if one.chosen == period("15:00", "16:00").start)
    busy = db.read(events.blocking, last.accounts[0], period("15:00", "16:00"))
    assert [one for _, one in busy] == [period("15:00", "16:00")]
    return [one.change.type for one in db.read(history.after, last.id, 0, 100)]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_version_before_can_ask_all_that_it_asks(where):
    with opened(where) as db:
        db.migrate()
    replay(where, RECORDED["statements"])


@pytest.mark.parametrize("engine", ["postgresql"])
def test_others_go_on_while_a_migration_waits_for_somebody(where, engine):
    """A long look at a table, as that of a copy, keeps a change of the table waiting, and that all who come later."""
    bring(where, engine, "0004_z")
    longest, over = 0.0, threading.Event()

    def keep_on():
        nonlocal longest
        with psycopg.connect(where, autocommit=True) as other:
            while not over.is_set():
                began = time.monotonic()
                other.execute("select count(*) from outbox")
                longest = max(longest, time.monotonic() - began)

    with psycopg.connect(where) as looking:
        looking.execute("select count(*) from outbox")
        threads = [threading.Thread(target=one) for one in (keep_on, lambda: migrated(where))]
        for one in threads:
            one.start()
        time.sleep(4)
    threads[1].join(SECONDS)
    over.set()
    threads[0].join(SECONDS)
    with opened(where) as db:
        assert db.migrated() == names(engine)
    assert 1.5 < longest < 3  # at four it would have waited for all of it


@pytest.fixture
def shell(where, tmp_path):
    settings = {"database": where} if database.is_address(where) else {}
    return Shell(tmp_path, settings)


def test_a_database_that_a_newer_version_has_changed_is_not_used(where):
    migrated(where)
    execute(where, NEWER)
    with opened(where) as db, pytest.raises(Unusable, match="9999_of_the_future"):
        db.migrate()


COMMANDS = {
    "sqlite": ["serve --port 0", "migrate", "application list", "account create grace@example.org", "outbox list"],
    "postgresql": ["serve --port 0 --processes 2", "work", "migrate"],
}


def test_no_command_uses_a_database_that_a_newer_version_has_changed(where, engine, shell):
    migrated(where)
    execute(where, NEWER)
    for words in COMMANDS[engine]:
        done = shell.run(*words.split(), base_url="http://127.0.0.1:1")
        assert (done.returncode, done.stdout) == (1, ""), words
        told = done.stderr.splitlines()[0]
        assert told.endswith("a newer version of Parley has been here (9999_of_the_future.sql); install that version")
