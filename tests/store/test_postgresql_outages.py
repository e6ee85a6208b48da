"""A server that is restarted, killed, frozen or read-only: every call ends, and all is well once the server is."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import psycopg
import pytest

from parley.core.errors import Unavailable
from parley.store.database import Unusable
from parley.store.postgresql import Postgresql
from tests.postgresql import Server, running
from tests.store.numbers import TABLE, add, numbers

SECONDS = 5.0  # within which every call ends, and within which all is well again
AT_ONCE = 24


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """A server to which anything may happen."""
    # What a commit has handed to the kernel outlives the server.
    with running(tmp_path_factory.mktemp("own"), synchronous_commit="on") as server:
        yield server


@pytest.fixture
def own(patient):
    """That server, which is well when a test begins."""
    yield patient
    patient.thaw()
    if patient.postmaster is None:
        patient.start()


@pytest.fixture
def address(own: Server) -> str:
    """The address of a database with a table."""
    made = own.new_database()
    with psycopg.connect(made) as connection:
        connection.execute(TABLE)
    return made


@pytest.fixture
def db(address):
    opened = Postgresql(address)
    opened.write(add(0))
    yield opened
    opened.close()


@contextmanager
def frozen(server):
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


def seconds(call):
    """How long the call takes; it must say Unavailable, or answer."""
    began = time.monotonic()
    with suppress(Unavailable):
        call()
    return time.monotonic() - began


def at_once(*calls):
    """How long each of these takes, begun at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(seconds, calls))


def back(db):
    """How long it takes until a number can be added, asking again and again."""
    began = time.monotonic()
    while time.monotonic() - began < 2 * SECONDS:
        try:
            db.write(add(10 + len(numbers(db))))
        except Unavailable:
            time.sleep(0.02)
        else:
            return time.monotonic() - began
    return 2 * SECONDS


def refused(call):
    with pytest.raises(Unavailable):
        call()


def test_after_a_restart_the_next_call_works(own, db):
    own.stop()
    own.start()
    db.write(add(1))
    assert numbers(db) == [0, 1]


def test_while_the_server_is_away_calls_end_soon_and_afterwards_they_work_again(own, db):
    own.kill()
    for _ in range(2):
        took = at_once(*[lambda: refused(lambda: numbers(db))] * 3, *[lambda: refused(lambda: db.write(add(1)))] * 3)
        assert max(took) < SECONDS
    own.start()
    assert back(db) < SECONDS
    assert numbers(db)[0] == 0


def test_an_outage_is_told_in_the_log_without_flooding_it(own, db, caplog):
    own.kill()
    took = max(at_once(*[lambda: refused(lambda: numbers(db))] * AT_ONCE))
    told = [one.getMessage() for one in caplog.records if one.name == "psycopg.pool"]
    assert any("Connection refused" in one for one in told)
    assert len(told) <= took + 2


def test_a_server_that_is_killed_under_load_loses_nothing_that_was_acknowledged(own, db):
    acknowledged, over = [], threading.Event()

    def add_many(first):
        for number in range(first, first + 10000):
            if over.is_set():
                return
            try:
                db.write(add(number))
            except Unavailable:
                continue
            acknowledged.append(number)

    threads = [threading.Thread(target=add_many, args=(10000 * n,)) for n in range(1, 5)]
    for one in threads:
        one.start()
    for _ in range(2):
        time.sleep(0.5)
        own.kill()
        own.start()
    before = len(acknowledged)
    time.sleep(SECONDS)
    over.set()
    for one in threads:
        one.join(2 * SECONDS)
    assert before < len(acknowledged)
    assert set(acknowledged) <= set(numbers(db))


def test_while_the_server_is_frozen_every_call_ends_and_afterwards_they_work_again(own, db):
    calls = [lambda: refused(lambda: numbers(db)), lambda: refused(lambda: db.write(add(1)))]
    before = threading.enumerate()  # among them threads of other tests, that may end meanwhile
    with frozen(own):
        took = at_once(*calls * (AT_ONCE // 2))
        assert max(took) < SECONDS
        assert max(at_once(*calls * (AT_ONCE // 2))) < SECONDS  # when no connection is left, too
    assert back(db) < SECONDS
    assert db.in_use() == 0
    assert [one for one in threading.enumerate() if one not in before] == []


def test_a_server_that_freezes_in_the_middle_of_a_transaction_does_not_keep_it(own, db):
    def record(tx):
        add(1)(tx)
        own.freeze()
        add(2)(tx)

    try:
        assert seconds(lambda: refused(lambda: db.write(record))) < SECONDS
    finally:
        own.thaw()
    assert back(db) < SECONDS
    assert not {1, 2} & set(numbers(db))


def test_a_call_during_a_short_freeze_waits_for_its_end(own, db):
    with ThreadPoolExecutor() as pool, frozen(own):
        writing = pool.submit(db.write, add(1))
        time.sleep(1)
        own.thaw()
        assert writing.result(SECONDS) == 1


def test_all_calls_go_on_when_more_connections_are_wanted_than_there_are(address):
    db = Postgresql(address, connections=2)
    barrier = threading.Barrier(2)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: db.read(lambda tx: (barrier.wait(SECONDS), n)[1]), range(8)))
    assert told == list(range(8))
    db.close()


def test_a_frozen_server_does_not_keep_us_from_ending(own, address):
    db = Postgresql(address)
    with frozen(own):
        seconds(lambda: numbers(db))
        assert seconds(db.close) < SECONDS


def test_who_begins_while_the_server_is_frozen_or_away_is_told_so(own, address):
    def begin():
        with pytest.raises(Unusable):
            Postgresql(address)

    with frozen(own):
        assert seconds(begin) < SECONDS
    own.kill()
    assert seconds(begin) < SECONDS


def read_only(address, value):
    database = address.rpartition("/")[2]
    with psycopg.connect(address, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f"alter database {database} set default_transaction_read_only = {value}")


def test_a_server_that_only_reads_is_no_place_to_write(db, address):
    read_only(address, "on")
    again = Postgresql(address)
    assert numbers(again) == [0]
    assert seconds(lambda: refused(lambda: again.write(add(1)))) < SECONDS
    read_only(address, "off")
    again.write(add(2))
    assert numbers(db) == [0, 2]
    again.close()


def let_write(server, *, whether):
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"alter system set default_transaction_read_only = {'off' if whether else 'on'}")
        connection.execute("select pg_reload_conf()")


@pytest.fixture
def pair(own, tmp_path):
    """Two servers with a database of one name, of which the second only reads; the address of both."""
    with running(tmp_path) as second:
        for server in (own, second):
            with psycopg.connect(server.dsn(), autocommit=True) as one:
                one.execute("drop database if exists pair")
                one.execute("create database pair")
            with psycopg.connect(server.dsn("pair")) as one:
                one.execute(TABLE)
        let_write(second, whether=False)
        places = f"127.0.0.1:{second.port},127.0.0.1:{own.port}"
        yield second, f"postgresql://parley@{places}/pair?target_session_attrs=read-write"


def test_of_two_servers_the_one_is_used_that_can_be_written(own, pair):
    second, address = pair
    db = Postgresql(address)
    db.write(add(1))
    own.kill()
    refused(lambda: db.write(add(2)))
    let_write(second, whether=True)
    assert back(db) < SECONDS
    assert 1 not in numbers(db)  # nothing is copied here: this is the second
    db.close()


def test_a_server_that_freezes_is_left_for_one_that_can_be_written(own, pair):
    second, address = pair
    db = Postgresql(address)
    db.write(add(1))
    with frozen(own):
        let_write(second, whether=True)
        assert back(db) < SECONDS
        assert 1 not in numbers(db)
    db.close()
