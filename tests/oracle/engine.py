"""What the engine says of a case, asked through the functions that the service uses, in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from parley.core.availability import Availability, Hours
from parley.core.event import Event as WrittenEvent
from parley.core.event import empty
from parley.core.hours import AvailabilityRule, WeeklyPeriod
from parley.core.periods import Period, hull, merged, minus
from parley.core.query import Common, Found, Group
from parley.core.query import Member as QueryMember
from parley.wire.events import read_event
from parley.wire.writing import time_text
from tests.oracle.case import Account, Case, Event, Member, Rule, Stretch
from tests.oracle.oracle import Row

MINUTE = 60
SAID: dict[str, dict[str, str]] = {
    "opaque": {},
    "said_opaque": {"transparency": "opaque"},
    "transparent": {"transparency": "transparent"},
    "free": {"extended_transparency": "transparent"},
    "tentative": {"extended_transparency": "tentative"},
    "out_of_office": {"extended_transparency": "out_of_office"},
    "working_elsewhere": {"extended_transparency": "working_elsewhere"},
}


def answered(case: Case, looks: Sequence[int]) -> dict[str, Any]:
    """All that the engine says of the case; `looks` are the minutes at which starts are tried one by one."""
    return {**conversation(case, looks), **query(case)}


def conversation(case: Case, looks: Sequence[int]) -> dict[str, Any]:
    """As `parley.actions.conversations.available` asks."""
    periods = [_period(one) for one in case.periods]
    window = hull(periods)
    blocked: list[Period] = []
    for position, managed in case.people:
        if position is not None:
            account = case.accounts[position]
            hours = _hours(account) if managed else None
            blocked += _busy(account, window, hours.counts if hours else None)
            blocked += hours.closed(window) if hours else []
    found = Availability(periods, case.duration * MINUTE, blocked, case.now * MINUTE)
    earliest = found.earliest()
    standing = [one * MINUTE for one in case.standing]
    return {
        "existing": [one for one in looks if found.has_slot(one * MINUTE)],
        "selectable": [one for one in looks if found.is_open(one * MINUTE)],
        "earliest": None if earliest is None else _minute(earliest),
        "listed": [_minute(one) for one in found.listed(standing, case.most)],
    }


def query(case: Case) -> dict[str, Any]:
    """As `parley.api.query` asks."""
    common = _common(case, [_period(one) for one in case.periods])
    starts = [one * MINUTE for one in case.starts]
    at = _common(case, [Period(one, one + case.duration * MINUTE) for one in starts])
    interval = case.interval * MINUTE
    return {
        "periods": _rows(common.periods()),
        "slots": _rows(common.slots(None)),
        "slots on an interval": _rows(common.slots(interval)),
        "overlapping": _rows(common.overlapping_slots(None)),
        "overlapping on an interval": _rows(common.overlapping_slots(interval)),
        "at": _rows(at.at(starts)),
    }


def _common(case: Case, periods: list[Period]) -> Common:
    before, after = case.before * MINUTE, case.after * MINUTE
    window = hull(periods)
    near = Period(window.start - before, window.end + after)
    groups = [
        Group(tuple(_member(case.accounts[one.account], one, near) for one in group.members), group.required)
        for group in case.groups
    ]
    return Common(groups, periods, case.duration * MINUTE, before=before, after=after, now=case.now * MINUTE)


def _member(account: Account, member: Member, window: Period) -> QueryMember:
    wanted = member.managed or member.rules is not None
    hours = _hours(account, member.rules) if wanted else None
    closed = hours.closed(window) if hours else []
    if member.periods is not None:
        closed = [*closed, *minus([window], merged(_period(one) for one in member.periods))]
    counts: Callable[[str], bool] | None = hours.counts if hours else None
    if member.calendars is not None:
        counts = frozenset(member.calendars).__contains__
    return QueryMember(str(member.account), _busy(account, window, counts), closed)


def _hours(account: Account, named: Sequence[str] | None = None) -> Hours | None:
    rules = tuple(_rule(one) for one in account.rules if named is None or one.id in named)
    if not rules and not account.periods:
        return None
    return Hours(rules, tuple(_period(one) for one in account.periods))


def _rule(rule: Rule) -> AvailabilityRule:
    return AvailabilityRule(rule.id, rule.tzid, tuple(WeeklyPeriod(*one) for one in rule.weekly), rule.calendars)


def _busy(account: Account, window: Period, counts: Callable[[str], bool] | None) -> list[Period]:
    """What the store would find: bookings, and blocking events of calendars that count, that overlap the window."""
    taken = [_period(one) for one in account.bookings]
    for event in account.events:
        written = _written(event, account.tzid or "Etc/UTC")
        if written.blocks and (counts is None or counts(event.calendar)):
            taken.append(written.period)
    return [one for one in taken if one.end > window.start and one.start < window.end]


@lru_cache(maxsize=200)
def _written(event: Event, account_tzid: str) -> WrittenEvent:
    return read_event(as_json(event)).applied_to(empty("e", event.calendar, "app"), account_tzid)


def as_json(event: Event) -> dict[str, Any]:
    """The event as an application writes it."""
    start, end = (
        time_text(one * MINUTE) if isinstance(one, int) else one.isoformat() for one in (event.start, event.end)
    )
    zone = {"tzid": event.tzid} if event.tzid else {}
    return {"event_id": "e", "summary": "Event", "start": start, "end": end, **zone, **SAID[event.kind]}


def _period(stretch: Stretch) -> Period:
    return Period(stretch[0] * MINUTE, stretch[1] * MINUTE)


def _rows(found: Iterable[Found]) -> list[Row]:
    return [
        (_minute(one.period.start), _minute(one.period.end), tuple(int(sub) for sub in one.subs))
        for one in islice(found, 100_000)
    ]


def _minute(instant: int) -> int:
    """The minute that the instant begins; where all that is asked is in whole minutes, so is the answer."""
    minute, seconds = divmod(instant, MINUTE)
    if seconds:
        raise AssertionError(f"{instant} is no whole minute")
    return minute
