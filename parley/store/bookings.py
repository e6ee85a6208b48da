"""Time taken in an account by an agreed conversation; refuses overlaps."""

from __future__ import annotations

from parley.core.periods import Period
from parley.store.database import Transaction


class AlreadyBooked(Exception):  # noqa: N818
    """Another conversation has booked the account's time."""


def take(tx: Transaction, conversation_id: str, account: int, slot: Period) -> None:
    """Book the account's time for the conversation; raises AlreadyBooked when some of it is booked already."""
    if standing(tx, account, slot):
        raise AlreadyBooked
    tx.run(
        "insert into bookings (account_key, conversation_id, starts_at, ends_at)"
        " values (:account, :id, :starts_at, :ends_at)",
        account=account,
        id=conversation_id,
        starts_at=slot.start,
        ends_at=slot.end,
    )


def standing(tx: Transaction, account: int, window: Period) -> list[Period]:
    """The account's booked time that overlaps the window."""
    rows = tx.all(
        "select starts_at, ends_at from bookings"
        " where account_key = :account and released_at is null and ends_at > :start and starts_at < :end",
        account=account,
        start=window.start,
        end=window.end,
    )
    return [Period(row[0], row[1]) for row in rows]


def release(tx: Transaction, account: int, conversation_id: str, now: int) -> int:
    """Give the time back; how many bookings there were."""
    return tx.run(
        "update bookings set released_at = :now"
        " where account_key = :account and conversation_id = :id and released_at is null",
        now=now,
        account=account,
        id=conversation_id,
    )
