"""Availability Rules and Available Periods, each of one application and account."""

from __future__ import annotations

import msgspec

from parley.core.hours import AvailabilityRule, AvailablePeriod
from parley.core.periods import FOREVER, Period
from parley.store.database import Transaction


def put_rule(tx: Transaction, application: str, account: int, rule: AvailabilityRule) -> None:
    """Add the rule, or replace the one of the same id."""
    tx.run(
        "insert into availability_rules (application_id, account_key, id, document)"
        " values (:application, :account, :id, :document)"
        " on conflict (application_id, account_key, id) do update set document = excluded.document",
        application=application,
        account=account,
        id=rule.id,
        document=msgspec.json.encode(rule).decode(),
    )


def rules(tx: Transaction, application: str, account: int) -> list[AvailabilityRule]:
    """The account's rules, by id."""
    rows = tx.all(
        "select document from availability_rules"
        " where application_id = :application and account_key = :account order by id",
        application=application,
        account=account,
    )
    return [msgspec.json.decode(row[0], type=AvailabilityRule) for row in rows]


def drop_rule(tx: Transaction, application: str, account: int, rule_id: str) -> int:
    """Delete a rule; how many there were."""
    return tx.run(
        "delete from availability_rules where application_id = :application and account_key = :account and id = :id",
        application=application,
        account=account,
        id=rule_id,
    )


def put_period(tx: Transaction, application: str, account: int, period: AvailablePeriod) -> None:
    """Add the period, or replace the one of the same id."""
    tx.run(
        "insert into available_periods (application_id, account_key, id, starts_at, ends_at)"
        " values (:application, :account, :id, :starts_at, :ends_at)"
        " on conflict (application_id, account_key, id)"
        " do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at",
        application=application,
        account=account,
        id=period.id,
        starts_at=period.period.start,
        ends_at=period.period.end,
    )


Mark = tuple[int, str]  # (starts_at, id): where a page of a listing ends
FIRST: Mark = (-FOREVER, "")


def periods(
    tx: Transaction, application: str, account: int, window: Period, after: Mark = FIRST, most: int = -1
) -> list[AvailablePeriod]:
    """The stored periods that overlap the window and come behind the mark, by start; `most` below 0 is all of them."""
    rows = tx.all(
        "select id, starts_at, ends_at from available_periods"
        " where application_id = :application and account_key = :account"
        " and ends_at > :start and starts_at < :end and (starts_at, id) > (:at, :after)"
        " order by starts_at, id limit :most",
        application=application,
        account=account,
        start=window.start,
        end=window.end,
        at=after[0],
        after=after[1],
        most=most if most >= 0 else 2**31,
    )
    return [AvailablePeriod(row[0], Period(row[1], row[2])) for row in rows]


def count_periods(tx: Transaction, application: str, account: int, window: Period) -> int:
    """How many stored periods overlap the window."""
    row = tx.one(
        "select count(*) from available_periods where application_id = :application and account_key = :account"
        " and ends_at > :start and starts_at < :end",
        application=application,
        account=account,
        start=window.start,
        end=window.end,
    )
    return int(row[0]) if row else 0


def has_periods(tx: Transaction, application: str, account: int) -> bool:
    """Whether any period is stored."""
    row = tx.one(
        "select 1 from available_periods where application_id = :application and account_key = :account limit 1",
        application=application,
        account=account,
    )
    return row is not None


def has_period(tx: Transaction, application: str, account: int, period_id: str) -> bool:
    """Whether a period of this id is stored."""
    row = tx.one(
        "select 1 from available_periods where application_id = :application and account_key = :account and id = :id",
        application=application,
        account=account,
        id=period_id,
    )
    return row is not None


def drop_period(tx: Transaction, application: str, account: int, period_id: str) -> int:
    """Delete a stored period; how many there were."""
    return tx.run(
        "delete from available_periods where application_id = :application and account_key = :account and id = :id",
        application=application,
        account=account,
        id=period_id,
    )


def drop_periods(tx: Transaction, application: str, account: int) -> int:
    """Delete every stored period; how many there were."""
    return tx.run(
        "delete from available_periods where application_id = :application and account_key = :account",
        application=application,
        account=account,
    )
