"""The database: reading, writing and bringing it up to date. The only file that knows which database it is.

SQLite by APSW, in WAL mode with `synchronous=FULL`: when `write` returns, what it recorded is on disk. One connection
writes, under a lock; each reading thread has a connection of its own and sees one moment of the database.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import apsw

from parley.core.errors import Unavailable

T = TypeVar("T")
P = ParamSpec("P")
Row = tuple[Any, ...]

BUSY_MILLISECONDS = 5000
BUSY_ATTEMPTS = 6
SETTINGS = (
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
)
CANNOT_NOW = (
    apsw.BusyError,
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.NoMemError,
)


class DatabaseInUse(Exception):  # noqa: N818
    """Another service holds this database file."""


class Unusable(Exception):  # noqa: N818
    """The file is not a database, or cannot be opened; the message is the database's own."""


class Transaction:
    """One transaction; statements take their values by name, as `:name`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, **values: Any) -> list[Row]:
        """Every row of a query."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, **values: Any) -> Row | None:
        """The first row of a query."""
        return self._connection.execute(sql, values).fetchone()

    def run(self, sql: str, **values: Any) -> int:
        """Carry out a statement; how many rows it changed."""
        self._connection.execute(sql, values)
        return self._connection.changes()


class Database:
    """One SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; raises Unusable."""
        self.path = path
        self._lock = threading.Lock()
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        try:
            self._writer = self._open()
            for setting in SETTINGS:
                self._writer.execute(setting)
        except apsw.Error as cause:
            raise Unusable(str(cause)) from cause

    def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the query finds, all of it at one moment; it cannot change anything."""
        connection = self._reader()
        try:
            connection.execute("begin")  # one moment of the database for all statements of the query
            return query(Transaction(connection), *args, **kwargs)
        except CANNOT_NOW as cause:
            raise Unavailable from cause
        finally:
            if connection.in_transaction:
                connection.execute("commit")

    def write(self, record: Callable[[Transaction], T]) -> T:
        """Carry out `record` in one transaction, and return once it is on disk.

        What it raises undoes all of it. It may run more than once, so it does nothing but read and write rows.
        """
        with self._lock:
            try:
                self._begin()
                answer = record(Transaction(self._writer))
                self._writer.execute("commit")
            except CANNOT_NOW as cause:
                raise Unavailable from cause
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("rollback")
            return answer

    def migrate(self) -> list[str]:
        """Apply the migrations that are missing; their names. Raises Unusable."""
        folder = resources.files("parley.store.migrations")
        names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
        try:
            return [name for name in names if self.write(_migration(name, folder.joinpath(name).read_text()))]
        except apsw.Error as cause:
            raise Unusable(str(cause)) from cause

    def migrated(self) -> list[str]:
        """The names of the migrations that this database has had."""
        return [row[0] for row in self.read(lambda tx: tx.all("select name from migrations order by name"))]

    def hold(self) -> Callable[[], None]:
        """Keep other services off this file until the process ends or the answer is called; raises DatabaseInUse."""
        handle = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            os.close(handle)
            raise DatabaseInUse from cause
        return lambda: os.close(handle)

    def close(self) -> None:
        """Close every connection, those of other threads too."""
        for connection in self._opened:
            connection.close()

    def _open(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        self._opened.append(connection)
        return connection

    def _reader(self) -> apsw.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._open()
            self._local.connection.execute("pragma query_only = on; pragma wal_autocheckpoint = 0")
        connection: apsw.Connection = self._local.connection
        return connection

    def _begin(self) -> None:
        for attempt in range(BUSY_ATTEMPTS):
            try:
                self._writer.execute("begin immediate")
                return
            except apsw.BusyError:
                if attempt == BUSY_ATTEMPTS - 1:
                    raise


def _migration(name: str, sql: str) -> Callable[[Transaction], bool]:
    def apply(tx: Transaction) -> bool:
        tx.run("create table if not exists migrations (name text not null primary key)")
        if tx.one("select 1 from migrations where name = :name", name=name):
            return False
        tx.run(sql)
        tx.run("insert into migrations (name) values (:name)", name=name)
        return True

    return apply
