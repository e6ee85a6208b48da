"""What is still to be done, kept in the transaction that decided it and handed to the worker.

A message's name says what it is about, so putting it twice leaves one. Whoever claims a message gets a lease and a
fence number; putting it again or claiming it anew raises the number, and only the holder of the newest can finish it.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import randbits

from parley.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Message:
    """A claimed message; `document` is JSON, as it was when recorded."""

    name: str
    kind: str
    document: str
    attempts: int
    fence: int


def put(tx: Transaction, kind: str, name: str, document: str, due_at: int) -> None:
    """Add a message, or make the one of this name wait anew with this document."""
    # A random first fence: who still holds an earlier message of this name must not finish this one.
    tx.run(
        "insert into outbox (name, kind, document, due_at, attempts, fence, leased_until)"
        " values (:name, :kind, :document, :due_at, 0, :fence, 0)"
        " on conflict (name) do update set document = excluded.document, due_at = excluded.due_at, attempts = 0,"
        " fence = outbox.fence + 1, leased_until = 0",
        name=name,
        kind=kind,
        document=document,
        due_at=due_at,
        fence=randbits(40),
    )
    tx.wake_worker()


def claim(tx: Transaction, now: int, lease: int, most: int) -> list[Message]:
    """Take messages that are due and that nobody holds, for `lease` seconds; the longest due first."""
    rows = tx.all(
        "update outbox set fence = fence + 1, attempts = attempts + 1, leased_until = :until where name in"
        " (select name from outbox where due_at <= :now and leased_until <= :now order by due_at, name limit :most)"
        " returning name, kind, document, attempts, fence",
        until=now + lease,
        now=now,
        most=most,
    )
    return [Message(*row) for row in rows]


def done(tx: Transaction, message: Message) -> bool:
    """Forget a message that is carried out; False when somebody else holds it by now."""
    return (
        tx.run("delete from outbox where name = :name and fence = :fence", name=message.name, fence=message.fence) == 1
    )


def again(tx: Transaction, message: Message, due_at: int) -> bool:
    """Let a message wait until `due_at`; False when somebody else holds it by now."""
    changed = tx.run(
        "update outbox set due_at = :due_at, leased_until = 0 where name = :name and fence = :fence",
        due_at=due_at,
        name=message.name,
        fence=message.fence,
    )
    return changed == 1


def document(tx: Transaction, name: str) -> str | None:
    """What the message of this name says, where there is one."""
    row = tx.one("select document from outbox where name = :name", name=name)
    return row[0] if row else None


def names(tx: Transaction, pattern: str) -> list[str]:
    """The names of waiting messages that are like the pattern, oldest due first."""
    rows = tx.all("select name from outbox where name like :pattern order by due_at, name", pattern=pattern)
    return [row[0] for row in rows]


def is_due(tx: Transaction, now: int) -> bool:
    """Whether `claim` would find anything."""
    return tx.one("select 1 from outbox where due_at <= :now and leased_until <= :now limit 1", now=now) is not None


def drop(tx: Transaction, name: str) -> int:
    """Withdraw a message, claimed or not; how many there were."""
    return tx.run("delete from outbox where name = :name", name=name)


def waiting(tx: Transaction) -> int:
    """How many messages are not carried out yet."""
    row = tx.one("select count(*) from outbox")
    return int(row[0]) if row else 0
