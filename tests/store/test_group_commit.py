"""Transactions of a file that wait at the same time share one commit, and are told only then what became of them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field

import apsw
import pytest

from parley.core.errors import Unavailable
from parley.store.sqlite import GROUP, Sqlite
from tests.store.numbers import TABLE, add, numbers


@dataclass
class Commits:
    """The commits of a file's connections: how many of those who wait were told just before each.

    The first is the commit of the one behind which they wait.
    """

    futures: list = field(default_factory=list)
    done_before: list[int] = field(default_factory=list)

    def hook(self, connection: apsw.Connection) -> None:
        connection.set_commit_hook(self.commit)

    def commit(self) -> bool:
        self.done_before.append(sum(one.done() for one in self.futures))
        return False  # it may go on


@pytest.fixture
def commits() -> Iterator[Commits]:
    watching = Commits()
    apsw.connection_hooks.append(watching.hook)
    yield watching
    apsw.connection_hooks.remove(watching.hook)


@pytest.fixture
def db(tmp_path, commits) -> Iterator[Sqlite]:
    opened = Sqlite(tmp_path / "test.db")
    opened.write(lambda tx: tx.run(TABLE))
    commits.done_before.clear()
    yield opened
    opened.close()


@pytest.fixture
def submitted(db, commits) -> Callable:
    """Let transactions wait behind one that goes on when all of them are there; their futures."""

    def submit(*records, meanwhile=lambda futures: None):
        begun, all_there = threading.Event(), threading.Event()
        first = db.submit(lambda _tx: (begun.set(), all_there.wait(10)))
        begun.wait(10)
        commits.futures = [db.submit(one) for one in records]
        meanwhile(commits.futures)
        all_there.set()
        first.result(10)
        return commits.futures

    return submit


def outcomes(futures):
    """What has become of each: its answer, or the name of what it raised."""
    return [type(one.exception(10)).__name__ if one.exception(10) else one.result() for one in futures]


def refuse(tx):
    add(100)(tx)
    raise ValueError("no")


def test_transactions_that_wait_share_one_commit(db, commits, submitted):
    futures = submitted(*[add(n) for n in range(20)])
    assert outcomes(futures) == [1] * 20
    assert commits.done_before == [0, 0]
    assert numbers(db) == list(range(20))


def test_a_commit_is_shared_by_so_many_at_most(db, commits, submitted):
    futures = submitted(*[add(n) for n in range(2 * GROUP + 1)])
    assert set(outcomes(futures)) == {1}
    assert commits.done_before == [0, 0, GROUP, 2 * GROUP]


def test_who_comes_alone_does_not_wait_for_others(db, commits):
    db.write(add(1))
    db.write(add(2))
    assert len(commits.done_before) == 2


def test_one_that_raises_leaves_the_others(db, commits, submitted):
    futures = submitted(add(1), refuse, add(2), add(1), add(3))
    assert outcomes(futures) == [1, "ValueError", 1, "ConstraintError", 1]
    assert commits.done_before == [0, 0]
    assert numbers(db) == [1, 2, 3]


def test_each_sees_what_those_before_it_did_and_nothing_of_those_that_raised(db, submitted):
    futures = submitted(add(1), refuse, lambda _tx: numbers(db), add(2), lambda tx: db.read(lambda tx: numbers(db)))
    assert outcomes(futures) == [1, "ValueError", [1], 1, [1, 2]]


def test_parts_of_one_are_undone_without_the_others(db, submitted):
    def record(tx):
        add(2)(tx)
        with pytest.raises(ValueError, match="no"):
            db.write(refuse)
        db.write(add(3))
        return numbers(db)

    assert outcomes(submitted(add(1), record, add(4))) == [1, [1, 2, 3], 1]
    assert numbers(db) == [1, 2, 3, 4]


def test_one_that_is_cancelled_while_it_waits_is_not_carried_out(db, submitted):
    futures = submitted(add(1), add(2), add(3), meanwhile=lambda futures: futures[1].cancel())
    assert [futures[0].result(10), futures[2].result(10)] == [1, 1]
    with pytest.raises(CancelledError):
        futures[1].result()
    assert numbers(db) == [1, 3]


def test_one_that_is_cancelled_alone_leaves_the_writer_usable(db, submitted):
    submitted(add(1), meanwhile=lambda futures: futures[0].cancel())
    db.write(add(2))
    assert numbers(db) == [2]


def test_one_that_has_begun_cannot_be_cancelled(db):
    begun, may_end = threading.Event(), threading.Event()

    def record(tx):
        begun.set()
        may_end.wait(10)
        return add(1)(tx)

    future = db.submit(record)
    begun.wait(10)
    assert not future.cancel()
    may_end.set()
    assert future.result(10) == 1


@pytest.mark.parametrize("interruption", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_the_writer_outlives_whatever_a_transaction_raises(db, submitted, interruption):
    def record(tx):
        add(100)(tx)
        raise interruption

    futures = submitted(add(1), record, add(2))
    assert outcomes(futures) == [1, interruption.__name__, 1]
    assert numbers(db) == [1, 2]


def test_what_waits_when_the_file_is_closed_is_carried_out(tmp_path):
    db = Sqlite(tmp_path / "test.db")
    db.write(lambda tx: tx.run(TABLE))
    closing, futures = threading.Event(), []
    futures.append(db.submit(lambda _tx: closing.wait(10)))
    futures += [db.submit(add(n)) for n in range(3 * GROUP)]
    thread = threading.Thread(target=db.close)
    thread.start()
    closing.set()
    thread.join(10)
    assert [one.result(0) for one in futures[1:]] == [1] * (3 * GROUP)
    again = Sqlite(tmp_path / "test.db")
    assert numbers(again) == list(range(3 * GROUP))
    again.close()


def fill(tx):
    """More than the disk has room for, as SQLite sees it; it ends the transaction by itself."""
    pages = tx.one("pragma page_count")[0]
    tx.one(f"pragma max_page_count = {pages + 2}")
    tx.run("create table big (bytes blob not null)")
    tx.run("insert into big (bytes) values (zeroblob(1000000))")


def counting(record, counts, name):
    def counted(tx):
        counts.append(name)
        return record(tx)

    return counted


def test_a_disk_that_fills_in_the_middle_acknowledges_nobody_and_the_others_run_again_alone(db, commits, submitted):
    ran = []
    records = {"one": add(1), "two": add(2), "full": fill, "three": add(3)}
    futures = submitted(*[counting(record, ran, name) for name, record in records.items()])
    assert outcomes(futures) == [1, 1, "Unavailable", 1]
    assert ran == ["one", "two", "full", "one", "two", "full", "three"]
    assert commits.done_before == [0, 0, 1, 3]  # none was told before its own commit
    assert numbers(db) == [1, 2, 3]


def test_what_goes_on_after_the_disk_was_full_is_not_written_by_halves(db, submitted):
    """Whoever swallows that the disk is full is in no transaction any more; what it does then must not stay."""

    def record(tx):
        add(1)(tx)
        with pytest.raises(Unavailable):
            db.write(fill)
        db.write(add(2))

    assert outcomes(submitted(record, add(3))) == ["Unavailable", 1]
    assert numbers(db) == [3]


def test_a_part_for_which_there_is_no_room_is_told_so(db):
    told = []

    def record(_tx):
        with pytest.raises(Unavailable):
            db.write(fill)
        told.append("Unavailable")

    with pytest.raises(Unavailable):
        db.write(record)
    assert set(told) == {"Unavailable"}


SCRIPT = """
import json, os, resource, sys, threading
from pathlib import Path
import apsw
from parley.store.sqlite import Sqlite

def group(*records):
    begun, all_there = threading.Event(), threading.Event()
    db.submit(lambda _tx: (begun.set(), all_there.wait(10)))
    begun.wait(10)
    futures = [db.submit(one) for one in records]
    all_there.set()
    return futures

def add(number, size=0):
    return lambda tx: tx.run("insert into rows (number, bytes) values (:n, zeroblob(:s))", n=number, s=size)

def outcomes(futures):
    return [type(one.exception(10)).__name__ for one in futures]

def rows():
    return [row[0] for row in db.read(lambda tx: tx.all("select number from rows order by number"))]

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

path = Path(sys.argv[1])
db = Sqlite(path)
db.write(lambda tx: tx.run("create table if not exists rows (number bigint not null primary key, bytes blob not null)"))
log = Path(f"{path}-wal")
"""


@pytest.fixture
def script(tmp_path) -> Callable:
    """Run lines in a process of its own; how it ended, and what it printed."""

    def run(lines):
        command = [sys.executable, "-c", SCRIPT + lines, str(tmp_path / "test.db")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return run


def test_a_disk_that_is_full_at_the_commit_fails_all_that_share_it(script):
    """What the group has changed is written at the commit only."""
    told = script("""
limit(log.stat().st_size + 20000)
print(json.dumps(outcomes(group(add(1), add(2, 15000), add(3, 15000)))))
print(json.dumps(rows()))
print(json.dumps(outcomes(group(add(4)))))
limit(resource.RLIM_INFINITY)
print(json.dumps(outcomes(group(add(5), add(6, 50000)))))
print(json.dumps(rows()))
""")
    assert told == (0, [["Unavailable"] * 3, [], ["NoneType"], ["NoneType"] * 2, [4, 5, 6]], "")


def test_a_disk_that_is_full_before_the_commit_fails_only_those_for_whom_there_is_no_room(script):
    """Pages that no longer fit into memory are written before the commit."""
    told = script("""
db.write(lambda tx: tx.one("pragma cache_size = 10"))
limit(log.stat().st_size + 100000)
print(json.dumps(outcomes(group(add(1), add(2, 1000000), add(3)))))
print(json.dumps(rows()))
limit(resource.RLIM_INFINITY)
print(json.dumps(outcomes(group(add(4, 1000000)))))
print(json.dumps(rows()))
""")
    nothing = "NoneType"
    assert told == (0, [[nothing, "Unavailable", nothing], [1, 3], [nothing], [1, 3, 4]], "")


TELL = """
def tell(future, number):
    if future.exception() is None:
        os.write(1, f"{number}\\n".encode())
def told(futures, first):
    for number, one in enumerate(futures, first):
        one.add_done_callback(lambda future, number=number: tell(future, number))
"""


@pytest.mark.parametrize(
    ("end", "left"),
    [
        pytest.param("def die(tx): os._exit(9)", [1, 2, 3], id="in the middle of the group"),
        pytest.param(
            "def die(tx): tx.connection.set_commit_hook(lambda: os._exit(9))", [1, 2, 3], id="before the commit"
        ),
        pytest.param(
            "def die(tx): tx.connection.set_wal_hook(lambda *_: os._exit(9))", [1, 2, 3, 4, 5], id="after the commit"
        ),
    ],
)
def test_a_process_that_dies_loses_nothing_that_was_acknowledged(script, end, left):
    died = script(f"""{TELL}
first = group(add(1), add(2), add(3))
told(first, 1)
[one.result(10) for one in first]
{end}
told(group(add(4), die, add(5)), 4)
threading.Event().wait(10)
""")
    assert died == (9, [1, 2, 3], "")
    assert script("print(json.dumps(rows()))") == (0, [left], "")
