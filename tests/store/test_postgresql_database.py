"""What only a server does: others change the same rows meanwhile, keep us waiting, and end our connections."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import psycopg
import pytest
from psycopg import errors

from parley.core.errors import Unavailable
from parley.core.periods import Period
from parley.store import bookings
from parley.store.postgresql import Postgresql
from tests.postgresql import Server
from tests.store.numbers import TABLE, add, numbers

SECONDS = 5.0  # within which everything has an end


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    """The address of a database with all tables, and one of numbers."""
    made = server.new_database()
    db = Postgresql(made)
    db.migrate()
    db.write(lambda tx: tx.run(TABLE))
    db.close()
    return made


@pytest.fixture
def outside(address):
    """A connection past Parley, to an empty database."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("delete from numbers; delete from bookings")
        yield connection


@pytest.fixture
def db(address, outside):
    opened = Postgresql(address)
    yield opened
    opened.close()


@contextmanager
def within(seconds):
    """All of it takes no longer."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def together(*calls):
    """What these answer, carried out at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(call) for call in calls]]


class Attempts:
    """Counts how often a transaction runs, and lets the first ones of several meet."""

    def __init__(self, parties: int = 1) -> None:
        self.barrier = threading.Barrier(parties)
        self.begun = 0
        self.seen = threading.local()

    def first(self) -> bool:
        """Whether this thread has not tried before."""
        self.begun += 1
        is_first, self.seen.before = not hasattr(self.seen, "before"), True
        return is_first

    def meet(self) -> None:
        """Wait for the others, at the first attempt."""
        if self.first():
            self.barrier.wait(SECONDS)


def pid(tx):
    return tx.one("select pg_backend_pid()")[0]


def test_transactions_that_wait_for_each_other_both_come_through(db):
    db.write(lambda tx: [add(n)(tx) for n in (1, 2)])
    attempts = Attempts(2)

    def raise_both(one, other):
        def record(tx):
            tx.run("update numbers set number = number + 10 where number in (:n, :n + 10, :n + 20)", n=one)
            attempts.meet()
            tx.run("update numbers set number = number + 10 where number in (:n, :n + 10, :n + 20)", n=other)

        return lambda: db.write(record)

    with within(SECONDS):
        together(raise_both(1, 2), raise_both(2, 1))
    assert (numbers(db), attempts.begun) == ([21, 22], 3)


def test_a_transaction_that_cannot_be_put_in_an_order_with_others_is_run_again_as_a_whole(db):
    attempts = Attempts(2)

    def record(tx):
        tx.run("set transaction isolation level serializable")
        found = numbers(db)
        attempts.meet()
        add(len(found) + 1)(tx)
        add(100 * (len(found) + 1))(tx)

    together(lambda: db.write(record), lambda: db.write(record))
    assert (numbers(db), attempts.begun) == ([1, 3, 100, 300], 3)


def book(conversation, start, end):
    """Book an account's time as `bookings.take` does, without having looked whether it is free."""
    return lambda tx: tx.run(
        "insert into bookings (account_key, conversation_id, starts_at, ends_at) values (1, :id, :starts_at, :ends_at)",
        id=conversation,
        starts_at=start,
        ends_at=end,
    )


def booked(outside):
    return outside.execute("select starts_at, ends_at from bookings order by starts_at").fetchall()


def test_the_database_itself_refuses_bookings_that_overlap(db, outside):
    db.write(book("scv_1", 100, 200))
    with pytest.raises(Unavailable) as refusal, within(SECONDS):
        db.write(book("scv_2", 199, 300))
    assert isinstance(refusal.value.__cause__, errors.ExclusionViolation)
    db.write(book("scv_3", 200, 300))
    db.write(lambda tx: bookings.release(tx, 1, "scv_1", 50))
    db.write(book("scv_4", 150, 200))
    assert booked(outside) == [(100, 200), (150, 200), (200, 300)]


def test_whose_booking_another_has_overtaken_looks_again(db, outside):
    """Both find the time free, since neither is to be seen by the other yet."""
    attempts = Attempts(2)

    def record(conversation):
        def take(tx):
            free = not bookings.standing(tx, 1, Period(100, 200))
            attempts.meet()
            if free:
                book(conversation, 100, 200)(tx)
            return free

        return lambda: db.write(take)

    assert sorted(together(record("scv_1"), record("scv_2"))) == [False, True]
    assert len(booked(outside)) == 1


BOOKER = """
import random, sys
from parley.core.errors import Unavailable
from parley.store.postgresql import Postgresql
from tests.store.test_postgresql_database import book
db = Postgresql(sys.argv[1])
dice = random.Random(sys.argv[2])
for number in range(8):
    start = dice.randrange(50)
    try:
        db.write(book(f"scv_{sys.argv[2]}_{number}", start, start + 5))
    except Unavailable:
        pass
db.close()
"""


def test_processes_that_do_not_look_never_book_overlapping_times(address, outside):
    command = [sys.executable, "-c", BOOKER, address]
    running = [subprocess.Popen([*command, str(n)], stderr=subprocess.PIPE) for n in range(3)]
    assert [(one.communicate()[1], one.returncode) for one in running] == [(b"", 0)] * 3
    found = booked(outside)
    assert len(found) > 4
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@contextmanager
def locked(address, number):
    """Somebody keeps the row of this number."""
    with psycopg.connect(address) as other:
        other.execute("select number from numbers where number = %s for update", (number,))
        yield


def raise_by_ten(tx):
    tx.run("update numbers set number = number + 10 where number = 1")


def connections(outside):
    """The processes of the server that work for Parley here."""
    ours = "select pid from pg_stat_activity where datname = current_database() and application_name = 'parley'"
    return {row[0] for row in outside.execute(ours).fetchall()}


def test_a_row_that_somebody_keeps_is_waited_for_in_vain_and_not_for_long(db, address, outside):
    db.write(add(1))
    before = connections(outside)
    with locked(address, 1), pytest.raises(Unavailable), within(SECONDS):
        db.write(raise_by_ten)
    assert before <= connections(outside)  # which are none the worse for it
    db.write(raise_by_ten)
    assert numbers(db) == [11]


@pytest.mark.parametrize("call", ["read", "write"])
def test_a_statement_that_takes_too_long_is_ended(db, outside, call):
    db.write(add(1))
    before = connections(outside)
    with pytest.raises(Unavailable), within(SECONDS):
        getattr(db, call)(lambda tx: tx.one("select pg_sleep(20)"))
    assert before <= connections(outside)


def test_a_transaction_of_many_statements_is_ended_too(db, outside):
    def record(tx):
        add(1)(tx)
        while True:
            tx.one("select pg_sleep(0.2)")

    with pytest.raises(Unavailable), within(SECONDS):
        db.write(record)
    assert numbers(db) == []
    left = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in tr%'"
    assert outside.execute(left).fetchall() == [(0,)]


def test_a_transaction_that_does_nothing_for_too_long_comes_to_nothing(db):
    def record(tx):
        add(1)(tx)
        time.sleep(5.5)  # the server ends it
        return numbers(db)

    with pytest.raises(Unavailable):
        db.write(record)
    assert numbers(db) == []


def test_a_transaction_whose_connection_is_ended_is_run_again_on_another(db, outside):
    attempts = Attempts()

    def record(tx):
        add(1)(tx)
        if attempts.first():
            outside.execute("select pg_terminate_backend(%s)", (pid(tx),))
        add(2)(tx)
        return pid(tx)

    db.write(record)
    assert (numbers(db), attempts.begun) == ([1, 2], 2)


def test_a_read_whose_connection_is_ended_is_run_again_on_another(db, outside):
    attempts = Attempts()

    def query(tx):
        if attempts.first():
            outside.execute("select pg_terminate_backend(%s)", (pid(tx),))
        return tx.one("select 1")

    assert (db.read(query), attempts.begun) == ((1,), 2)


def test_connections_that_were_ended_while_nobody_used_them_are_not_noticed(db, outside):
    barrier = threading.Barrier(6)
    together(*[lambda: db.read(lambda tx: (barrier.wait(SECONDS), pid(tx)))] * 6)
    others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    ended = outside.execute(f"select pg_terminate_backend(pid) {others}").fetchall()
    assert len(ended) >= 6
    with within(SECONDS):
        assert together(*[lambda n=n: db.write(add(n)) for n in range(12)]) == [1] * 12


@pytest.fixture
def ending_at_the_commit(outside):
    """Whoever adds a negative number loses the connection while the commit is made."""
    outside.execute("""
        create function end_connection() returns trigger language plpgsql as
            $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
        create constraint trigger ending after insert on numbers deferrable initially deferred
            for each row when (new.number < 0) execute function end_connection()
    """)
    yield
    outside.execute("drop trigger ending on numbers; drop function end_connection")


def test_a_commit_whose_answer_is_lost_is_not_tried_again(db, ending_at_the_commit):
    """It may have happened: only who asked can find out."""
    attempts = Attempts()

    def record(tx):
        attempts.first()
        add(-1)(tx)

    with pytest.raises(Unavailable):
        db.write(record)
    assert attempts.begun == 1
    db.write(add(1))


def test_a_fault_of_ours_is_told_as_it_is(db):
    db.write(add(1))
    with pytest.raises(errors.UniqueViolation):
        db.write(add(1))
    with pytest.raises(errors.UndefinedTable):
        db.write(lambda tx: tx.run("delete from nowhere"))


def test_nothing_is_told_to_be_on_disk_after_a_statement_that_failed_unnoticed(db):
    def record(tx):
        add(1)(tx)
        with pytest.raises(errors.UndefinedTable):
            tx.all("select 1 from nowhere")

    with pytest.raises(RuntimeError, match="has failed"):
        db.write(record)
    assert numbers(db) == []
    db.write(add(2))


def test_what_is_written_is_on_disk_although_the_server_would_not_wait_for_it(db, outside):
    setting = "select current_setting('synchronous_commit')"
    (mine,) = outside.execute(setting).fetchone()
    assert mine == "off"  # so the server for these tests is set
    assert db.write(lambda tx: tx.one(setting)) == ("on",)
