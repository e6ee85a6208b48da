"""An eye on a service's database: a number that every change of it changes, and that nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import apsw
import psycopg

from parley.store.database import Database

# A row that a rolled back transaction adds is gone with it; a sequence would count on.
COUNT = """
create table if not exists changes (number bigint generated always as identity primary key);
create or replace function count_change() returns trigger language plpgsql as
    $$ begin insert into changes default values; return null; end $$
"""
WATCH = (
    "create or replace trigger counted after insert or update or delete on {}"
    " for each row execute function count_change()"
)


@contextmanager
def counted(db: Database) -> Iterator[Callable[[], int]]:
    """Ask how far the database has come, as often as you like."""
    watched = _rows(db.address) if db.is_shared else _file(str(db.path))
    with watched as ask:
        yield ask


@contextmanager
def _file(path: str) -> Iterator[Callable[[], int]]:
    with closing(apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        yield lambda: int(connection.execute("pragma data_version").fetchone()[0])


@contextmanager
def _rows(address: str) -> Iterator[Callable[[], int]]:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(COUNT)
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (name,) in tables:
            if name != "changes":
                connection.execute(WATCH.format(name))
        yield lambda: connection.execute("select coalesce(max(number), 0) from changes").fetchone()[0]
