"""The time in which accounts are not free: their events, and what is booked before its event stands."""

from __future__ import annotations

from collections.abc import Callable

from parley.core.availability import Hours
from parley.core.periods import Period
from parley.store import availability, bookings, events
from parley.store.database import Transaction


def of(tx: Transaction, account: int, window: Period, counts: Callable[[str], bool] | None = None) -> list[Period]:
    """The account's busy time inside the window, in any order; `counts` tells which calendars matter (None: all).

    Booked time always counts.
    """
    taken = events.blocking(tx, account, window)
    busy = [period for calendar_id, period in taken if counts is None or counts(calendar_id)]
    return busy + bookings.standing(tx, account, window)


def hours(
    tx: Transaction, application: str, account: int, window: Period, rule_ids: frozenset[str] | None = None
) -> Hours | None:
    """When the account is open as this application stored it; nothing where it stored neither rules nor periods.

    With `rule_ids`, only these rules are looked at.
    """
    rules = availability.rules(tx, application, account)
    named = tuple(one for one in rules if rule_ids is None or one.id in rule_ids)
    if not named and not availability.has_periods(tx, application, account):
        return None
    stored = availability.periods(tx, application, account, window)
    return Hours(named, tuple(one.period for one in stored))
