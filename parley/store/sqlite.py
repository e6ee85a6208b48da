"""One SQLite file, by APSW, in WAL mode with `synchronous=FULL`: when `write` returns, what it recorded is on disk.

One thread writes. What has come in meanwhile shares one commit, each in a savepoint of its own. Each reading thread has
a connection, sees one moment of the database, and never makes a checkpoint.
"""

from __future__ import annotations

import fcntl
import os
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import apsw

from parley.core.errors import Unavailable
from parley.store import database
from parley.store.database import DatabaseInUse, Row, Unusable

T = TypeVar("T")
P = ParamSpec("P")

BUSY_MILLISECONDS = 5000
BUSY_ATTEMPTS = 6
GROUP = 64  # how many transactions share a commit at most
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


class Transaction:
    """One transaction of a connection."""

    lock_rows = skip_locked = ""  # whoever writes is alone already

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.wakes = False

    def all(self, sql: str, **values: Any) -> list[Row]:
        """Every row of a query."""
        return self._executed(sql, values).fetchall()

    def one(self, sql: str, **values: Any) -> Row | None:
        """The first row of a query."""
        return self._executed(sql, values).fetchone()

    def run(self, sql: str, **values: Any) -> int:
        """Carry out a statement; how many rows it changed."""
        self._executed(sql, values)
        return self.connection.changes()

    def claim_name(self, name: str) -> bool:
        """Whoever writes is alone already."""
        return True

    def wake_worker(self) -> None:
        """Once this is committed, there is something for the worker to look at."""
        self.wakes = True

    def part(self, record: Callable[[Transaction], T]) -> T:
        """Carry out `record`; what it raises undoes what it did, and nothing else."""
        self._executed("savepoint part", {})
        try:
            answer = record(self)
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("rollback to part; release part")
            raise
        self._executed("release part", {})
        return answer

    def _executed(self, sql: str, values: dict[str, Any]) -> apsw.Cursor:
        if not self.connection.in_transaction:
            raise Unavailable  # a full disk has ended it: what would be done now would stay
        return self.connection.execute(sql, values)


class Job(NamedTuple):
    """What is to be recorded, and where its outcome is awaited."""

    record: Callable[[Any], Any]
    future: Future[Any]


class Outcome(NamedTuple):
    """What has become of a job, to be told once its group is on disk."""

    answer: Any = None
    refusal: BaseException | None = None


class Sqlite:
    """One SQLite file."""

    is_shared = False

    def __init__(self, path: Path, group: int = GROUP) -> None:
        """Open the file, or make it; raises Unusable."""
        self.path = path
        self.name = str(path)
        self.work = threading.Event()
        self._group = group
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        try:
            self._writer = self._open()
            for setting in SETTINGS:
                self._writer.execute(setting)
        except apsw.Error as cause:
            raise Unusable(str(cause)) from cause
        self._thread = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._thread.start()

    def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the query finds, all of it at one moment; it cannot change anything."""
        if (standing := self._standing()) is not None:
            return query(standing, *args, **kwargs)
        connection = self._reader()
        try:
            connection.execute("begin")  # one moment of the database for all statements of the query
            self._local.transaction = Transaction(connection)
            return query(self._local.transaction, *args, **kwargs)
        except CANNOT_NOW as cause:
            raise Unavailable from cause
        finally:
            self._local.transaction = None
            if connection.in_transaction:
                connection.execute("commit")

    def write(self, record: Callable[[Transaction], T]) -> T:
        """Carry out `record` in one transaction, and return once it is on disk."""
        standing = self._standing()
        if standing is None or standing.connection is not self._writer:
            return self.submit(record).result()
        try:
            return standing.part(record)
        except CANNOT_NOW as cause:
            raise Unavailable from cause

    def submit(self, record: Callable[[Any], T]) -> Future[T]:
        """As `write`, later, and together with others; cancelling what has not begun undoes it."""
        job = Job(record, Future())
        with self._closing:
            if self._closed:
                raise Unavailable
            self._jobs.put(job)
        return job.future

    def migrate(self, tell: Callable[[str], None] = database.say_nothing) -> list[str]:
        """Apply the migrations that are missing, telling each as it begins; their names. Raises Unusable."""
        try:
            return self.write(lambda tx: _migrate(tx, tell))
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

    def in_use(self) -> int:
        """How many connections are inside a transaction at this moment."""
        return sum(map(_is_in_use, self._opened))

    def close(self) -> None:
        """Finish what waits to be written, and close every connection, those of other threads too."""
        with self._closing:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
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

    def _standing(self) -> Transaction | None:
        """The transaction that this thread is inside of."""
        return getattr(self._local, "transaction", None)

    def _write_all(self) -> None:
        while jobs := self._next():
            outcomes = self._recorded(jobs)
            if outcomes is None:  # the database has ended the transaction of all of them by itself
                for job in jobs:
                    _tell([job], self._recorded([job]) or [Outcome(refusal=Unavailable())])
            else:
                _tell(jobs, outcomes)

    def _next(self) -> list[Job]:
        """All that waits, up to the size of a group, once there is something; nothing at the end."""
        jobs: list[Job] = []
        while len(jobs) < self._group and not (jobs and self._jobs.empty()):
            job = self._jobs.get()
            if job is None:
                self._jobs.put(None)  # for the next look
                break
            if job.future.set_running_or_notify_cancel():
                jobs.append(job)
        return jobs

    def _recorded(self, jobs: Sequence[Job]) -> list[Outcome] | None:
        """Record the jobs in one commit; None where the database has ended the transaction before it."""
        try:
            self._begin()
            self._local.transaction = tx = Transaction(self._writer)
            outcomes = []
            for job in jobs:
                outcomes.append(_attempted(tx, job))
                if not self._writer.in_transaction:
                    return None
            self._writer.execute("commit")
        except apsw.Error as cause:
            return [Outcome(refusal=_unavailable(cause) if isinstance(cause, CANNOT_NOW) else cause) for _ in jobs]
        finally:
            self._local.transaction = None
            if self._writer.in_transaction:
                self._writer.execute("rollback")
        if tx.wakes:
            self.work.set()
        return outcomes

    def _begin(self) -> None:
        for attempt in range(BUSY_ATTEMPTS):
            try:
                self._writer.execute("begin immediate")
                return
            except apsw.BusyError:
                if attempt == BUSY_ATTEMPTS - 1:
                    raise


def _is_in_use(connection: apsw.Connection) -> bool:
    try:
        return connection.in_transaction
    except apsw.ThreadingViolationError:  # a thread is inside a call of it
        return True


def _attempted(tx: Transaction, job: Job) -> Outcome:
    try:
        return Outcome(tx.part(job.record))
    except CANNOT_NOW as cause:
        return Outcome(refusal=_unavailable(cause))
    except BaseException as refusal:  # noqa: BLE001  (whoever waits for it gets it)
        return Outcome(refusal=refusal)


def _unavailable(cause: BaseException) -> Unavailable:
    refusal = Unavailable()
    refusal.__cause__ = cause
    return refusal


def _tell(jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if outcome.refusal is None:
            job.future.set_result(outcome.answer)
        else:
            job.future.set_exception(outcome.refusal)


def _migrate(tx: Transaction, tell: Callable[[str], None]) -> list[str]:
    tx.run(database.MIGRATIONS)
    had = [row[0] for row in tx.all("select name from migrations")]
    applied = []
    for name, sql in database.missing(had, "sqlite"):
        tell(name)
        tx.run(sql)
        tx.run("insert into migrations (name) values (:name)", name=name)
        applied.append(name)
    return applied
