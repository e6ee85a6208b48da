"""Reading and writing, on every database."""

import threading

import apsw
import psycopg
import pytest

from parley.core.errors import Unavailable
from parley.store import database
from tests.conftest import BEHIND_PGBOUNCER
from tests.store.numbers import TABLE, add, add_next, numbers

WRONG = (apsw.Error, psycopg.Error)


@pytest.fixture(scope="module")
def numbers_address(server):
    """The address of a database of the server, with the table."""
    made = server.new_database()
    with psycopg.connect(made) as connection:
        connection.execute(TABLE)
    return made


@pytest.fixture
def where(engine, tmp_path, request):
    """A database without numbers."""
    if engine == "sqlite":
        return new_file(tmp_path / "test.db")
    address = request.getfixturevalue("numbers_address")
    with psycopg.connect(address) as connection:
        connection.execute("delete from numbers")
    return request.getfixturevalue("pgbouncer").in_front_of(address) if engine == BEHIND_PGBOUNCER else address


def new_file(path):
    with apsw.Connection(str(path)) as connection:
        connection.execute(TABLE)
    connection.close()
    return path


@pytest.fixture
def db(where):
    opened = database.opened(where)
    yield opened
    opened.close()


def refuse(_tx=None):
    raise ValueError("no")


def test_what_was_written_is_read(db):
    assert db.write(add(1)) == 1
    assert numbers(db) == [1]


def test_what_was_written_is_there_after_opening_the_database_again(db, where):
    db.write(add(1))
    again = database.opened(where)
    assert numbers(again) == [1]
    again.close()


def test_a_record_that_raises_changes_nothing(db):
    def record(tx):
        add(1)(tx)
        refuse()

    with pytest.raises(ValueError, match="no"):
        db.write(record)
    db.write(add(2))
    assert numbers(db) == [2]


def test_a_statement_that_fails_undoes_those_before_it(db):
    def record(tx):
        add(1)(tx)
        add(1)(tx)

    with pytest.raises(WRONG):
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
        thread = threading.Thread(target=db.write, args=(add(1),))
        thread.start()
        thread.join()
        return before, tx.all("select number from numbers")

    assert db.read(query) == ([], [])
    assert numbers(db) == [1]


def test_a_read_that_raises_leaves_the_database_usable(db):
    with pytest.raises(WRONG):
        db.read(lambda tx: tx.all("select nothing from nowhere"))
    assert numbers(db) == []


def test_statements_take_values_by_name(db):
    db.write(add(7))
    found = db.read(lambda tx: tx.one("select cast(:a as text), number from numbers where number = :b", a="x';--", b=7))
    assert found == ("x';--", 7)


@pytest.mark.parametrize("text", ["\0", "a\0b", "'", "%", "%s", ":a", "\\", "ü", "\U0001f600", "\ufffe"])
def test_a_name_is_not_found_whatever_it_consists_of(db, text):
    assert db.read(lambda tx: tx.all("select 1 from numbers where 'one' = :text", text=text)) == []


def test_threads_write_one_after_the_other(db):
    def record(tx):
        tx.all(f"select number from numbers where number = 0{tx.lock_rows}")
        add_next(tx)

    db.write(add(0))
    threads = [threading.Thread(target=lambda: [db.write(record) for _ in range(10)]) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert numbers(db) == list(range(81))


def test_what_another_has_written_meanwhile_is_seen_by_another_try(db):
    """Nothing is locked here: each number is the highest but one, until somebody else has added it, too."""
    threads = [threading.Thread(target=db.write, args=(add_next,)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert numbers(db) == [1, 2, 3, 4]


def test_a_write_inside_of_a_write_is_part_of_it(db):
    def record(tx):
        add(1)(tx)
        db.write(add(2))
        assert numbers(db) == [1, 2]
        refuse()

    with pytest.raises(ValueError, match="no"):
        db.write(record)
    assert numbers(db) == []


def test_a_write_inside_of_a_write_that_raises_undoes_what_it_did_and_nothing_else(db):
    def part(tx):
        add(2)(tx)
        refuse()

    def record(tx):
        add(1)(tx)
        with pytest.raises(ValueError, match="no"):
            db.write(part)
        add(3)(tx)

    db.write(record)
    assert numbers(db) == [1, 3]


def test_a_statement_that_fails_inside_of_a_write_inside_of_a_write_undoes_that_one_only(db):
    def record(tx):
        add(1)(tx)
        with pytest.raises(WRONG):
            db.write(lambda tx: tx.all("select nothing from nowhere"))
        db.write(lambda _tx: db.write(add(2)))

    db.write(record)
    assert numbers(db) == [1, 2]


def test_nobody_else_sees_a_write_before_it_is_over(db):
    seen = []

    def record(tx):
        add(1)(tx)
        db.write(add(2))
        thread = threading.Thread(target=lambda: seen.append(numbers(db)))
        thread.start()
        thread.join()

    db.write(record)
    assert (seen, numbers(db)) == ([[]], [1, 2])


def test_reads_inside_of_a_read_see_the_same_moment(db):
    def query(_tx):
        before = numbers(db)
        thread = threading.Thread(target=db.write, args=(add(1),))
        thread.start()
        thread.join()
        return before, numbers(db)

    assert db.read(query) == ([], [])


def test_a_write_inside_of_a_read_is_a_transaction_of_its_own(db):
    def query(_tx):
        before = numbers(db)
        db.write(add(1))
        return before, numbers(db)

    assert (db.read(query), numbers(db)) == (([], []), [1])


def test_the_worker_is_woken_once_what_it_is_to_do_is_committed(db):
    def record(tx):
        tx.wake_worker()
        return db.work.is_set()

    assert (db.write(record), db.work.is_set()) == (False, True)


def test_the_worker_is_woken_by_a_part_too(db):
    db.write(lambda _tx: db.write(lambda tx: tx.wake_worker()))
    assert db.work.is_set()


def test_connections_are_in_use_for_as_long_as_a_call_lasts(db):
    assert [db.in_use(), db.read(lambda _tx: db.in_use()), db.write(lambda _tx: db.in_use()), db.in_use()] == [
        0,
        1,
        1,
        0,
    ]


def test_what_is_closed_says_so(where):
    opened = database.opened(where)
    opened.close()
    with pytest.raises(Unavailable):
        opened.write(add(1))
