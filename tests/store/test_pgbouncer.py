"""A pgbouncer in transaction mode in between: its connections are lent for one transaction each, to anybody."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from parley.core.errors import Unavailable
from parley.store.postgresql import Postgresql
from tests.pgbouncer import CONNECTIONS, bouncing
from tests.postgresql import running
from tests.store.numbers import TABLE, add, add_next, numbers

SECONDS = 5.0
CALLS = 12


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """A server, and a pgbouncer in front of it."""
    folder = tmp_path_factory.mktemp("behind")
    with running(folder, synchronous_commit="on") as server, bouncing(server, folder / "pgbouncer.log") as bouncer:
        yield server, bouncer


@pytest.fixture
def direct(behind):
    """The address of a new database, past the pgbouncer."""
    made = behind[0].new_database()
    with psycopg.connect(made) as connection:
        connection.execute(TABLE)
    return made


@pytest.fixture
def db(behind, direct):
    opened = Postgresql(behind[1].in_front_of(direct))
    opened.write(add(1))
    yield opened
    opened.close()


def at_once(call):
    """How long each of many takes, and whether it was answered."""

    def timed(_number):
        began = time.monotonic()
        try:
            call()
        except Unavailable:
            return time.monotonic() - began, False
        return time.monotonic() - began, True

    with ThreadPoolExecutor(CALLS) as pool:
        return list(pool.map(timed, range(CALLS)))


def sessions(direct):
    """How many connections to the database there are, and the locks that their sessions keep."""
    with psycopg.connect(direct, autocommit=True) as connection:
        others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        locks = "from pg_locks where locktype = 'advisory'"
        ask = f"select (select count(*) {others}), (select count(*) {locks})"
        return connection.execute(ask).fetchone()


def test_many_share_few_connections(db, direct):
    told = at_once(lambda: [db.write(add_next) for _ in range(5)])
    assert all(is_answered for _, is_answered in told)
    assert numbers(db) == list(range(1, 5 * CALLS + 2))
    assert 1 <= sessions(direct)[0] <= CONNECTIONS


def test_nothing_of_a_transaction_stays_with_the_connection(db, direct):
    at_once(lambda: db.write(lambda tx: [tx.claim_name(f"name {n}") for n in range(10)]))
    assert sessions(direct)[1] == 0
    with psycopg.connect(db.address, autocommit=True, prepare_threshold=None) as connection:
        kept = [connection.execute(f"show {name}").fetchone()[0] for name in ("statement_timeout", "lock_timeout")]
        prepared = connection.execute("select count(*) from pg_prepared_statements").fetchone()[0]
        assert (kept, prepared) == (["0", "0"], 0)


def test_a_server_that_is_killed_behind_it_is_found_again(behind, db):
    server = behind[0]
    server.kill()
    assert max(at_once(lambda: numbers(db)))[0] < SECONDS
    server.start()
    assert back(db) < SECONDS


def test_a_server_that_freezes_behind_it_keeps_nobody(behind, db):
    server = behind[0]
    server.freeze()
    try:
        told = at_once(lambda: numbers(db))
    finally:
        server.thaw()
    assert not any(is_answered for _, is_answered in told)
    assert max(told)[0] < SECONDS
    assert back(db) < SECONDS


def back(db):
    """How long it takes until a number can be added, asking again and again."""
    began = time.monotonic()
    while time.monotonic() - began < 2 * SECONDS:
        try:
            db.write(add_next)
        except Unavailable:
            time.sleep(0.02)
        else:
            break
    return time.monotonic() - began
