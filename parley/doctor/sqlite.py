"""Whether a SQLite file is whole, and safe with the SQLite that reads it."""

from __future__ import annotations

from collections.abc import Iterator

from parley.doctor.finding import Finding, well, wrong
from parley.store import sqlite_condition
from parley.store.database import Transaction
from parley.store.sqlite_condition import Sqlite

FIXED = (3, 51, 3)  # before it, commits and checkpoints at the same moment could break a file: the WAL-reset bug
WITHDRAWN = (3, 52, 0)


def examined(tx: Transaction) -> Iterator[Finding]:
    """Every check of a SQLite file."""
    found = sqlite_condition.looked_at(tx)
    yield version(found.version)
    yield from _file(found)


def version(text: str) -> Finding:
    """The SQLite that reads the file is none that is known to break it."""
    number = tuple(int(part) for part in text.split("."))
    if number < FIXED or number == WITHDRAWN:
        found = f"SQLite {text} can break a file that several connections write (the WAL-reset bug)"
        return wrong("sqlite-version", found, "pip install --upgrade apsw")
    return well("sqlite-version", text)


def _file(found: Sqlite) -> Iterator[Finding]:
    if found.faults:
        todo = "stop the service, keep a copy of the data folder, and restore a backup elsewhere"
        yield wrong("integrity", f"the file is damaged: {'; '.join(found.faults)}", todo)
    elif found.orphans:
        tables = ", ".join(found.orphans)
        todo = "something else than Parley wrote here: restore a backup elsewhere, and compare"
        yield wrong("integrity", f"rows refer to others that are not there, in {tables}", todo)
    else:
        yield well("integrity", "the file is whole")
    if found.journal_mode == "wal":
        yield well("journal-mode", "wal")
    else:
        todo = "parley serve sets it back; find out who has changed it"
        yield wrong("journal-mode", f"it is {found.journal_mode}, where wal belongs", todo)
