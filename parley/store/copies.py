"""Copies of whole databases: what one holds; `sqlite_copy.py` and `postgresql_copy.py` make them and fill from them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from parley.store import database
from parley.store.database import Database, Transaction

BLOCK = 1 << 20  # bytes

Tell = Callable[[str, int, int], None]
"""Is told a step, how much of it is done, and of how much (0 where that is not known)."""
Part = Callable[[str], AbstractContextManager[IO[bytes]]]
"""Opens the part of a copy that has this name, to be written or to be read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a copy; `columns` in the order of its rows where they are kept as text."""

    name: str
    rows: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """What a copy holds: the tables in an order in which they can be filled."""

    engine: str
    migrations: tuple[str, ...]
    tables: tuple[Table, ...]


class Engine(Protocol):
    """How one kind of database is copied."""

    def save(self, where: str, drafts: Path, part: Part, tell: Tell) -> Contents:
        """Write all that is committed now into parts; others go on reading and writing. Raises Unusable."""

    def obstacles(self, where: str) -> list[str]:
        """What is already there where a copy is to go."""

    def load(self, where: str, contents: Contents, drafts: Path, part: Part, tell: Tell) -> None:
        """Make the database that the copy is of, and finish it; all of it or nothing. Raises Unusable."""


def engine_of(where: str) -> str:
    """The kind of the database at this address or path."""
    return "postgresql" if database.is_address(where) else "sqlite"


def engine(name: str) -> Engine:
    """How databases of this kind are copied."""
    if name == "postgresql":
        from parley.store import postgresql_copy  # not above: who keeps a file needs no PostgreSQL library

        return postgresql_copy
    from parley.store import sqlite_copy

    return sqlite_copy


def finish(db: Database, tell: Tell) -> None:
    """Bring a database that was filled from a copy up to date, and end it.

    Its messages are taken back from those who held them when the copy was made: they wait for a worker of this one.
    """
    try:
        db.migrate(lambda name: tell(f"applying {name}", 0, 0))
        db.write(_release)
    finally:
        db.close()


def _release(tx: Transaction) -> int:
    return tx.run("update outbox set leased_until = 0, fence = fence + 1 where leased_until > 0")
