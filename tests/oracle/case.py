"""One situation to be judged twice: who has which time, and what is asked. All instants are in minutes since 1970.

A case is printed as the expression that makes it again; `compare` in `tests/oracle/__main__.py` takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Stretch = tuple[int, int]


@dataclass(frozen=True)
class Event:
    """An event of a calendar: from minute to minute, or all-day from the first day up to, not including, the other."""

    calendar: str
    kind: str
    start: int | date
    end: int | date
    tzid: str | None = None


@dataclass(frozen=True)
class Rule:
    """Weekly hours: weekday, minute of its clock from which, minute up to which."""

    id: str
    tzid: str
    weekly: tuple[tuple[str, int, int], ...]
    calendars: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    """Somebody's time as it is stored."""

    tzid: str | None
    events: tuple[Event, ...] = ()
    bookings: tuple[Stretch, ...] = ()
    rules: tuple[Rule, ...] = ()
    periods: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Member:
    """Somebody of a group in a query; `account` is the position in the case."""

    account: int
    managed: bool = False
    calendars: tuple[str, ...] | None = None
    rules: tuple[str, ...] | None = None
    periods: tuple[Stretch, ...] | None = None


@dataclass(frozen=True)
class Group:
    """A group in a query, of whom so many are required."""

    members: tuple[Member, ...]
    required: int


@dataclass(frozen=True)
class Case:
    """The accounts; what a conversation and a query have in common; the one's `people` (account, managed), standing
    selections and limit; the other's groups, buffers, interval and `starts` (query_slots)."""

    seed: int
    accounts: tuple[Account, ...]
    periods: tuple[Stretch, ...]
    duration: int
    now: int
    people: tuple[tuple[int | None, bool], ...] = ()
    standing: tuple[int, ...] = ()
    most: int = 512
    groups: tuple[Group, ...] = ()
    before: int = 0
    after: int = 0
    interval: int = 30
    starts: tuple[int, ...] = ()
