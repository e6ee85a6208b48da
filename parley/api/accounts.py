"""Who the calling account is, and how it takes back its consent."""

from __future__ import annotations

from parley.actions import accounts as actions
from parley.api.calendars import with_calendars
from parley.data_center import DataCenter
from parley.wire import accounts as wire
from parley.wire.exchange import ACCEPTED, Call, Reply, json_reply


def userinfo(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/userinfo."""
    caller = call.account()
    account, calendars = dc.db.read(with_calendars, caller.account)
    return json_reply(wire.write_userinfo(account, calendars, caller.scope))


def read(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/account."""
    caller = call.account()
    account, _ = dc.db.read(with_calendars, caller.account)
    return json_reply(wire.write_account(account, caller.scope))


def list_profiles(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/profiles."""
    account, _ = dc.db.read(with_calendars, call.account().account)
    return json_reply(wire.write_profiles(account))


def revoke_profile(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/profiles/{id}/revoke."""
    actions.revoke_profile(dc, call.account(), call.path["id"])
    return ACCEPTED
