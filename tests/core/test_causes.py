"""Errors told without the values that they speak of."""

import errno

import apsw
import psycopg
import pytest

from parley.core import causes


def raised(action):
    with pytest.raises(Exception) as told:  # noqa: PT011
        action()
    return told.value


def decline(value):
    raise ValueError(f"{value} is none of ours")


def test_an_error_is_told_by_its_kind():
    assert causes.told(raised(lambda: decline("canary"))) == "ValueError"


def test_what_the_system_says_is_told_without_the_name_of_the_file():
    assert causes.told(OSError(errno.ENOSPC, "No space left on device", "/home/canary")) == (
        "OSError No space left on device"
    )


def test_of_a_databases_error_the_code_is_told():
    connection = apsw.Connection(":memory:")
    connection.execute("create table people (email text unique); insert into people values ('canary')")
    repeat = raised(lambda: connection.execute("insert into people values ('canary')"))
    assert causes.told(repeat) == f"ConstraintError {apsw.SQLITE_CONSTRAINT_UNIQUE}"


def test_of_a_servers_error_the_code_and_the_constraint_are_told(server):
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create temporary table people (email text constraint one_each unique)")
        connection.execute("insert into people values ('canary')")
        repeat = raised(lambda: connection.execute("insert into people values ('canary')"))
    assert "canary" in str(repeat)
    assert causes.told(repeat) == "UniqueViolation 23505 one_each"


def test_the_place_is_the_innermost():
    assert causes.place(raised(lambda: decline("canary"))).startswith("test_causes.py:")
    assert causes.place(ValueError()) == "nowhere"
