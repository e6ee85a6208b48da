"""Accounts and their calendars."""

from __future__ import annotations

from collections.abc import Iterable

from parley.core.account import Account, Calendar
from parley.store.database import Row, Transaction

ACCOUNT = "key, sub, email, name, tzid, profile_id, created_at, application_id, application_calendar_id"
CALENDAR = "id, account_key, name, is_primary, created_at, color"


def insert(tx: Transaction, account: Account) -> None:
    """Add an account."""
    tx.run(
        f"insert into accounts ({ACCOUNT}) values (:key, :sub, :email, :name, :tzid, :profile_id, :created_at,"
        " :application, :application_calendar_id)",
        key=account.key,
        sub=account.sub,
        email=account.email,
        name=account.name,
        tzid=account.tzid,
        profile_id=account.profile_id,
        created_at=account.created_at,
        application=account.application,
        application_calendar_id=account.application_calendar_id,
    )


def find(tx: Transaction, key: int) -> Account | None:
    """The account of this key."""
    row = tx.one(f"select {ACCOUNT} from accounts where key = :key", key=key)
    return Account(*row) if row else None


def lock(tx: Transaction, keys: Iterable[int]) -> None:
    """Keep others from changing these accounts' time until the transaction ends; always in the order of their keys."""
    wanted = sorted(set(keys))
    if tx.lock_rows and wanted:
        names = ", ".join(f":key_{at}" for at in range(len(wanted)))
        values = {f"key_{at}": key for at, key in enumerate(wanted)}
        tx.all(f"select key from accounts where key in ({names}) order by key{tx.lock_rows}", **values)


def by_sub(tx: Transaction, sub: str) -> Account | None:
    """The account of this sub."""
    row = tx.one(f"select {ACCOUNT} from accounts where sub = :sub", sub=sub)
    return Account(*row) if row else None


def by_email(tx: Transaction, email: str) -> Account | None:
    """The account of this address; case does not matter."""
    row = tx.one(f"select {ACCOUNT} from accounts where lower(email) = :email", email=email.lower())
    return Account(*row) if row else None


def by_application_calendar(tx: Transaction, application: str, calendar_id: str) -> Account | None:
    """The account behind a calendar that the application asked for under its own id."""
    row = tx.one(
        f"select {ACCOUNT} from accounts"
        " where application_id = :application and application_calendar_id = :calendar_id",
        application=application,
        calendar_id=calendar_id,
    )
    return Account(*row) if row else None


def add_calendar(tx: Transaction, calendar: Calendar) -> None:
    """Add a calendar."""
    tx.run(
        f"insert into calendars ({CALENDAR}) values (:id, :account, :name, :is_primary, :created_at, :color)",
        id=calendar.id,
        account=calendar.account,
        name=calendar.name,
        is_primary=int(calendar.is_primary),
        created_at=calendar.created_at,
        color=calendar.color,
    )


def calendars(tx: Transaction, account: int) -> list[Calendar]:
    """The account's calendars, the primary one first."""
    rows = tx.all(
        f"select {CALENDAR} from calendars where account_key = :account order by is_primary desc, created_at, id",
        account=account,
    )
    return [_calendar(row) for row in rows]


def calendar(tx: Transaction, account: int, calendar_id: str) -> Calendar | None:
    """One calendar of the account."""
    row = tx.one(
        f"select {CALENDAR} from calendars where id = :id and account_key = :account", id=calendar_id, account=account
    )
    return _calendar(row) if row else None


def _calendar(row: Row) -> Calendar:
    calendar_id, account, name, is_primary, created_at, color = row
    return Calendar(calendar_id, account, name, is_primary=bool(is_primary), created_at=created_at, color=color)
