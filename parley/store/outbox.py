"""What is still to be done, kept in the transaction that decided it and handed to the worker.

A message's name says what it is about, so putting it twice leaves one. Whoever claims a message gets a lease and a
fence number; putting it again or claiming it anew raises the number, and only the holder of the newest can finish it.
Messages of one lane are carried out one after the other; lanes take turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import randbits

from parley.store.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done; `document` is JSON, as it was when recorded."""

    name: str
    kind: str
    lane: str
    document: str
    account: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A claimed task."""

    name: str
    kind: str
    lane: str
    document: str
    attempts: int
    fence: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as people look at it; `died_at` and `reason` where it was given up."""

    name: str
    kind: str
    lane: str
    document: str
    put_at: int
    attempts: int
    due_at: int = 0
    leased_until: int = 0
    died_at: int | None = None
    reason: str = ""


def put(tx: Transaction, task: Task, now: int, due_at: int = 0) -> None:
    """Add a message, or make the one of this name wait anew with this document; 0 is due at once."""
    # A random first fence: who still holds an earlier message of this name must not finish this one.
    tx.run(
        "insert into outbox (name, kind, lane, account_key, document, put_at, due_at, attempts, fence, leased_until)"
        " values (:name, :kind, :lane, :account, :document, :now, :due_at, 0, :fence, 0)"
        " on conflict (name) do update set document = excluded.document, due_at = excluded.due_at, attempts = 0,"
        " fence = outbox.fence + 1, leased_until = 0",
        name=task.name,
        kind=task.kind,
        lane=task.lane,
        account=task.account,
        document=task.document,
        now=now,
        due_at=due_at,
        fence=randbits(40),
    )
    tx.wake_worker()


# A lease that ends later than any can was given by a clock that has been set back since: it is over.
CLAIMABLE = "due_at <= :now and (leased_until <= :now or leased_until > :now + :lease)"


def lanes(tx: Transaction, now: int, lease: int) -> list[str]:
    """The lanes in which something is due that nobody holds, ascending."""
    rows = tx.all(
        "with recursive lanes (lane) as (select min(lane) from outbox union all"
        " select (select min(lane) from outbox where lane > lanes.lane) from lanes where lanes.lane is not null)"
        " select lane from lanes where lane is not null"
        f" and exists (select 1 from outbox where outbox.lane = lanes.lane and {CLAIMABLE}) order by lane",
        now=now,
        lease=lease,
    )
    return [row[0] for row in rows]


def claim(tx: Transaction, lane: str, now: int, lease: int, most: int) -> list[Message]:
    """Take messages of the lane that are due and that nobody holds, for `lease` seconds; the longest waiting first."""
    # Materialized: a server might look anew for each row, leave out those that it has locked, and find ever more.
    rows = tx.all(
        f"with chosen as materialized (select name from outbox where lane = :lane and {CLAIMABLE}"
        f" order by due_at, put_at, name limit :most{tx.skip_locked})"
        " update outbox set fence = fence + 1, attempts = attempts + 1, leased_until = :now + :lease"
        " where name in (select name from chosen)"
        " returning name, kind, lane, document, attempts, fence, due_at, put_at",
        lane=lane,
        now=now,
        lease=lease,
        most=most,
    )
    return [Message(*row[:6]) for row in sorted(rows, key=lambda row: (row[6], row[7], row[0]))]


def renew(tx: Transaction, message: Message, until: int) -> bool:
    """Hold a message for longer; False when somebody else holds it by now."""
    return _changed(tx, message, "update outbox set leased_until = :until", until=until)


def holds(tx: Transaction, message: Message) -> bool:
    """Whether nobody else has claimed or put the message meanwhile."""
    sql = f"select 1 from outbox where name = :name and fence = :fence{tx.lock_rows}"
    return tx.one(sql, name=message.name, fence=message.fence) is not None


def done(tx: Transaction, message: Message) -> bool:
    """Forget a message that is carried out; False when somebody else holds it by now."""
    return _changed(tx, message, "delete from outbox")


def again(tx: Transaction, message: Message, due_at: int) -> bool:
    """Let a message wait until `due_at`; False when somebody else holds it by now."""
    return _changed(tx, message, "update outbox set due_at = :due_at, leased_until = 0", due_at=due_at)


def postpone(tx: Transaction, message: Message, due_at: int) -> bool:
    """Let a message wait until `due_at`, as if it were put for then; False when somebody else holds it by now."""
    return _changed(tx, message, "update outbox set due_at = :due_at, attempts = 0, leased_until = 0", due_at=due_at)


def give_back(tx: Transaction, message: Message) -> bool:
    """Let others have a message that was claimed and not tried; False when somebody else holds it by now."""
    return _changed(tx, message, "update outbox set attempts = attempts - 1, leased_until = 0")


def _changed(tx: Transaction, message: Message, change: str, **values: int) -> bool:
    sql = f"{change} where name = :name and fence = :fence"
    return tx.run(sql, name=message.name, fence=message.fence, **values) == 1


def end_leases(tx: Transaction) -> int:
    """Let everything be claimed that somebody holds who is no more; how many messages that were."""
    return tx.run("update outbox set leased_until = 0, fence = fence + 1 where leased_until > 0")


def bury(tx: Transaction, message: Message, reason: str, now: int) -> bool:
    """Give a message up, and keep it as a dead letter; False when somebody else holds it by now."""
    if not holds(tx, message):
        return False
    tx.run("delete from dead_letters where name = :name", name=message.name)
    tx.run(
        "insert into dead_letters (name, kind, lane, account_key, document, put_at, attempts, died_at, reason)"
        " select name, kind, lane, account_key, document, put_at, attempts, :now, :reason from outbox"
        " where name = :name",
        name=message.name,
        now=now,
        reason=reason,
    )
    return done(tx, message)


def revive(tx: Transaction, name: str, now: int) -> bool:
    """Have a dead letter tried again at once, as if for the first time; False where there is none of this name."""
    row = tx.one("select name, kind, lane, document, account_key from dead_letters where name = :name", name=name)
    if row is None:
        return False
    if document(tx, name) is None:  # else the same is being done anyway
        put(tx, Task(*row), now)
    return tx.run("delete from dead_letters where name = :name", name=name) == 1


def hurry(tx: Transaction, name: str) -> bool:
    """Let a message wait no longer; False where there is none of this name. Who holds it keeps it."""
    tx.wake_worker()
    return tx.run("update outbox set due_at = 0 where name = :name", name=name) == 1


LIVE = "select name, kind, lane, document, put_at, attempts, due_at, leased_until from outbox"
DEAD = "select name, kind, lane, document, put_at, attempts, 0, 0, died_at, reason from dead_letters"


def listed(tx: Transaction, most: int) -> list[Entry]:
    """Messages that wait, the oldest first."""
    return [_entry(row) for row in tx.all(f"{LIVE} order by put_at, name limit :most", most=most)]


def dead(tx: Transaction, most: int) -> list[Entry]:
    """Messages that were given up, the newest first."""
    return [_entry(row) for row in tx.all(f"{DEAD} order by died_at desc, name limit :most", most=most)]


def named(tx: Transaction, name: str) -> list[Entry]:
    """The messages of this name: the one that waits, the one that was given up."""
    return [_entry(row) for sql in (LIVE, DEAD) for row in tx.all(f"{sql} where name = :name", name=name)]


def _entry(row: Row) -> Entry:
    return Entry(*row)


def document(tx: Transaction, name: str) -> str | None:
    """What the message of this name says, where there is one."""
    row = tx.one("select document from outbox where name = :name", name=name)
    return row[0] if row else None


def about(tx: Transaction, account: int) -> list[str]:
    """The names of waiting messages about the account, oldest first."""
    rows = tx.all("select name from outbox where account_key = :account order by put_at, name", account=account)
    return [row[0] for row in rows]


def hurry_about(tx: Transaction, lane: str, about: str, now: int) -> None:
    """Let those messages of the lane wait no longer whose names end so."""
    tx.wake_worker()
    tx.run(  # none that is due: whoever holds those may want these
        "update outbox set due_at = :now where lane = :lane and due_at > :now"
        " and substr(name, length(name) - :length + 1) = :about",
        lane=lane,
        about=about,
        length=len(about),
        now=now,
    )


def drop(tx: Transaction, name: str) -> int:
    """Withdraw a message, claimed or not; how many there were."""
    return tx.run("delete from outbox where name = :name", name=name)


def waiting(tx: Transaction) -> int:
    """How many messages are not carried out yet."""
    row = tx.one("select count(*) from outbox")
    return int(row[0]) if row else 0


def oldest(tx: Transaction) -> int | None:
    """Since when the message waits that waits longest, or is to wait; one that was put for later does from then on."""
    row = tx.one("select min(case when attempts > 1 or due_at < put_at then put_at else due_at end) from outbox")
    return row[0] if row else None


def buried(tx: Transaction) -> int:
    """How many messages were given up."""
    row = tx.one("select count(*) from dead_letters")
    return int(row[0]) if row else 0
