"""Events of our own calendars."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.core.event import Entry, Event, Search
from parley.core.periods import FOREVER, Period
from parley.store.database import Row, Transaction

COLUMNS = "key, account_key, calendar_id, application_id, document, created_at, updated_at, deleted_at"


def put(tx: Transaction, entry: Entry) -> None:
    """Add the event, or replace the one of the same calendar, application and event id, deleted or not."""
    tx.run(
        "insert into events (key, account_key, calendar_id, application_id, event_id, uid, starts_at, ends_at, blocks,"
        " document, created_at, updated_at)"
        " values (:key, :account, :calendar, :application, :event_id, :uid, :starts_at, :ends_at, :blocks,"
        " :document, :created_at, :updated_at)"
        " on conflict (calendar_id, application_id, event_id) do update set uid = excluded.uid,"
        " starts_at = excluded.starts_at,"
        " ends_at = excluded.ends_at, blocks = excluded.blocks, document = excluded.document,"
        " created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = null",
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
        " where calendar_id = :calendar and application_id = :application and event_id = :event_id"
        " and deleted_at is null",
        calendar=calendar_id,
        application=application,
        event_id=event_id,
    )
    return _entry(row) if row else None


def by_key(tx: Transaction, key: int) -> Entry | None:
    """The event of this key."""
    row = tx.one(f"select {COLUMNS} from events where key = :key and deleted_at is null", key=key)
    return _entry(row) if row else None


def names(tx: Transaction, calendar_id: str) -> list[tuple[int, str, str]]:
    """Key, application and UID of each event in the calendar."""
    rows = tx.all(
        "select key, application_id, uid from events where calendar_id = :calendar and deleted_at is null",
        calendar=calendar_id,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def of_application(tx: Transaction, account: int, application: str) -> list[Entry]:
    """Every event that the application wrote into the account's calendars."""
    rows = tx.all(
        f"select {COLUMNS} from events"
        " where account_key = :account and application_id = :application and deleted_at is null",
        account=account,
        application=application,
    )
    return [_entry(row) for row in rows]


def delete(tx: Transaction, key: int, now: int) -> int:
    """Delete the event; it is kept to be told, and blocks nothing. How many there were."""
    return tx.run(
        "update events set blocks = 0, deleted_at = :now, updated_at = :now where key = :key and deleted_at is null",
        now=now,
        key=key,
    )


def forget_deleted(tx: Transaction, account: int, before: int) -> int:
    """Forget the account's events that were deleted before this time; how many there were."""
    return tx.run(
        "delete from events where account_key = :account and deleted_at < :before", account=account, before=before
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


Mark = tuple[int, int]  # (starts_at, key): where a page of a listing ends
FIRST: Mark = (-FOREVER, -1)

MATCHES = (
    " where account_key = :account and ((application_id <> :application and ends_at > :start and starts_at < :end)"
    " or (application_id = :application and ends_at > :own_start and starts_at < :own_end))"
    " and (:deleted = 1 or deleted_at is null) and (:free = 1 or blocks = 1 or deleted_at is not null)"
    " and updated_at >= :since"
)


def matching(
    tx: Transaction, account: int, application: str, search: Search, after: Mark, most: int
) -> Sequence[Entry]:
    """The account's events that the application searches and that come behind the mark, by start."""
    rows = tx.all(
        f"select {COLUMNS} from events {MATCHES}{_among(search)} and (starts_at, key) > (:at, :after)"
        " order by starts_at, key limit :most",
        at=after[0],
        after=after[1],
        most=most,
        **_values(account, application, search),
    )
    return [_entry(row) for row in rows]


def count(tx: Transaction, account: int, application: str, search: Search) -> int:
    """How many of the account's events the application searches."""
    row = tx.one(
        f"select count(*) from events {MATCHES}{_among(search)}",
        **_values(account, application, search),
    )
    return int(row[0]) if row else 0


def _among(search: Search) -> str:
    """The condition on calendars: one name for each of them, where there are any."""
    named = ", ".join(f":calendar_{at}" for at in range(len(search.calendar_ids)))
    return f" and calendar_id in ({named})" if named else ""


def _values(account: int, application: str, search: Search) -> dict[str, int | str]:
    return {
        "account": account,
        "application": application,
        "start": search.window.start,
        "end": search.window.end,
        "own_start": search.own_window.start,
        "own_end": search.own_window.end,
        "deleted": int(search.deleted),
        "free": int(search.free),
        "since": search.modified_since,
        **{f"calendar_{at}": one for at, one in enumerate(search.calendar_ids)},
    }


def _entry(row: Row) -> Entry:
    key, account, calendar_id, application, document, created_at, updated_at, deleted_at = row
    event = msgspec.json.decode(document, type=Event)
    return Entry(key, account, calendar_id, application, event, created_at, updated_at, deleted_at)
