"""The condition of a SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import apsw

from parley.store import database
from parley.store.database import Unusable
from parley.store.sqlite import BUSY_MILLISECONDS, Transaction

MOST = 5  # faults that are told of


@dataclass(frozen=True, slots=True)
class Sqlite:
    """Which SQLite reads it, how its log is kept, what is damaged, and tables whose rows refer to what is not there."""

    version: str
    journal_mode: str
    faults: tuple[str, ...]
    orphans: tuple[str, ...]


@contextmanager
def reading(where: str) -> Iterator[Transaction]:
    """One look at the file, which changes nothing in it; raises Unusable."""
    try:
        with closing(apsw.Connection(where, flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
            connection.set_busy_timeout(BUSY_MILLISECONDS)
            connection.execute("pragma query_only = on")
            connection.execute("begin")
            yield Transaction(connection)
    except apsw.Error as cause:
        raise Unusable(str(cause)) from cause


def looked_at(tx: database.Transaction) -> Sqlite:
    """The condition of the file; it is read from beginning to end."""
    (mode,) = tx.one("pragma journal_mode") or ("",)
    try:
        faults = [row[0] for row in tx.all(f"pragma quick_check({MOST})") if row[0] != "ok"]
    except apsw.CorruptError as cause:
        faults = [str(cause)]
    orphans = [] if faults else sorted({row[0] for row in tx.all("pragma foreign_key_check")})
    return Sqlite(apsw.sqlite_lib_version(), mode, tuple(faults), tuple(orphans))
