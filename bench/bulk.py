"""Rows by the million: the insertions of `store` are collected, go into the database table by table, and are copied."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from random import Random
from typing import Any

import apsw
import psycopg

from parley.store import database

AT_ONCE = 200_000  # rows
QUICKLY = (
    "pragma synchronous = off",
    "pragma cache_size = -1000000",
    "pragma temp_store = memory",
    "begin immediate",
)
# Indexes are made anew at the end, which is quicker: name or statement that drops it, and statement that makes it.
SQLITE_INDEXES = "select name, sql from sqlite_master where type = 'index' and sql is not null"
POSTGRESQL_INDEXES = (
    "select 'drop index ' || indexname, indexdef from pg_indexes where schemaname = current_schema()"
    " and not exists (select 1 from pg_constraint where conname = indexname)"
    " union all select format('alter table %s drop constraint %I', conrelid::regclass, conname),"
    " format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
    " from pg_constraint where contype = 'x'"
)
INSERT = re.compile(r"insert into (\w+) \(([^)]*)\) values \(([^)]*)\)")

# Ids and keys that are made here say to which copy they belong; these are the originals.
COPIES = 10
ID_MARK, ID_DIGITS = "f00d", 19
KEY, KEY_STEP = 4_000_000_000_000_000_000, 10**15
KEY_MARK = '"account":400'
WITH_IDS = {
    "id",
    "conversation_id",
    "calendar_id",
    "event_id",
    "uid",
    "sub",
    "email",
    "profile_id",
    "refresh_digest",
    "document",
}
WITH_KEYS = {"key", "account_key"}

Values = dict[str, Any]
Tell = Callable[[str], None]


def new_id(chance: Random, prefix: str) -> str:
    """An id as the service would make it."""
    return f"{prefix}{ID_MARK}0{chance.getrandbits(4 * ID_DIGITS):0{ID_DIGITS}x}"


def new_key(chance: Random) -> int:
    """A key as the service would make it."""
    return KEY + chance.randrange(KEY_STEP)


def copied_id(original: str, copy: int) -> str:
    """What an id is called in a copy; 0 is the original."""
    return original.replace(f"{ID_MARK}0", f"{ID_MARK}{copy}")


class Bulk:
    """A transaction that only adds rows, and finds none that stand in their way."""

    lock_rows = skip_locked = ""

    def __init__(self, write: Callable[[str, list[Values]], None]) -> None:
        self._write = write
        self._rows: dict[str, list[Values]] = {}  # in the order in which tables are first added to: parents come first
        self._count = 0

    def all(self, _sql: str, **_values: Any) -> list[Any]:
        """Nothing."""
        return []

    def one(self, _sql: str, **_values: Any) -> None:
        """Nothing."""

    def run(self, sql: str, **values: Any) -> int:
        """Keep a row, and write all that is kept once it is much."""
        self._rows.setdefault(sql, []).append(values)
        self._count += 1
        if self._count == AT_ONCE:
            self.flush()
        return 1

    def claim_name(self, _name: str) -> bool:
        """Nobody else is here."""
        return True

    def wake_worker(self) -> None:
        """Nothing is to be done."""

    def flush(self) -> None:
        """Write what is kept."""
        for sql, rows in self._rows.items():
            self._write(sql, rows)
            rows.clear()
        self._count = 0


@contextmanager
def filling(where: str) -> Iterator[Bulk]:
    """Add rows to a database, all of them in one transaction."""
    with _rebuilding(where) as (_, write):
        bulk = Bulk(write)
        yield bulk
        bulk.flush()


@contextmanager
def multiplying(where: str, tell: Tell = database.say_nothing) -> Iterator[Bulk]:
    """Add rows to a database ten times over, each time with other ids and keys, all of them in one transaction."""
    with _rebuilding(where) as (execute, write):
        tables: dict[str, str] = {}

        def set_aside(sql: str, rows: list[Values]) -> None:
            insert = INSERT.match(sql)[0]
            table, columns = INSERT.match(sql).group(1, 2)
            if table not in tables:
                tables[table] = columns
                execute(f"create temporary table new_{table} as select {columns} from {table} limit 0")
            write(insert.replace(f"into {table}", f"into new_{table}"), rows)

        bulk = Bulk(set_aside)
        yield bulk
        bulk.flush()
        for table, columns in tables.items():
            tell(table)
            execute(f"insert into {table} ({columns}) {_copies(table, columns)}")
            execute(f"drop table new_{table}")
        tell("indexes")


def _copies(table: str, columns: str) -> str:
    copies = ", ".join(f"({copy})" for copy in range(COPIES))
    values = ", ".join(_copied(column) for column in columns.split(", "))
    return f"with copies (copy) as (values {copies}) select {values} from new_{table} cross join copies"


def _copied(column: str) -> str:
    if column in WITH_KEYS:
        return f"{column} + copy * {KEY_STEP}"
    if column not in WITH_IDS:
        return column
    ids = f"replace({column}, '{ID_MARK}0', '{ID_MARK}' || copy)"
    return f"replace({ids}, '{KEY_MARK}0', '{KEY_MARK}' || copy)" if column == "document" else ids


Execute = Callable[[str], Any]
Write = Callable[[str, list[Values]], None]


@contextmanager
def _rebuilding(where: str) -> Iterator[tuple[Execute, Write]]:
    """One transaction, in which indexes are away until its end."""
    gc.disable()  # it would look at each of the many rows again and again
    try:
        yield from _postgresql(where) if database.is_address(where) else _sqlite(where)
    finally:
        gc.enable()


def _sqlite(path: str) -> Iterator[tuple[Execute, Write]]:
    connection = apsw.Connection(path)
    for sql in QUICKLY:
        connection.execute(sql)
    indexes = connection.execute(SQLITE_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"drop index {name}")
    yield connection.execute, connection.executemany
    for _, create in indexes:
        connection.execute(create)
    connection.execute("commit")
    connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    connection.close()


def _postgresql(address: str) -> Iterator[tuple[Execute, Write]]:
    with psycopg.connect(address) as connection:
        connection.execute("set local session_replication_role = replica")  # rows that we make up fit together
        connection.execute("set local maintenance_work_mem = '512MB'")
        indexes = connection.execute(POSTGRESQL_INDEXES).fetchall()
        for drop, _ in indexes:
            connection.execute(drop)
        yield connection.execute, lambda sql, rows: _copy(connection, sql, rows)
        for _, create in indexes:
            connection.execute(create)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("vacuum analyze")  # as the server would do by itself before long
        connection.execute("checkpoint")


def _copy(connection: psycopg.Connection, sql: str, rows: list[Values]) -> None:
    table, columns, names = INSERT.match(sql).groups()
    row_of = itemgetter(*(name.removeprefix(":") for name in names.split(", ")))
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
        for row in rows:
            copy.write_row(row_of(row))
