"""What doctor and backup ask of any database; `sqlite_condition.py` and `postgresql_condition.py` ask for more."""

from __future__ import annotations

from contextlib import AbstractContextManager

from parley.core import limits
from parley.store import database, outbox
from parley.store.database import Transaction

TABLES = (
    "select name from sqlite_schema where type = 'table'",
    "select tablename from pg_tables where schemaname = current_schema()",
)


def reading(where: str) -> AbstractContextManager[Transaction]:
    """One look at the database at this path or address, which changes nothing in it; raises Unusable."""
    if database.is_address(where):
        from parley.store import postgresql_condition  # not above: who keeps a file needs no PostgreSQL library

        return postgresql_condition.reading(where)
    from parley.store import sqlite_condition

    return sqlite_condition.reading(where)


def answers(tx: Transaction) -> bool:
    """Whether the database is there, and has our tables."""
    return tx.one("select 1 from migrations limit 1") is not None


def tables(tx: Transaction, where: str) -> set[str]:
    """The names of the tables that are there."""
    return {row[0] for row in tx.all(TABLES[database.is_address(where)])}


def migrations(tx: Transaction) -> list[str]:
    """The names of the migrations that this database has had."""
    return [row[0] for row in tx.all("select name from migrations order by name")]


def sealed_secret(tx: Transaction) -> str | None:
    """The client secret that was sealed last."""
    row = tx.one("select sealed from application_secrets order by created_at desc limit 1")
    return row[0] if row else None


def overdue_since(tx: Transaction, now: int) -> int | None:
    """Since when the message waits that a worker should have taken first."""
    row = tx.one(
        f"select min(case when due_at > put_at then due_at else put_at end) from outbox where {outbox.CLAIMABLE}",
        now=now,
        lease=limits.OUTBOX_LEASE,
    )
    return row[0] if row else None
