"""Events of the calling account: write, read, delete."""

from __future__ import annotations

from parley.actions import calendars as actions
from parley.api import paged
from parley.api.paged import Listing
from parley.core import limits
from parley.core.errors import NotFound
from parley.core.event import Entry
from parley.core.periods import Period
from parley.data_center import DataCenter
from parley.store import accounts, events
from parley.store.database import Transaction
from parley.wire import events as wire
from parley.wire.exchange import ACCEPTED, Call, Reply, json_reply
from parley.wire.paging import Page
from parley.wire.reading import Fields

PATH = "/v1/events"


def put(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/calendars/{id}/events."""
    dc.db.read(_refuse_unknown, call)
    actions.put_event(dc, call.account(), call.path["id"], wire.read_event(call.json()))
    return ACCEPTED


def delete(dc: DataCenter, call: Call) -> Reply:
    """DELETE /v1/calendars/{id}/events."""
    dc.db.read(_refuse_unknown, call)
    fields = Fields(call.json())
    event_id = fields.required_text("event_id", limits.KEY_LENGTH)
    fields.finish()
    actions.delete_event(dc, call.account(), call.path["id"], event_id)
    return ACCEPTED


def _refuse_unknown(tx: Transaction, call: Call) -> None:
    if accounts.calendar(tx, call.account().account, call.path["id"]) is None:
        raise NotFound


def read(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/events."""
    query = wire.read_query(call.query)
    theirs, own = wire.window(query, dc.now())
    return _page(dc, call, paged.first(dc, *theirs, int(query.managed), *own))


def next_page(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/events/pages/{token}."""
    return _page(dc, call, paged.following(dc, call, PATH))


def _page(dc: DataCenter, call: Call, page: Page) -> Reply:
    caller = call.account()
    start, end, managed, own_start, own_end = (int(one) for one in page.query)
    window, own = Period(start, end), Period(own_start, own_end)
    search = events.Search(caller.account, caller.application, window, bool(managed), own)
    listing: Listing[Entry] = Listing(
        count=lambda tx: events.count(tx, search),
        rows=lambda tx, mark, most: events.matching(tx, search, (mark[0], mark[1]) if mark else events.FIRST, most),
        mark=lambda entry: (entry.event.period.start, entry.key),
    )
    pages, found = paged.show(dc, call, PATH, page, listing)
    return json_reply({"pages": pages, "events": [wire.write_event(one, caller.application) for one in found]})
