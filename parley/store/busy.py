"""The time in which accounts are not free: their events, and what is booked before its event stands."""

from __future__ import annotations

from parley.core.availability import Hours
from parley.core.periods import Period
from parley.store import availability, bookings, events
from parley.store.database import Transaction


def of(tx: Transaction, account: int, window: Period, hours: Hours | None = None) -> list[Period]:
    """The account's busy time inside the window, in any order.

    With hours, the time outside them too, and only the calendars that their rules count; booked time always counts.
    """
    taken = events.blocking(tx, account, window)
    busy = [period for calendar_id, period in taken if hours is None or hours.counts(calendar_id)]
    busy += bookings.standing(tx, account, window)
    return busy if hours is None else busy + hours.closed(window)


def hours(tx: Transaction, application: str, account: int, window: Period) -> Hours | None:
    """When the account is open as this application stored it; nothing where it stored neither rules nor periods."""
    rules = availability.rules(tx, application, account)
    if not rules and not availability.has_periods(tx, application, account):
        return None
    stored = availability.periods(tx, application, account, window)
    return Hours(tuple(rules), tuple(one.period for one in stored))
