"""Channels of the calling account, and what was sent to them."""

from __future__ import annotations

from parley import outbound
from parley.actions import channels as actions
from parley.core.limits import DELIVERIES_KEPT
from parley.core.push import Delivery
from parley.data_center import DataCenter
from parley.store import accounts, channels, deliveries
from parley.store.database import Transaction
from parley.wire import channels as wire
from parley.wire.exchange import ACCEPTED, Call, Reply, json_reply


def create(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/channels."""
    caller, allowed = call.account(), dc.settings.outbound_allowed
    calendar_ids = [one.id for one in dc.db.read(accounts.calendars, caller.account)]
    wishes = wire.read_wishes(call.json(), calendar_ids, lambda url: outbound.is_refused(url, allowed))
    return json_reply({"channel": wire.write_channel(actions.create(dc, caller, wishes))})


def list_channels(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/channels."""
    caller = call.account()
    found = dc.db.read(channels.of_account, caller.application, caller.account)
    return json_reply({"channels": [wire.write_channel(one) for one in found]})


def close(dc: DataCenter, call: Call) -> Reply:
    """DELETE /v1/channels/{id}."""
    actions.close(dc, call.account(), call.path["id"])
    return ACCEPTED


def list_deliveries(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/channels/{id}/deliveries."""
    return json_reply({"deliveries": [wire.write_delivery(one) for one in dc.db.read(_recent, call)]})


def _recent(tx: Transaction, call: Call) -> list[Delivery]:
    channel = actions.existing(tx, call.account(), call.path["id"])
    return deliveries.recent(tx, channel.target, DELIVERIES_KEPT)


def redeliver(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/channels/{id}/deliveries/{delivery_id}/redeliver."""
    actions.redeliver(dc, call.account(), call.path["id"], call.path["delivery_id"])
    return ACCEPTED
