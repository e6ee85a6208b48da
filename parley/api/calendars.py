"""Calendars of the calling account."""

from __future__ import annotations

from parley.actions import accounts as actions
from parley.core.account import Account, Calendar
from parley.core.errors import NotFound
from parley.data_center import DataCenter
from parley.store import accounts
from parley.store.database import Transaction
from parley.wire import accounts as wire
from parley.wire.exchange import Call, Reply, json_reply


def list_calendars(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/calendars."""
    account, calendars = dc.db.read(with_calendars, call.account().account)
    return json_reply(wire.write_calendars(account, calendars))


def create(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/calendars."""
    caller = call.account()
    account, _ = dc.db.read(with_calendars, caller.account)
    asked = wire.read_calendar(call.json(), account.profile_id)
    made = actions.add_calendar(dc, caller, asked.name, asked.color)
    return json_reply({"calendar": wire.write_calendar(account, made)})


def with_calendars(tx: Transaction, key: int) -> tuple[Account, list[Calendar]]:
    """An account and its calendars; raises NotFound."""
    account = accounts.find(tx, key)
    if account is None:
        raise NotFound
    return account, accounts.calendars(tx, key)
