"""The condition of a PostgreSQL database and its server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict

from parley.store import database
from parley.store.database import Unusable
from parley.store.postgresql import Connection, Transaction

CONNECT_SECONDS = 5
PATIENCE = 20  # seconds, for all that is asked
LIMITS = "set local statement_timeout = 20000; set local lock_timeout = 2500"


@dataclass(frozen=True, slots=True)
class Postgresql:
    """What the server says about itself and about this database; `clock` in seconds since 1970."""

    version: int
    encoding: str
    synchronous_commit: str
    fsync: str
    full_page_writes: str
    is_standby: bool
    clock: float
    keeps_bookings_apart: bool


@contextmanager
def reading(where: str) -> Iterator[Transaction]:
    """One look at the database, which changes nothing in it; raises Unusable."""
    try:
        conninfo_to_dict(where)
    except psycopg.Error:
        raise Unusable("PARLEY_DATABASE is no address of a database") from None  # the cause would tell its password
    try:
        with Connection.connect(
            where, prepare_threshold=None, connect_timeout=CONNECT_SECONDS, client_encoding="UTF8"
        ) as connection:
            connection.until = time.monotonic() + PATIENCE
            connection.read_only = True
            connection.execute(LIMITS)
            yield Transaction(connection)
    except psycopg.Error as cause:
        raise Unusable(str(cause).strip().partition("\n")[0] or type(cause).__name__) from cause


def looked_at(tx: database.Transaction) -> Postgresql:
    """The condition of the database."""
    settings = ("server_encoding", "synchronous_commit", "fsync", "full_page_writes")
    row = tx.one(
        "select cast(current_setting('server_version_num') as integer), "
        + ", ".join(f"current_setting('{name}')" for name in settings)
        + ", pg_is_in_recovery(), cast(extract(epoch from clock_timestamp()) as float8),"
        " exists (select 1 from pg_constraint where conname = 'bookings_apart' and contype = 'x'"
        " and convalidated and conrelid = to_regclass('bookings'))"
    )
    if row is None:
        raise Unusable("it says nothing about itself")
    return Postgresql(*row)
