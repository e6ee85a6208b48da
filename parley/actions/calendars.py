"""Writing and deleting events of our own calendars; what follows for bookings and open conversations."""

from __future__ import annotations

import msgspec

from parley.core.access import AccountCaller
from parley.core.conversation import Change, Type
from parley.core.errors import NotFound
from parley.core.event import AgreedEvent, Entry, Event, EventChange, conversation_uid, empty
from parley.data_center import DataCenter
from parley.store import accounts, bookings, conversations, events, history, outbox
from parley.store.database import Transaction


def put_event(dc: DataCenter, caller: AccountCaller, calendar_id: str, change: EventChange) -> None:
    """Create the application's event of this id in the calendar, or update it; raises NotFound."""

    def record(tx: Transaction) -> None:
        account = accounts.find(tx, caller.account)
        if account is None or accounts.calendar(tx, caller.account, calendar_id) is None:
            raise NotFound
        _write_pending(tx, dc, caller, change.event_id)
        before = events.find(tx, calendar_id, caller.application, change.event_id)
        was = before.event if before else empty(change.event_id, calendar_id, caller.application)
        event = change.applied_to(was, account.tzid)
        entry = Entry(
            key=before.key if before else dc.new_key(),
            account=caller.account,
            calendar_id=calendar_id,
            application=caller.application,
            event=event,
            created_at=before.created_at if before else dc.now(),
            updated_at=dc.now(),
        )
        events.put(tx, entry)
        if before is None or _takes(event) != _takes(was):
            _time_changed(tx, dc, caller, was)

    dc.db.write(record)
    dc.work.set()


def _takes(event: Event) -> tuple[object, bool]:
    return event.period, event.blocks


def _time_changed(tx: Transaction, dc: DataCenter, caller: AccountCaller, was: Event) -> None:
    """The event no longer takes the time that it took: an agreement's booking ends with it, open talks are settled."""
    if was.uid == conversation_uid(was.event_id):
        bookings.release(tx, caller.account, was.event_id, dc.now())
    settle_later(tx, caller.account, dc.now())


def delete_event(dc: DataCenter, caller: AccountCaller, calendar_id: str, event_id: str) -> None:
    """Delete the application's event of this id in the calendar, if there is one; raises NotFound for the calendar."""

    def record(tx: Transaction) -> None:
        if accounts.calendar(tx, caller.account, calendar_id) is None:
            raise NotFound
        _write_pending(tx, dc, caller, event_id)
        before = events.find(tx, calendar_id, caller.application, event_id)
        if before:
            events.drop(tx, calendar_id, caller.application, event_id)
            _time_changed(tx, dc, caller, before.event)

    dc.db.write(record)
    dc.work.set()


def settle_later(tx: Transaction, account: int, now: int) -> None:
    """Have the account's open conversations settled again, because its time has changed in this transaction."""
    if conversations.open_of(tx, account):
        outbox.put(tx, "settle", f"settle:{account}", msgspec.json.encode(account).decode(), now)


def event_message(conversation_id: str, account: int) -> str:
    """The name of the message that has an agreement's event written into an account's calendar."""
    return f"event:{conversation_id}:{account}"


def _write_pending(tx: Transaction, dc: DataCenter, caller: AccountCaller, conversation_id: str) -> None:
    """Write the agreement's event that is still waiting to be, so that what comes next finds it."""
    name = event_message(conversation_id, caller.account)
    document = outbox.document(tx, name)
    if document is None:
        return
    agreed = msgspec.json.decode(document, type=AgreedEvent)
    if agreed.application != caller.application:
        return
    events.put(tx, agreed.entry(dc.new_key(), dc.now()))
    history.add(tx, conversation_id, [Change(Type.EVENT_WRITTEN, agreed.position)], dc.now(), "engine")
    outbox.drop(tx, name)


def record_event(dc: DataCenter, message: outbox.Message, agreed: AgreedEvent, *, written: bool) -> None:
    """Finish the message of an agreement's event, and tell in the history what became of it."""
    outcome = Change(Type.EVENT_WRITTEN if written else Type.EVENT_FAILED, agreed.position)

    def record(tx: Transaction) -> None:
        if outbox.done(tx, message):
            history.add(tx, agreed.conversation_id, [outcome], dc.now(), "engine")

    dc.db.write(record)
