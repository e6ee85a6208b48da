"""Who the calling account is."""

from __future__ import annotations

from parley.api.calendars import with_calendars
from parley.data_center import DataCenter
from parley.wire import accounts as wire
from parley.wire.exchange import Call, Reply, json_reply


def userinfo(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/userinfo."""
    caller = call.account()
    account, calendars = dc.db.read(with_calendars, caller.account)
    return json_reply(wire.write_userinfo(account, calendars, caller.scope))
