"""What an operator does with messages that wait or were given up."""

from __future__ import annotations

from parley.actions.applications import Impossible
from parley.data_center import DataCenter
from parley.store import outbox
from parley.store.database import Transaction


def take_over(dc: DataCenter) -> None:
    """Let this process, which alone works on the database, have what the one before it had in hand when it died."""
    dc.db.write(outbox.end_leases)


def retry(dc: DataCenter, name: str) -> str:
    """Have a message tried again at once; what it was doing before, `dead` or `waiting`. Raises Impossible."""

    def record(tx: Transaction) -> str:
        if outbox.revive(tx, name, dc.now()):
            return "dead"
        if outbox.hurry(tx, name):
            return "waiting"
        raise Impossible(f"there is no message {name}; parley outbox list names them")

    return dc.db.write(record)


def retry_dead(dc: DataCenter, most: int) -> list[str]:
    """Have messages that were given up tried again at once; their names."""

    def record(tx: Transaction) -> list[str]:
        return [one.name for one in outbox.dead(tx, most) if outbox.revive(tx, one.name, dc.now())]

    return dc.db.write(record)
