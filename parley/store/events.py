"""Events of our own calendars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from parley.core.event import Entry, Event
from parley.core.periods import Period
from parley.store.database import Row, Transaction

COLUMNS = "key, account_key, calendar_id, application_id, document, created_at, updated_at"


def put(tx: Transaction, entry: Entry) -> None:
    """Add the event, or replace the one of the same calendar, application and event id."""
    tx.run(
        "insert into events (key, account_key, calendar_id, application_id, event_id, uid, starts_at, ends_at, blocks,"
        " document, created_at, updated_at)"
        " values (:key, :account, :calendar, :application, :event_id, :uid, :starts_at, :ends_at, :blocks,"
        " :document, :created_at, :updated_at)"
        " on conflict (calendar_id, application_id, event_id) do update set uid = excluded.uid,"
        " starts_at = excluded.starts_at,"
        " ends_at = excluded.ends_at, blocks = excluded.blocks, document = excluded.document,"
        " updated_at = excluded.updated_at",
        key=entry.key,
        account=entry.account,
        calendar=entry.calendar_id,
        application=entry.application,
        event_id=entry.event.event_id,
        uid=entry.event.uid,
        starts_at=entry.event.period.start,
        ends_at=entry.event.period.end,
        blocks=int(entry.event.blocks),
        document=msgspec.json.encode(entry.event).decode(),
        created_at=entry.created_at,
        updated_at=entry.updated_at,
    )


def find(tx: Transaction, calendar_id: str, application: str, event_id: str) -> Entry | None:
    """The application's event of this id in the calendar."""
    row = tx.one(
        f"select {COLUMNS} from events"
        " where calendar_id = :calendar and application_id = :application and event_id = :event_id",
        calendar=calendar_id,
        application=application,
        event_id=event_id,
    )
    return _entry(row) if row else None


def drop(tx: Transaction, calendar_id: str, application: str, event_id: str) -> int:
    """Delete the application's event of this id in the calendar; how many there were."""
    return tx.run(
        "delete from events where calendar_id = :calendar and application_id = :application and event_id = :event_id",
        calendar=calendar_id,
        application=application,
        event_id=event_id,
    )


def blocking(tx: Transaction, account: int, window: Period) -> list[tuple[str, Period]]:
    """What blocks the account's time inside the window: calendar and time of each such event."""
    rows = tx.all(
        "select calendar_id, starts_at, ends_at from events"
        " where account_key = :account and blocks = 1 and ends_at > :start and starts_at < :end",
        account=account,
        start=window.start,
        end=window.end,
    )
    return [(row[0], Period(row[1], row[2])) for row in rows]


@dataclass(frozen=True, slots=True)
class Search:
    """Which events of an account an application reads: those of others that overlap `window`, and with
    `managed` its own too, which are bound by `managed_window` only."""

    account: int
    application: str
    window: Period
    managed: bool
    managed_window: Period


Mark = tuple[int, int]  # (starts_at, key): where a page of a listing ends
FIRST: Mark = (-(2**62), -1)

MATCHES = (
    " where account_key = :account and ((application_id <> :application and ends_at > :start and starts_at < :end)"
    " or (:managed = 1 and application_id = :application and ends_at > :managed_start and starts_at < :managed_end))"
)


def matching(tx: Transaction, search: Search, after: Mark, most: int) -> Sequence[Entry]:
    """The events behind the mark, by start."""
    rows = tx.all(
        f"select {COLUMNS} from events {MATCHES} and (starts_at, key) > (:at, :after)"
        " order by starts_at, key limit :most",
        at=after[0],
        after=after[1],
        most=most,
        **_values(search),
    )
    return [_entry(row) for row in rows]


def count(tx: Transaction, search: Search) -> int:
    """How many events match."""
    row = tx.one(f"select count(*) from events {MATCHES}", **_values(search))
    return int(row[0]) if row else 0


def _values(search: Search) -> dict[str, int | str]:
    return {
        "account": search.account,
        "application": search.application,
        "start": search.window.start,
        "end": search.window.end,
        "managed": int(search.managed),
        "managed_start": search.managed_window.start,
        "managed_end": search.managed_window.end,
    }


def _entry(row: Row) -> Entry:
    key, account, calendar_id, application, document, created_at, updated_at = row
    event = msgspec.json.decode(document, type=Event)
    return Entry(key, account, calendar_id, application, event, created_at, updated_at)
