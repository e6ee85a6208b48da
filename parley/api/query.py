"""The availability query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from parley.core.availability import Hours
from parley.core.limits import MINUTE
from parley.core.periods import Period, hull, merged, minus
from parley.core.query import Common, Found, Group, Member
from parley.data_center import DataCenter
from parley.store import accounts, availability, busy, tokens
from parley.store.database import Transaction
from parley.wire import query as wire
from parley.wire.exchange import Call, Reply, json_reply
from parley.wire.query import Asked, AskedMember, KnownAccount


def ask(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/availability."""
    application, values = call.application().application, call.json()
    keys, known = dc.db.read(_known, application, wire.mentioned(values))
    asked = wire.read_query(values, known, dc.now())
    next_minute = -(-dc.now() // MINUTE) * MINUTE  # nobody meets at 09:03:27
    common = dc.db.read(_common, application, asked, keys, next_minute)
    return json_reply(wire.write_found(asked, islice(_found(common, asked), asked.most)))


def _known(
    tx: Transaction, application: str, mentioned: Iterable[str]
) -> tuple[dict[str, int], dict[str, KnownAccount]]:
    """Those of the subs that are accounts of the application: their keys, and what can be named of them."""
    keys, known = {}, {}
    for sub in mentioned:
        account = accounts.by_sub(tx, sub)
        if account and tokens.is_authorized(tx, application, account.key):
            keys[sub] = account.key
            rules = availability.rules(tx, application, account.key)
            calendars = accounts.calendars(tx, account.key)
            known[sub] = KnownAccount(frozenset(one.id for one in calendars), frozenset(one.id for one in rules))
    return keys, known


def _common(tx: Transaction, application: str, asked: Asked, keys: dict[str, int], now: int) -> Common:
    window = hull(asked.periods)
    # What is past is not looked at; busy time outside the window counts too where a buffer reaches it.
    near = Period(max(window.start, now) - asked.before, max(window.end, now) + asked.after)
    people = {one for group in asked.groups for one in group.members}  # somebody may be in many groups
    found = {one: _member(tx, application, keys[one.sub], one, near) for one in people}
    groups = [Group(tuple(found[one] for one in group.members), group.required) for group in asked.groups]
    return Common(groups, asked.periods, asked.duration, before=asked.before, after=asked.after, now=now)


def _member(tx: Transaction, application: str, account: int, asked: AskedMember, window: Period) -> Member:
    hours = _hours(tx, application, account, asked, window)
    closed = hours.closed(window) if hours else []
    if asked.periods is not None:
        closed = [*closed, *minus([window], merged(asked.periods))]
    return Member(asked.sub, busy.of(tx, account, window, _counting(asked, hours)), closed)


def _counting(asked: AskedMember, hours: Hours | None) -> Callable[[str], bool] | None:
    """Which calendars count: those that the query names, else those that the rules name, else all."""
    if asked.calendar_ids is not None:
        return asked.calendar_ids.__contains__
    return hours.counts if hours else None


def _hours(tx: Transaction, application: str, account: int, asked: AskedMember, window: Period) -> Hours | None:
    """When the member is open; naming rules asks for their hours, and for those only."""
    if not asked.managed and asked.rule_ids is None:
        return None
    return busy.hours(tx, application, account, window, asked.rule_ids)


def _found(common: Common, asked: Asked) -> Iterable[Found]:
    if asked.starts is not None:
        return common.at(asked.starts)
    match asked.response_format:
        case wire.PERIODS:
            return common.periods()
        case wire.SLOTS:
            return common.slots(asked.interval)
        case _:
            return common.overlapping_slots(asked.interval)
