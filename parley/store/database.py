"""What every database does for us, and how it is brought up to date; `sqlite.py` and `postgresql.py` do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from importlib import resources
from pathlib import Path
from threading import Event
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
Row = tuple[Any, ...]

MIGRATIONS = "create table if not exists migrations (name text not null primary key)"


class DatabaseInUse(Exception):  # noqa: N818
    """Another service holds this database file."""


class Unusable(Exception):  # noqa: N818
    """There is no database that we can work with; the message says why."""


class Transaction(Protocol):
    """One transaction; statements take their values by name, as `:name`, and hold neither `%` nor `::`."""

    lock_rows: str
    """Ends a `select` whose rows nobody else may change before this transaction is over."""
    skip_locked: str
    """Ends a `select` that leaves out rows that somebody else has locked, and locks the others."""

    def all(self, sql: str, **values: Any) -> list[Row]:
        """Every row of a query."""

    def one(self, sql: str, **values: Any) -> Row | None:
        """The first row of a query."""

    def run(self, sql: str, **values: Any) -> int:
        """Carry out a statement; how many rows it changed."""

    def claim_name(self, name: str) -> bool:
        """Keep a name from other transactions until this one is over; False where another has it."""

    def wake_worker(self) -> None:
        """Once this is committed, there is something for the worker to look at."""


class Database(Protocol):
    """Where an installation keeps what it knows.

    What is inside one `read` or `write` may call them again, and is then part of the same transaction; but a `write`
    inside a `read` is a transaction of its own, which the `read` does not see.
    """

    name: str
    """What people call it: a path, or an address without its password."""
    is_shared: bool
    """Whether several services may work on it at once."""
    work: Event
    """Set when a transaction of this process has left something for the worker."""

    def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the query finds, all of it at one moment; it cannot change anything. Raises Unavailable."""

    def write(self, record: Callable[[Transaction], T]) -> T:
        """Carry out `record` in one transaction, and return once it is on disk; raises Unavailable.

        What it raises undoes all of it. It may run more than once, so it does nothing but read and write rows.
        """

    def submit(self, record: Callable[[Transaction], T]) -> Future[T]:
        """As `write`, without waiting for it; only where the database is not shared."""

    def migrate(self, tell: Callable[[str], None] = ...) -> list[str]:
        """Apply the migrations that are missing, telling each as it begins; their names. Raises Unusable."""

    def migrated(self) -> list[str]:
        """The names of the migrations that this database has had."""

    def hold(self) -> Callable[[], None]:
        """Keep other services off what cannot be shared, until the answer is called; raises DatabaseInUse."""

    def in_use(self) -> int:
        """How many connections are in use at this moment."""

    def close(self) -> None:
        """End all connections."""


def is_address(where: str) -> bool:
    """Whether a setting names a PostgreSQL server, and not a file."""
    return where.startswith(("postgresql:", "postgres:"))


def opened(where: str | Path) -> Database:
    """The database at an address or in a file, which is made where there is none; raises Unusable."""
    if is_address(str(where)):
        from parley.store.postgresql import Postgresql  # not above: who keeps a file needs no PostgreSQL library

        return Postgresql(str(where))
    from parley.store.sqlite import Sqlite

    return Sqlite(Path(where))


def missing(had: Iterable[str], engine: str) -> list[tuple[str, str]]:
    """Name and statements of the migrations that a database has not had, in order; raises Unusable.

    A migration called `..._something.postgresql.sql` is for that engine alone.
    """
    folder = resources.files("parley.store.migrations")
    files = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    known = [name for name in files if name.count(".") == 1 or name.split(".")[1] == engine]
    if newer := set(had) - set(known):
        raise Unusable(f"a newer version of Parley has been here ({', '.join(sorted(newer))}); install that version")
    return [(name, folder.joinpath(name).read_text()) for name in known if name not in set(had)]


def say_nothing(_step: str) -> None:
    """Where nobody follows the progress."""
