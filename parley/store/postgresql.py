"""A PostgreSQL server, or several of which one takes writes, by psycopg and its pool.

Transactions are short and bounded on both sides: the server ends a statement that runs or waits too long, and we do not
wait for a server that is frozen or gone. Nothing is kept in a session and no statement is prepared, so that a pgbouncer
in transaction mode may stand in between.
"""

from __future__ import annotations

import logging
import math
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from parley.core.errors import Unavailable
from parley.store import database
from parley.store.database import Row, Unusable

T = TypeVar("T")
P = ParamSpec("P")

CONNECTIONS = 24  # of one process, at most
ATTEMPTS = 12
PATIENCE = 3.5  # seconds for one read or write, all its attempts together
CONNECT_SECONDS = 2  # for one host
BORROW_SECONDS = 0.25  # after that the pool is asked to try another connection
WAKE_SECONDS = 0.1  # how often a thread that waits looks whether it was interrupted
MOST_SECONDS = 86400.0  # more is for ever
LIMITS = (
    "set local statement_timeout = 3000; set local lock_timeout = 2500;"
    " set local idle_in_transaction_session_timeout = 5000"
)
READING = f"begin isolation level repeatable read read only; {LIMITS}"
WRITING = f"begin isolation level read committed; {LIMITS}"
ON_DISK = "set local synchronous_commit = on"
MIGRATING = "begin; set local statement_timeout = 0; set local lock_timeout = 0"
MIGRATION_TRIES = 10
UNREADABLE = (
    "its address cannot be read; one looks like postgresql://user:password@host:5432/database,"
    " and in a password @ is written %40, % is written %25"
)
MIGRATION_LOCK = 0x7061726C6579  # "parley"

MEANWHILE = (  # somebody else has changed the same: with another look, the rules decide what that means
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.ExclusionViolation,
    errors.UniqueViolation,
)
NOT_DONE = (  # the server has not done it, and all else is well: it took too long, or the disk is full
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.DiskFull,
    errors.OutOfMemory,
    errors.InternalError_,  # what a limit on the size of files becomes
)
CANNOT_NOW = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
)


class _Seldom(logging.Filter):
    """Lets one line a second through: while a server is away, every thread that waits has the pool try, and say so."""

    next = 0.0

    def filter(self, _record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self.next:
            return False
        self.next = now + 1
        return True


logging.getLogger("psycopg.pool").addFilter(_Seldom())


class Connection(psycopg.Connection[Row]):
    """A connection that nobody waits for beyond its time."""

    until = math.inf  # of the monotonic clock
    is_hasty = False  # the server has been told to answer before its disk does

    def wait(self, gen: PQGen[T], interval: float = WAKE_SECONDS, timeout: float | None = None) -> T:
        """All that asks the server comes through here; raises OperationalError when time is up."""
        left = self.until - time.monotonic()
        if left < MOST_SECONDS:
            timeout = max(left, 0)
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if time.monotonic() >= self.until:
                self.pgconn.finish()  # what the server may still say is for nobody
            raise


class Transaction:
    """One transaction of a connection."""

    lock_rows = " for no key update"
    skip_locked = " for update skip locked"

    def __init__(self, connection: Connection, *, only_reads: bool = False) -> None:
        self.connection = connection
        self.only_reads = only_reads
        self.wakes = False

    def all(self, sql: str, **values: Any) -> list[Row]:
        """Every row of a query."""
        return self._executed(sql, values).fetchall()

    def one(self, sql: str, **values: Any) -> Row | None:
        """The first row of a query."""
        return self._executed(sql, values).fetchone()

    def run(self, sql: str, **values: Any) -> int:
        """Carry out a statement; how many rows it changed."""
        return self._executed(sql, values).rowcount

    def claim_name(self, name: str) -> bool:
        """Keep a name from other transactions until this one is over; False where another has it."""
        number = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        row = self.one("select pg_try_advisory_xact_lock(:number)", number=number)
        return row is not None and row[0]

    def wake_worker(self) -> None:
        """Once this is committed, there is something for the worker to look at."""
        self.wakes = True

    def part(self, record: Callable[[Transaction], T]) -> T:
        """Carry out `record`; what it raises undoes what it did, and nothing else."""
        self.connection.execute("savepoint part")
        try:
            answer = record(self)
        except Exception:
            self.connection.execute("rollback to savepoint part; release savepoint part")
            raise
        self.connection.execute("release savepoint part")
        return answer

    def _executed(self, sql: str, values: dict[str, Any]) -> psycopg.Cursor[Row]:
        return self.connection.execute(rewritten(sql), {name: storable(value) for name, value in values.items()})


def storable(value: Any) -> Any:
    """PostgreSQL's texts hold no null character: something that no name holds either stands for it."""
    return value.replace("\0", "\ufffe") if isinstance(value, str) else value


@lru_cache(maxsize=1000)
def rewritten(sql: str) -> bytes:
    """A statement with psycopg's names for its values."""
    return re.sub(r":([a-z_][a-z_0-9]*)", r"%(\1)s", sql).encode()


class _Interrupted(Exception):  # noqa: N818
    """A transaction has come to nothing, and may be tried again."""

    def last_word(self) -> BaseException:
        """What is told when it is not tried again: what no other look can change is a fault of ours."""
        return self.__cause__ if isinstance(self.__cause__, errors.UniqueViolation) else Unavailable()


class Postgresql:
    """One database of a PostgreSQL server."""

    is_shared = True

    def __init__(self, address: str, connections: int = CONNECTIONS) -> None:
        """Connect; raises Unusable."""
        self.address = _with_defaults(address)
        self.name = without_password(address)
        self.work = threading.Event()
        self._local = threading.local()
        self._busy: set[Connection] = set()
        try:
            psycopg.connect(self.address, autocommit=True).close()
        except psycopg.Error as cause:
            raise Unusable(_first_line(cause)) from cause
        self._pool = ConnectionPool(
            self.address,
            connection_class=Connection,
            configure=_look_at,
            kwargs={"autocommit": True, "prepare_threshold": None},
            min_size=1,
            max_size=connections,
            reconnect_timeout=0,  # no pauses: whoever needs a connection asks for another try
            open=True,
        )

    def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the query finds, all of it at one moment; it cannot change anything."""
        if (standing := self._standing()) is not None:
            return query(standing, *args, **kwargs)
        return self._insisted(READING, lambda tx: query(tx, *args, **kwargs))

    def write(self, record: Callable[[Transaction], T]) -> T:
        """Carry out `record` in one transaction, and return once it is on disk."""
        standing = self._standing()
        if standing is not None and not standing.only_reads:
            return standing.part(record)
        return self._insisted(WRITING, record)

    def submit(self, record: Callable[[Any], T]) -> Future[T]:
        """Somebody has to wait for a server: use `write`."""
        raise NotImplementedError

    def migrate(self, tell: Callable[[str], None] = database.say_nothing) -> list[str]:
        """Apply the migrations that are missing, telling each as it begins; their names. Raises Unusable."""
        applied: list[str] = []
        try:
            while self.read(_missing) and (name := self._insisted(MIGRATING, partial(_next_migration, tell), math.inf)):
                applied.append(name)
        except (psycopg.Error, Unavailable) as cause:
            raise Unusable(_first_line(cause.__cause__ or cause)) from cause
        return applied

    def migrated(self) -> list[str]:
        """The names of the migrations that this database has had."""
        return [row[0] for row in self.read(lambda tx: tx.all("select name from migrations order by name"))]

    def hold(self) -> Callable[[], None]:
        """Any number of services may share a server."""
        return lambda: None

    def in_use(self) -> int:
        """How many connections are in use at this moment."""
        return len(self._busy)

    def close(self) -> None:
        """End all connections."""
        self._pool.close()

    def _standing(self) -> Transaction | None:
        """The transaction that this thread is inside of."""
        return getattr(self._local, "transaction", None)

    def _insisted(self, begin: str, record: Callable[[Transaction], T], patience: float = PATIENCE) -> T:
        """Try until it works, as long as it makes sense; raises Unavailable."""
        until = time.monotonic() + patience
        attempt = 0
        while True:
            try:
                return self._attempted(begin, record, until)
            except _Interrupted as interrupted:
                attempt += 1
                pause = random.uniform(0, min(0.005 * 2**attempt, 0.2))  # noqa: S311
                if attempt == ATTEMPTS or time.monotonic() + pause > until:
                    raise interrupted.last_word() from interrupted.__cause__
                time.sleep(pause)

    def _attempted(self, begin: str, record: Callable[[Transaction], T], until: float) -> T:
        """One transaction; raises _Interrupted where nothing has come of it, and Unavailable where that is unknown."""
        standing = self._standing()
        with self._borrowed(until) as connection:
            is_ending = False
            try:
                connection.execute((f"{begin}; {ON_DISK}" if connection.is_hasty else begin).encode())
                self._local.transaction = tx = Transaction(connection, only_reads=begin is READING)
                answer = record(tx)
                is_ending = True
                if connection.execute("commit").statusmessage != "COMMIT":  # so it ends what has failed already
                    raise RuntimeError("a statement has failed, and what came after it went on as if it had not")
            except MEANWHILE as cause:
                raise _Interrupted from cause
            except NOT_DONE as cause:
                raise Unavailable from cause
            except CANNOT_NOW as cause:
                connection.close()
                if is_ending and not tx.only_reads:
                    raise Unavailable from cause
                self._pool.drain()  # the others have most likely lost their server, too
                raise _Interrupted from cause
            finally:
                self._local.transaction = standing
                self._ended(connection)
        if tx.wakes:
            self.work.set()
        return answer

    def _ended(self, connection: Connection) -> None:
        if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE and not connection.closed:
            with suppress(psycopg.Error):
                connection.execute("rollback")

    @contextmanager
    def _borrowed(self, until: float) -> Iterator[Connection]:
        connection = self._connected(until)
        connection.until = until
        self._busy.add(connection)
        try:
            yield connection
        finally:
            self._busy.discard(connection)
            connection.until = math.inf
            self._pool.putconn(connection)

    def _connected(self, until: float) -> Connection:
        while True:
            try:
                return self._pool.getconn(BORROW_SECONDS)
            except (PoolTimeout, TooManyRequests) as cause:
                if time.monotonic() > until:
                    raise Unavailable from cause
            except PoolClosed as cause:
                raise Unavailable from cause


def _look_at(connection: Connection) -> None:
    """See how the server is set, once for each connection."""
    connection.until = time.monotonic() + CONNECT_SECONDS
    connection.is_hasty = connection.execute("show synchronous_commit").fetchone() == ("off",)
    connection.until = math.inf


def _with_defaults(address: str) -> str:
    try:
        told = conninfo_to_dict(address)
    except psycopg.Error:
        raise Unusable(UNREADABLE) from None  # the cause's words may show the password
    if "@" in str(told.get("host", ""))[1:]:  # the rest of a password
        raise Unusable(UNREADABLE)
    defaults: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "parley", "keepalives_idle": 10}
    return make_conninfo("", **{**defaults, **told, "client_encoding": "UTF8"})


def without_password(address: str) -> str:
    """The address for people and logs."""
    told = conninfo_to_dict(address)
    hosts, ports = str(told.get("host", "localhost")).split(","), str(told.get("port", "5432")).split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = [_place(host, port or "5432") for host, port in zip(hosts, ports, strict=False)]
    return f"postgresql://{','.join(places)}/{told.get('dbname', '')}"


def _place(host: str, port: str) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _first_line(cause: BaseException) -> str:
    return str(cause).strip().partition("\n")[0] or type(cause).__name__


def _missing(tx: Transaction) -> list[tuple[str, str]]:
    """The migrations that are missing, in order; raises Unusable."""
    is_new = tx.one("select to_regclass('migrations') is null") == (True,)
    had = [] if is_new else [row[0] for row in tx.all("select name from migrations")]
    return database.missing(had, "postgresql")


def _next_migration(tell: Callable[[str], None], tx: Transaction) -> str | None:
    """Apply the first migration that is missing; one process at a time, while others read and write."""
    tx.one("select pg_advisory_xact_lock(:key)", key=MIGRATION_LOCK)
    tx.run(database.MIGRATIONS)
    missing = _missing(tx)
    if not missing:
        return None
    name, sql = missing[0]
    tell(name)
    _apply(tx, sql)
    tx.run("insert into migrations (name) values (:name)", name=name)
    return name


def _apply(tx: Transaction, sql: str) -> None:
    """Carry out a migration; where it has to wait for a lock, let those pass every now and then that wait behind it."""
    tx.run("set local lock_timeout = 2000")
    for tries_left in reversed(range(MIGRATION_TRIES)):
        try:
            tx.part(lambda tx: tx.connection.execute(sql.encode()))
            return
        except errors.LockNotAvailable:
            if not tries_left:
                raise
            time.sleep(1)
