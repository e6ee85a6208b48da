"""Our own calendar."""

from __future__ import annotations

from parley.core.event import AgreedEvent
from parley.store import events, outbox, tokens
from parley.store.database import Database, Transaction


def put_event(db: Database, message: outbox.Message, agreed: AgreedEvent, key: int, now: int) -> bool:
    """Write an agreement's event, unless it stands already; False where the account may no longer be written.

    Nothing is written for a message that was withdrawn or claimed by somebody else meanwhile.
    """

    def record(tx: Transaction) -> bool:
        if not tokens.is_authorized(tx, agreed.application, agreed.account):
            return False
        standing = events.find(tx, agreed.calendar_id, agreed.application, agreed.event.event_id)
        is_there = standing is not None and standing.event.uid == agreed.event.uid
        if not is_there and outbox.holds(tx, message):
            events.put(tx, agreed.entry(key, now))
        return True

    return db.write(record)
