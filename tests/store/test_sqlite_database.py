"""What only a file does: full disks, processes that share it, and the lock that keeps a second service away."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from parley.core.errors import Unavailable
from parley.store.database import DatabaseInUse, Unusable
from parley.store.sqlite import Sqlite
from tests.store.numbers import TABLE, add, numbers


@pytest.fixture
def db(tmp_path):
    opened = Sqlite(tmp_path / "test.db")
    opened.write(lambda tx: tx.run(TABLE))
    yield opened
    opened.close()


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


def test_the_log_is_carried_over_by_the_writer_and_never_by_a_reader(db):
    """A reader that did so would keep an event loop waiting for the disk."""
    pages = [call(lambda tx: tx.one("pragma wal_autocheckpoint"))[0] for call in (db.read, db.write)]
    assert pages == [0, 1000]


COUNTING = (
    "with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 5000000)"
    " select count(*) from numbers"
)


def test_connections_are_counted_while_another_thread_is_inside_a_call(db):
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(db.read, lambda tx: tx.one(COUNTING))
        seen = set()
        while not reading.done():
            seen.add(db.in_use())
        assert reading.result() == (5000000,)
    assert seen >= {1}
    assert db.in_use() == 0
