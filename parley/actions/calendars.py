"""Writing and deleting events of our own calendars; what follows for bookings and open conversations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import msgspec

from parley.actions import channels
from parley.core import limits
from parley.core.access import AccountCaller
from parley.core.conversation import Change, Type
from parley.core.errors import Fault, Invalid, NotFound
from parley.core.event import (
    AgreedEvent,
    Entry,
    Event,
    EventChange,
    conversation_of,
    conversation_uid,
    empty,
    external_uid,
)
from parley.data_center import DataCenter
from parley.store import accounts, bookings, conversations, events, history, outbox
from parley.store.database import Transaction
from parley.store.outbox import Task


def put_event(dc: DataCenter, caller: AccountCaller, calendar_id: str, change: EventChange) -> None:
    """Create the application's event of this id in the calendar, or update it; raises NotFound."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        account = accounts.find(tx, caller.account)
        if account is None or accounts.calendar(tx, caller.account, calendar_id) is None:
            raise NotFound
        _write_pending(tx, dc, caller, change.event_id)
        standing = events.find(tx, calendar_id, caller.application, change.event_id)
        before = standing or _blank(dc, caller, calendar_id, change.event_id)
        event = change.applied_to(before.event, account.tzid)
        if len(event.attendees) > limits.ATTENDEES:
            raise Invalid([Fault("attendees.invite", "errors.too_many", f"at most {limits.ATTENDEES} in an event")])
        _put(tx, dc, replace(before, event=event, updated_at=dc.now()))
        if _takes(event) != _takes(before.event):
            _time_changed(tx, dc, caller, before.event)

    dc.db.write(record)


def _put(tx: Transaction, dc: DataCenter, entry: Entry) -> None:
    """Write the event, and tell those who listen."""
    events.put(tx, entry)
    channels.tell_of_events(tx, dc, [entry])


def _blank(dc: DataCenter, caller: AccountCaller, calendar_id: str, event_id: str) -> Entry:
    """An event of which nothing is known yet; it takes no time."""
    event, now = empty(event_id, calendar_id, caller.application), dc.now()
    return Entry(dc.new_key(), caller.account, calendar_id, caller.application, event, now, now)


def _takes(event: Event) -> tuple[object, bool]:
    return event.period, event.blocks


def _time_changed(tx: Transaction, dc: DataCenter, caller: AccountCaller, was: Event) -> None:
    """The event no longer takes the time that it took: an agreement's booking ends with it, open talks are settled."""
    _release(tx, dc, caller, was)
    settle_later(tx, caller.account, dc.now())


def _release(tx: Transaction, dc: DataCenter, caller: AccountCaller, was: Event) -> None:
    if was.uid == conversation_uid(was.event_id):
        bookings.release(tx, caller.account, was.event_id, dc.now())


def delete_event(dc: DataCenter, caller: AccountCaller, calendar_id: str, event_id: str) -> None:
    """Delete the application's event of this id in the calendar, if there is one; raises NotFound for the calendar."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        if accounts.calendar(tx, caller.account, calendar_id) is None:
            raise NotFound
        _write_pending(tx, dc, caller, event_id)
        before = events.find(tx, calendar_id, caller.application, event_id)
        _delete(tx, dc, caller, [before] if before else [])
        if before is None:
            _release_unwritten(tx, dc, caller, calendar_id, event_id)

    dc.db.write(record)


def _release_unwritten(tx: Transaction, dc: DataCenter, caller: AccountCaller, calendar_id: str, event_id: str) -> None:
    """End the booking of an agreement whose event could not be written into this calendar: consent was withdrawn."""
    conversation = conversations.find(tx, event_id)
    if conversation is None or conversation.application != caller.application:
        return
    is_its_calendar = calendar_id == accounts.calendars(tx, caller.account)[0].id
    if is_its_calendar and bookings.release(tx, caller.account, event_id, dc.now()):
        settle_later(tx, caller.account, dc.now())


def delete_events(dc: DataCenter, caller: AccountCaller, calendar_ids: Collection[str] | None) -> None:
    """Delete the application's events in these calendars of the account, or with None in all of them."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        for conversation_id in _pending(tx, caller.account):
            _write_pending(tx, dc, caller, conversation_id)
        theirs = events.of_application(tx, caller.account, caller.application)
        _delete(tx, dc, caller, [one for one in theirs if calendar_ids is None or one.calendar_id in calendar_ids])

    dc.db.write(record)


def _delete(tx: Transaction, dc: DataCenter, caller: AccountCaller, entries: Sequence[Entry]) -> None:
    """Delete these events: agreements' bookings end with them, and open talks are settled."""
    now = dc.now()
    for entry in entries:
        events.delete(tx, entry.key, now)
        _release(tx, dc, caller, entry.event)
    if entries:
        channels.tell_of_events(tx, dc, [replace(one, updated_at=now) for one in entries])
        events.forget_deleted(tx, caller.account, dc.now() - limits.DELETED_KEPT)
        settle_later(tx, caller.account, dc.now())


def answer(dc: DataCenter, caller: AccountCaller, calendar_id: str, event_uid: str, status: str) -> None:
    """Say in the account's calendar whether its owner takes part in an event; raises NotFound."""

    def record(tx: Transaction) -> None:
        accounts.lock(tx, [caller.account])
        account = accounts.find(tx, caller.account)
        if account is None or accounts.calendar(tx, caller.account, calendar_id) is None:
            raise NotFound
        _write_pending(tx, dc, caller, conversation_of(event_uid))
        before = _named(tx, caller.application, calendar_id, event_uid)
        event = before.event.answered(status, account.email)
        if event == before.event:
            return
        _put(tx, dc, replace(before, event=event, updated_at=dc.now()))
        if event.blocks != before.event.blocks:
            _time_changed(tx, dc, caller, before.event)

    dc.db.write(record)


def _named(tx: Transaction, application: str, calendar_id: str, event_uid: str) -> Entry:
    """The event in the calendar that the application knows by this UID; raises NotFound."""
    for key, owner, uid in events.names(tx, calendar_id):
        shown = uid if owner == application else external_uid(calendar_id, uid)
        if shown == event_uid and (found := events.by_key(tx, key)):
            return found
    raise NotFound


def settle_later(tx: Transaction, account: int, now: int) -> None:
    """Have the account's open conversations settled again, because its time has changed in this transaction."""
    for application in conversations.with_open(tx, account):
        document = msgspec.json.encode(account).decode()
        outbox.put(tx, Task(f"settle:{account}:{application}", "settle", f"settle:{application}", document), now)


def event_message(conversation_id: str, account: int) -> str:
    """The name of the message that has an agreement's event written into an account's calendar."""
    return f"event:{conversation_id}:{account}"


def _pending(tx: Transaction, account: int) -> list[str]:
    """The conversations whose agreement's event is still to be written into one of the account's calendars."""
    return [name.split(":")[1] for name in outbox.about(tx, account)]


def _write_pending(tx: Transaction, dc: DataCenter, caller: AccountCaller, conversation_id: str) -> None:
    """Write the agreement's event that is still waiting to be, so that what comes next finds it."""
    name = event_message(conversation_id, caller.account)
    document = outbox.document(tx, name)
    if document is None:
        return
    agreed = msgspec.json.decode(document, type=AgreedEvent)
    if agreed.application != caller.application:
        return
    _put(tx, dc, agreed.entry(dc.new_key(), dc.now()))
    history.add(tx, conversation_id, [Change(Type.EVENT_WRITTEN, agreed.position)], dc.now(), "engine")
    outbox.drop(tx, name)
