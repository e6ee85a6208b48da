"""Our own calendar, in the same database as the message that asks for an event: one transaction does it."""

from __future__ import annotations

from parley.core.conversation import Change, Type
from parley.core.event import AgreedEvent, Entry
from parley.store import conversations, events, history, outbox, tokens
from parley.store.database import Database, Transaction


def put_event(db: Database, message: outbox.Message, agreed: AgreedEvent, key: int, now: int) -> Entry | None:
    """Write an agreement's event, finish its message, and tell in the history what became of it; what was written.

    Nothing is done for a message that was withdrawn or claimed by somebody else meanwhile, and nothing is written for
    an account that has withdrawn its consent.
    """

    def record(tx: Transaction) -> Entry | None:
        conversations.lock(tx, agreed.conversation_id)
        if not outbox.done(tx, message):
            return None
        may_write = tokens.is_authorized(tx, agreed.application, agreed.account)
        entry = agreed.entry(key, now) if may_write else None
        if entry:
            events.put(tx, entry)
        outcome = Type.EVENT_WRITTEN if entry else Type.EVENT_FAILED
        history.add(tx, agreed.conversation_id, [Change(outcome, agreed.position)], now, "engine")
        return entry

    return db.write(record)
