"""What is served: every method on every path, who may call it, and what answers; and the entries of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from starlette.routing import compile_path

from parley import metrics
from parley.api import (
    accounts,
    availability,
    batch,
    calendars,
    channels,
    conversations,
    events,
    health,
    oauth,
    openapi,
    query,
    services,
    smart_invites,
)
from parley.core.access import Access
from parley.core.errors import Forbidden, Refusal
from parley.data_center import DataCenter
from parley.web import pages, reference
from parley.wire import errors
from parley.wire.batch import Entry
from parley.wire.exchange import Call, Reply, json_reply

log = structlog.get_logger()

OPEN = Access()  # anybody; the handler looks at credentials in the body or in the path, where it needs any
ANY_ACCOUNT = Access(account=True)  # whatever its scope
API_KEY = Access(application=True)
APPLICATION = Access(application=True, account=True, scope="create_event")
READING = Access(application=True, account=True, scope="read_free_busy")
ANYONE_IN = Access(application=True, account=True, participant=True, scope="create_event")


def account(scope: str) -> Access:
    """An account's token with this scope; the API key names no account."""
    return Access(account=True, scope=scope)


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path: who may call, what answers.

    A quick one only reads a little of the database. A batched one may be an entry of a batch, too.
    """

    method: str
    path: str
    access: Access
    handler: Callable[[DataCenter, Call], Reply]
    quick: bool = False
    batched: bool = False
    reads: bool = False

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET" and not self.reads

    @property
    def by_address(self) -> bool:
        """Whether calls count for the address that they come from: who calls is in the path or in the body."""
        return self.access == OPEN and (self.writes or self.path.startswith("/c/"))

    @property
    def keyed(self) -> bool:
        """Whether an Idempotency-Key counts: where something is changed, and no secret is told."""
        return self.method == "POST" and self.writes and self.access != OPEN


def carry_out_batch(dc: DataCenter, call: Call) -> Reply:
    """POST /v1/batch: every entry goes to its own route, and needs the access that the route asks for."""
    return batch.carry_out(call, lambda entry: _carried_out(dc, call, entry))


CONVERSATIONS = "/v1/scheduling_conversations"
SERVICES = "/v1/conversation_services"
SLOTS = CONVERSATIONS + "/{id}/participants/{position}/slots"
CHANNELS = "/v1/channels"


def describe(dc: DataCenter, call: Call) -> Reply:
    """GET /openapi.json: every route, for machines."""
    return json_reply(_description(dc.base_url))


def describe_to_people(dc: DataCenter, call: Call) -> Reply:
    """GET /docs: the same for people."""
    return reference.show(dc, _description(dc.base_url))


@lru_cache(maxsize=8)
def _description(base_url: str) -> dict[str, Any]:
    return openapi.document(ROUTES, base_url)


# They are tried in this order, so the busiest come first.
ROUTES = (
    Route("GET", CONVERSATIONS + "/{id}", ANYONE_IN, conversations.read, quick=True),
    Route("GET", SLOTS, ANYONE_IN, conversations.list_slots),
    Route("POST", SLOTS, ANYONE_IN, conversations.select_slots),
    Route("POST", "/v1/batch", ANY_ACCOUNT, carry_out_batch),
    Route("GET", CONVERSATIONS, APPLICATION, conversations.list_or_look_up),
    Route("POST", CONVERSATIONS, APPLICATION, conversations.create),
    Route("GET", CONVERSATIONS + "/pages/{token}", APPLICATION, conversations.next_page),
    Route("GET", CONVERSATIONS + "/{id}/history", APPLICATION, conversations.read_history),
    Route("GET", CONVERSATIONS + "/{id}/history/pages/{token}", APPLICATION, conversations.next_history_page),
    Route("GET", "/", OPEN, pages.home, quick=True),
    Route("GET", "/static/{name}", OPEN, pages.static, quick=True),
    Route("GET", "/openapi.json", OPEN, describe),
    Route("GET", "/docs", OPEN, describe_to_people),
    Route("GET", "/c/{token}", OPEN, pages.show),
    Route("POST", "/c/{token}", OPEN, pages.choose),
    Route("GET", "/c/{token}/meeting.ics", OPEN, pages.meeting),
    Route("GET", "/health/live", OPEN, health.live, quick=True),
    Route("GET", "/health/ready", OPEN, health.ready),
    Route("GET", "/metrics", OPEN, metrics.show),
    Route("POST", "/oauth/token", OPEN, oauth.token),
    Route("POST", "/oauth/token/revoke", OPEN, oauth.revoke),
    Route("POST", "/v1/application_calendars", OPEN, oauth.application_calendar),
    Route("GET", "/v1/userinfo", account("read_account"), accounts.userinfo),
    Route("GET", "/v1/account", account("read_account"), accounts.read),
    Route("GET", "/v1/profiles", account("read_account"), accounts.list_profiles),
    Route("POST", "/v1/profiles/{id}/revoke", ANY_ACCOUNT, accounts.revoke_profile),
    Route("GET", "/v1/calendars", account("list_calendars"), calendars.list_calendars),
    Route("POST", "/v1/calendars", account("create_event"), calendars.create),
    Route("POST", "/v1/calendars/{id}/events", account("create_event"), events.put, batched=True),
    Route("DELETE", "/v1/calendars/{id}/events", account("delete_event"), events.delete, batched=True),
    Route(
        "POST",
        "/v1/calendars/{id}/events/{event_uid}/participation_status",
        account("create_event"),
        events.answer,
    ),
    Route("GET", "/v1/events", account("read_events"), events.read),
    Route("GET", "/v1/events/pages/{token}", account("read_events"), events.next_page),
    Route("DELETE", "/v1/events", account("delete_event"), events.delete_many, batched=True),
    Route("GET", "/v1/free_busy", account("read_free_busy"), events.read_free_busy),
    Route("GET", "/v1/free_busy/pages/{token}", account("read_free_busy"), events.next_free_busy_page),
    Route("GET", "/v1/availability_rules", account("create_event"), availability.list_rules),
    Route("POST", "/v1/availability_rules", account("create_event"), availability.put_rule),
    Route("GET", "/v1/availability_rules/{id:path}", account("create_event"), availability.read_rule),
    Route("DELETE", "/v1/availability_rules/{id:path}", account("create_event"), availability.delete_rule),
    Route("GET", "/v1/available_periods", account("create_event"), availability.list_periods),
    Route("POST", "/v1/available_periods", account("create_event"), availability.put_period, batched=True),
    Route("DELETE", "/v1/available_periods", account("create_event"), availability.delete_periods, batched=True),
    Route("GET", "/v1/available_periods/pages/{token}", account("create_event"), availability.next_page),
    Route("POST", "/v1/availability", READING, query.ask, reads=True),
    Route("GET", "/v1/smart_invites", API_KEY, smart_invites.read),
    Route("POST", "/v1/smart_invites", API_KEY, smart_invites.put),
    Route("GET", SERVICES, APPLICATION, services.list_services),
    Route("POST", SERVICES, APPLICATION, services.create),
    Route("GET", SERVICES + "/{id}", APPLICATION, services.read),
    Route("DELETE", SERVICES + "/{id}", APPLICATION, services.delete),
    Route("POST", SERVICES + "/{id}/rotate_secret", APPLICATION, services.rotate_secret),
    Route("POST", SERVICES + "/{id}/prove", APPLICATION, services.prove),
    Route("GET", CHANNELS, account("read_free_busy"), channels.list_channels),
    Route("POST", CHANNELS, account("read_free_busy"), channels.create),
    Route("DELETE", CHANNELS + "/{id}", account("read_free_busy"), channels.close),
    Route("GET", CHANNELS + "/{id}/deliveries", account("read_free_busy"), channels.list_deliveries),
    Route(
        "POST",
        CHANNELS + "/{id}/deliveries/{delivery_id}/redeliver",
        account("read_free_busy"),
        channels.redeliver,
    ),
)


def by_path(routes: Iterable[Route]) -> dict[str, dict[str, Route]]:
    """The routes of each path by their methods."""
    found: dict[str, dict[str, Route]] = {}
    for route in routes:
        found.setdefault(route.path, {})[route.method] = route
    return found


BATCHED = [(compile_path(path)[0], methods) for path, methods in by_path(one for one in ROUTES if one.batched).items()]


def _carried_out(dc: DataCenter, call: Call, entry: Entry) -> Reply:
    """What becomes of one entry of a batch."""
    for pattern, methods in BATCHED:
        if found := pattern.fullmatch(entry.path):
            route = methods.get(entry.method)
            if route is None:
                return not_with_this_method(methods)
            one = Call(call.caller, found.groupdict(), entry.query, entry.body, keyed=call.keyed)
            return _attempted(dc, route, one)
    return Reply(404)


def _attempted(dc: DataCenter, route: Route, call: Call) -> Reply:
    try:
        if not route.access.admits(call.anyone()):
            raise Forbidden
        return route.handler(dc, call)
    except Exception as failure:
        told = errors.answer(failure) if isinstance(failure, Refusal) else errors.INTERNAL
        if told.status >= 500 and call.keyed:  # nothing is to come of the whole batch, which may be repeated
            raise
        if told is errors.INTERNAL:
            log.exception("http.failed", method=route.method, route=route.path)
    return Reply(told.status, told.body, headers=told.headers)


def not_with_this_method(methods: Iterable[str]) -> Reply:
    """The refusal of a method that the path does not know."""
    return Reply(405, headers=(("Allow", ", ".join(sorted(methods))),))
