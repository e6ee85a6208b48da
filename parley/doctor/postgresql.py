"""Whether a PostgreSQL server is new enough, keeps what it has acknowledged, and keeps bookings apart."""

from __future__ import annotations

import time
from collections.abc import Iterator

from parley.doctor.clocks import server_clock
from parley.doctor.finding import Finding, well, wrong
from parley.store import postgresql_condition
from parley.store.database import Transaction
from parley.store.postgresql_condition import Postgresql

OLDEST = 13


def examined(tx: Transaction) -> Iterator[Finding]:
    """Every check of a PostgreSQL database."""
    before = time.time()
    found = postgresql_condition.looked_at(tx)
    yield from server(found)
    yield server_clock((before + time.time()) / 2, found.clock)


def server(found: Postgresql) -> Iterator[Finding]:
    """What the server and the database must be like."""
    yield _version(found.version)
    yield _encoding(found.encoding)
    yield _durability(found)
    yield _constraint(found)


def _version(number: int) -> Finding:
    text = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number // 10000 < OLDEST:
        return wrong("postgresql-version", f"{text} is too old", f"use PostgreSQL {OLDEST} or newer")
    return well("postgresql-version", text)


def _encoding(name: str) -> Finding:
    if name != "UTF8":
        todo = "create another with encoding UTF8, and restore a backup into it"
        return wrong("encoding", f"the database's encoding is {name}, which cannot hold every name", todo)
    return well("encoding", name)


def _durability(found: Postgresql) -> Finding:
    """What was answered is not lost when the server dies."""
    if found.is_standby:
        todo = "name the primary, or every host and target_session_attrs=read-write, in PARLEY_DATABASE"
        return wrong("durability", "this server is a standby, which takes no writes", todo)
    told = {
        "synchronous_commit": found.synchronous_commit,
        "fsync": found.fsync,
        "full_page_writes": found.full_page_writes,
    }
    if off := [name for name, value in told.items() if value == "off"]:
        names = " and ".join(off)
        return wrong("durability", f"{names} is off: what was answered can be lost", "set it to on in the server")
    return well("durability", f"synchronous_commit is {found.synchronous_commit}")


def _constraint(found: Postgresql) -> Finding:
    if not found.keeps_bookings_apart:
        todo = "somebody has dropped it; restore a backup, or add it as in migration 0004"
        return wrong("exclusion-constraint", "bookings_apart is missing: two bookings could overlap", todo)
    return well("exclusion-constraint", "bookings_apart")
