"""When the calling account is open: Availability Rules and Available Periods."""

from __future__ import annotations

from parley.actions import accounts as actions
from parley.api import paged
from parley.api.paged import Listing
from parley.core.errors import NotFound
from parley.core.hours import AvailabilityRule, AvailablePeriod
from parley.core.periods import Period
from parley.data_center import DataCenter
from parley.store import accounts, availability
from parley.store.database import Transaction
from parley.wire import availability as wire
from parley.wire.exchange import ACCEPTED, Call, Reply, json_reply
from parley.wire.paging import Page

PERIODS = "/v1/available_periods"


def put_rule(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/availability_rules."""
    caller = call.account()
    calendars = dc.db.read(accounts.calendars, caller.account)
    rule = wire.read_rule(call.json(), [one.id for one in calendars])
    actions.put_rule(dc, caller, rule)
    return json_reply({"availability_rule": wire.write_rule(rule)})


def list_rules(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/availability_rules."""
    rules = dc.db.read(_rules, call)
    return json_reply({"availability_rules": [wire.write_rule(one) for one in rules]})


def read_rule(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/availability_rules/{id}."""
    for rule in dc.db.read(_rules, call):
        if rule.id == call.path["id"]:
            return json_reply({"availability_rule": wire.write_rule(rule)})
    raise NotFound


def delete_rule(dc: DataCenter, call: Call) -> Reply:
    """DELETE /v1/availability_rules/{id}."""
    actions.delete_rule(dc, call.account(), call.path["id"])
    return ACCEPTED


def _rules(tx: Transaction, call: Call) -> list[AvailabilityRule]:
    caller = call.account()
    return availability.rules(tx, caller.application, caller.account)


def put_period(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/available_periods."""
    actions.put_period(dc, call.account(), wire.read_period(call.json()))
    return ACCEPTED


def delete_periods(dc: DataCenter, call: Call) -> Reply:
    """DELETE /v1/available_periods."""
    actions.delete_periods(dc, call.account(), wire.read_period_deletion(call.json()))
    return ACCEPTED


def list_periods(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/available_periods."""
    return _page(dc, call, paged.first(dc, *wire.read_query(call.query)))


def next_page(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/available_periods/pages/{token}."""
    return _page(dc, call, paged.following(dc, call, PERIODS))


def _page(dc: DataCenter, call: Call, page: Page) -> Reply:
    caller = call.account()
    window = Period(int(page.query[0]), int(page.query[1]))
    listing: Listing[AvailablePeriod] = Listing(
        count=lambda tx: availability.count_periods(tx, caller.application, caller.account, window),
        rows=lambda tx, mark, most: availability.periods(
            tx,
            caller.application,
            caller.account,
            window,
            (mark[0], mark[1]) if mark else availability.FIRST,
            most,
        ),
        mark=lambda one: (one.period.start, one.id),
    )
    pages, found = paged.show(dc, call, PERIODS, page, listing)
    return json_reply({"pages": pages, "available_periods": [wire.write_period(one) for one in found]})
