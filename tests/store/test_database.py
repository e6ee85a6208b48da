"""Reading, writing and migrating."""

import subprocess
import sys
import threading

import apsw
import pytest

from parley.core.errors import Unavailable
from parley.store.database import DatabaseInUse, Unusable
from parley.store.sqlite import Sqlite


@pytest.fixture
def db(tmp_path):
    opened = Sqlite(tmp_path / "test.db")
    opened.write(lambda tx: tx.run("create table numbers (number bigint not null primary key)"))
    yield opened
    opened.close()


def add(number):
    return lambda tx: tx.run("insert into numbers (number) values (:number)", number=number)


def numbers(db):
    return [row[0] for row in db.read(lambda tx: tx.all("select number from numbers order by number"))]


def test_what_was_written_is_read(db):
    assert db.write(add(1)) == 1
    assert numbers(db) == [1]


def test_what_was_written_is_there_after_opening_the_file_again(db):
    db.write(add(1))
    again = Sqlite(db.path)
    assert numbers(again) == [1]
    again.close()


def test_a_record_that_raises_changes_nothing(db):
    def record(tx):
        add(1)(tx)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        db.write(record)
    db.write(add(2))
    assert numbers(db) == [2]


def test_a_statement_that_fails_undoes_those_before_it(db):
    def record(tx):
        add(1)(tx)
        add(1)(tx)

    with pytest.raises(apsw.ConstraintError):
        db.write(record)
    assert numbers(db) == []


def test_a_read_cannot_change_anything(db):
    with pytest.raises(Unavailable):
        db.read(add(1))
    assert numbers(db) == []
    db.write(add(2))
    assert numbers(db) == [2]


def test_a_read_sees_one_moment(db):
    def query(tx):
        before = tx.all("select number from numbers")
        threads = [threading.Thread(target=db.write, args=(add(1),))]
        threads[0].start()
        threads[0].join()
        return before, tx.all("select number from numbers")

    assert db.read(query) == ([], [])
    assert numbers(db) == [1]


def test_a_read_that_raises_leaves_the_connection_usable(db):
    with pytest.raises(apsw.SQLError):
        db.read(lambda tx: tx.all("select nothing from nowhere"))
    assert numbers(db) == []


def test_statements_take_values_by_name(db):
    db.write(add(7))
    assert db.read(lambda tx: tx.one("select :a, number from numbers where number = :b", a="x';--", b=7)) == (
        "x';--",
        7,
    )


def test_a_full_disk_is_told_as_such_and_changes_nothing(db):
    db.write(add(1))
    db.write(lambda tx: tx.run("create table big (bytes blob not null)"))
    pages = db.read(lambda tx: tx.one("pragma page_count"))[0]

    def record(tx):
        tx.one(f"pragma max_page_count = {pages + 2}")
        add(2)(tx)
        tx.run("insert into big (bytes) values (zeroblob(1000000))")

    with pytest.raises(Unavailable):
        db.write(record)
    assert numbers(db) == [1]
    db.write(add(3))
    assert numbers(db) == [1, 3]


def test_threads_write_one_after_the_other(db):
    def record(tx):
        highest = tx.one("select coalesce(max(number), 0) from numbers")[0]
        add(highest + 1)(tx)

    threads = [threading.Thread(target=lambda: [db.write(record) for _ in range(10)]) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert numbers(db) == list(range(1, 81))


WRITER = """
import sys
from pathlib import Path
from parley.store.sqlite import Sqlite
db = Sqlite(Path(sys.argv[1]))
def record(tx):
    highest = tx.one("select coalesce(max(number), 0) from numbers")[0]
    tx.run("insert into numbers (number) values (:number)", number=highest + 1)
for _ in range(40):
    db.write(record)
"""


def test_processes_write_one_after_the_other(db):
    command = [sys.executable, "-c", WRITER, str(db.path)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(one.communicate()[1], one.returncode) for one in running] == [(b"", 0)] * 3
    assert numbers(db) == list(range(1, 121))


DYING = """
import os, sys
from pathlib import Path
from parley.store.sqlite import Sqlite
db = Sqlite(Path(sys.argv[1]))
db.write(lambda tx: tx.run("insert into numbers (number) values (1)"))
def record(tx):
    tx.run("insert into numbers (number) values (2)")
    os._exit(9)
db.write(record)
"""


def test_a_process_that_dies_while_writing_leaves_what_it_had_finished(db):
    died = subprocess.run([sys.executable, "-c", DYING, str(db.path)], check=False)
    assert died.returncode == 9
    db.write(add(3))
    assert numbers(db) == [1, 3]


def test_migrations_are_applied_once_and_in_order(tmp_path):
    db = Sqlite(tmp_path / "parley.db")
    applied = db.migrate()
    assert applied == sorted(applied) == db.migrated()
    assert applied[0].startswith("0001_")
    assert db.migrate() == []
    db.close()


def test_migrating_twice_keeps_what_is_there(tmp_path):
    first, second = Sqlite(tmp_path / "parley.db"), Sqlite(tmp_path / "parley.db")
    first.migrate()
    first.write(lambda tx: tx.run("insert into applications values ('a', 'A', '[]', '{}', 0)"))
    assert second.migrate() == []
    assert second.read(lambda tx: tx.one("select count(*) from applications")) == (1,)
    first.close()
    second.close()


def test_one_service_holds_a_database(tmp_path):
    first, second = Sqlite(tmp_path / "parley.db"), Sqlite(tmp_path / "parley.db")
    release = first.hold()
    with pytest.raises(DatabaseInUse):
        second.hold()
    release()
    second.hold()()
    first.close()
    second.close()


HOLDER = """
import sys
from pathlib import Path
from parley.store.sqlite import Sqlite
Sqlite(Path(sys.argv[1])).hold()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_hold_ends_with_its_process(tmp_path):
    db = Sqlite(tmp_path / "parley.db")
    command = [sys.executable, "-c", HOLDER, str(db.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseInUse):
            db.hold()
        holder.kill()
    db.hold()()
    db.close()


def test_a_file_that_is_no_database_cannot_be_used(tmp_path):
    path = tmp_path / "parley.db"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(Unusable, match="not a database"):
        Sqlite(path)


def test_what_is_committed_is_on_disk(db):
    assert db.write(lambda tx: tx.one("pragma synchronous")) == (2,)
    assert db.write(lambda tx: tx.one("pragma journal_mode")) == ("wal",)
    assert db.write(lambda tx: tx.one("pragma foreign_keys")) == (1,)
