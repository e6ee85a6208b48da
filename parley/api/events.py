"""Events of the calling account: write, read, delete, answer; and what they say about its time."""

from __future__ import annotations

from parley.actions import calendars as actions
from parley.api import paged
from parley.api.paged import Listing
from parley.core import limits
from parley.core.access import AccountCaller
from parley.core.errors import Forbidden, NotFound
from parley.core.event import Entry, Search
from parley.data_center import DataCenter
from parley.store import accounts, events
from parley.store.database import Transaction
from parley.wire import event_query
from parley.wire import events as wire
from parley.wire.exchange import ACCEPTED, Call, Reply, json_reply
from parley.wire.paging import Page
from parley.wire.reading import Fields

EVENTS = "/v1/events"
FREE_BUSY = "/v1/free_busy"


def put(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/calendars/{id}/events."""
    dc.db.read(_refuse_unknown, call)
    fields = Fields(call.json())
    _refuse_external(fields)
    actions.put_event(dc, call.account(), call.path["id"], wire.read_event(fields.values))
    return ACCEPTED


def delete(dc: DataCenter, call: Call) -> Reply:
    """DELETE /v1/calendars/{id}/events."""
    dc.db.read(_refuse_unknown, call)
    fields = Fields(call.json())
    _refuse_external(fields)
    event_id = fields.required_text("event_id", limits.KEY_LENGTH)
    fields.finish()
    actions.delete_event(dc, call.account(), call.path["id"], event_id)
    return ACCEPTED


def _refuse_unknown(tx: Transaction, call: Call) -> None:
    if accounts.calendar(tx, call.account().account, call.path["id"]) is None:
        raise NotFound


def _refuse_external(fields: Fields) -> None:
    """An event that is named by its UID alone is somebody else's, and calendars are open to own events only."""
    if fields.get("event_id") is None and fields.get("event_uid") is not None:
        raise Forbidden


def delete_many(dc: DataCenter, call: Call) -> Reply:
    """DELETE /v1/events; pycronofy puts what to delete into the query."""
    body = call.json()
    named = body if wire.DELETION & body.keys() else call.query
    actions.delete_events(dc, call.account(), wire.read_deletion(named, _calendar_ids(dc, call)))
    return ACCEPTED


def answer(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/calendars/{id}/events/{event_uid}/participation_status."""
    dc.db.read(_refuse_unknown, call)
    status = wire.read_answer(call.json())
    actions.answer(dc, call.account(), call.path["id"], call.path["event_uid"], status)
    return ACCEPTED


def _calendar_ids(dc: DataCenter, call: Call) -> list[str]:
    return [one.id for one in dc.db.read(accounts.calendars, call.account().account)]


def read(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/events."""
    query = event_query.read_events_query(call.query, _calendar_ids(dc, call), dc.now())
    return _events(dc, call, paged.first(dc, event_query.as_text(query)))


def next_page(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/events/pages/{token}."""
    return _events(dc, call, paged.following(dc, call, EVENTS))


def _events(dc: DataCenter, call: Call, page: Page) -> Reply:
    caller, query = call.account(), event_query.from_text(str(page.query[0]))
    pages, found = paged.show(dc, call, EVENTS, page, _listing(caller, query.search))
    return json_reply({"pages": pages, "events": [wire.write_event(one, caller.application, query) for one in found]})


def read_free_busy(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/free_busy."""
    query = event_query.read_free_busy_query(call.query, _calendar_ids(dc, call), dc.now())
    return _free_busy(dc, call, paged.first(dc, event_query.as_text(query)))


def next_free_busy_page(dc: DataCenter, call: Call) -> Reply:
    """GET /v1/free_busy/pages/{token}."""
    return _free_busy(dc, call, paged.following(dc, call, FREE_BUSY))


def _free_busy(dc: DataCenter, call: Call, page: Page) -> Reply:
    caller, query = call.account(), event_query.from_text(str(page.query[0]))
    pages, found = paged.show(dc, call, FREE_BUSY, page, _listing(caller, query.search))
    told = [wire.write_free_busy(one, caller.application, query) for one in found]
    return json_reply({"pages": pages, "free_busy": told})


def _listing(caller: AccountCaller, search: Search) -> Listing[Entry]:
    return Listing(
        count=lambda tx: events.count(tx, caller.account, caller.application, search),
        rows=lambda tx, mark, most: events.matching(
            tx, caller.account, caller.application, search, (mark[0], mark[1]) if mark else events.FIRST, most
        ),
        mark=lambda entry: (entry.event.period.start, entry.key),
    )
