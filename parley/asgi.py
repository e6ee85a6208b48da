"""The HTTP edge: routes and who may use them, body limit, refusals.

The only file that knows the web framework and the only one with `async`. Handlers are plain functions. Where the
database is a file of this machine, quick reads of it run where they are called, and what changes it runs in the thread
that writes, together with others in one commit; everything else runs in a pool of threads. No call waits longer than
`CALL_SECONDS`: when the database hangs, the answer is 503, and what becomes of the call is unknown.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from asyncio import wrap_future
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route as WebRoute
from starlette.routing import Router, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from parley import metrics
from parley.actions.idempotency import Running, carry_out
from parley.admission import Admission
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
from parley.core.errors import Forbidden, Refusal, TooLarge, Unavailable
from parley.core.limits import BODY_BYTES
from parley.data_center import DataCenter
from parley.store.database import Transaction
from parley.web import pages, reference
from parley.wire import errors
from parley.wire.batch import Entry
from parley.wire.exchange import Call, Reply, json_reply
from parley.wire.forms import read_form
from parley.wire.idempotency import HEADER, Keyed, read_keyed

THREADS = 16
CALL_SECONDS = 4.0
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

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


def _by_path(routes: Iterable[Route]) -> dict[str, dict[str, Route]]:
    found: dict[str, dict[str, Route]] = {}
    for route in routes:
        found.setdefault(route.path, {})[route.method] = route
    return found


BATCHED = [(compile_path(path)[0], methods) for path, methods in _by_path(one for one in ROUTES if one.batched).items()]


class Threads:
    """Where calls wait for the database; readiness and metrics have threads of their own, to be told when all hang."""

    def __init__(self) -> None:
        self.running = Running()
        self._calls = ThreadPoolExecutor(THREADS, thread_name_prefix="call")
        own = (health.ready, metrics.show)
        self._own: dict[Any, ThreadPoolExecutor] = {one: ThreadPoolExecutor(1, one.__name__) for one in own}

    def of(self, route: Route) -> ThreadPoolExecutor:
        """Those that carry out calls of the route."""
        return self._own.get(route.handler, self._calls)


def application(dc: DataCenter) -> ASGIApp:
    """The service as an ASGI application."""
    metrics.counts()
    admission, threads = Admission(dc), Threads()
    routes = [WebRoute(path, _Endpoint(admission, threads, path, one)) for path, one in _by_path(ROUTES).items()]
    # A router alone: what a whole application puts around it is for failures, which endpoints answer themselves.
    router = Router(routes, redirect_slashes=False, default=_Endpoint(admission, threads, "(none)", {}))
    return _TrailingSlash(router)


class _TrailingSlash:
    """A slash at the end of a path changes nothing: PHP's library sends one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self.app(scope, receive, send)


class _Endpoint:
    """Everything that is served at one path."""

    def __init__(self, admission: Admission, threads: Threads, path: str, methods: dict[str, Route]) -> None:
        self.dc = admission.dc
        self.admission = admission
        self.threads = threads
        self.path = path
        self.methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        began = time.perf_counter()
        given = request.headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            reply = await self._reply(request)
        except ClientDisconnect:
            return
        took = time.perf_counter() - began
        metrics.request(request.method, self.path, reply.status, took)
        log.info("http", method=request.method, route=self.path, status=reply.status, ms=round(took * 1000, 1))
        headers = _headers(reply, request_id, is_last=self.dc.readiness.is_leaving)
        body = b"" if request.method == "HEAD" else reply.body
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, request: Request) -> Reply:
        try:
            return await self._handled(request)
        except Refusal as refusal:
            return self._refused(errors.answer(self.admission.reckoned(refusal, _address(request))))
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("http.failed", method=request.method, route=self.path)
            return self._refused(errors.INTERNAL)

    def _refused(self, told: errors.Answer) -> Reply:
        if self.path.startswith("/c/"):  # people read these
            return pages.failed(self.dc, told.status, told.headers)
        return Reply(told.status, told.body, headers=told.headers)

    async def _handled(self, request: Request) -> Reply:
        if not self.methods:
            return Reply(404)
        method = "GET" if request.method == "HEAD" else request.method
        route = self.methods.get(method)
        if route is None:
            return _not_with_this_method(self.methods)
        body = await _body(request)
        if route.quick and (route.access == OPEN or not self.dc.db.is_shared):
            return _answer(self.admission, route, request, body)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                told = await self._awaited(route, request, body)
        except TimeoutError as cause:
            raise Unavailable from cause
        if isinstance(told, Refusal):
            raise told
        return told

    def _awaited(self, route: Route, request: Request, body: bytes) -> Awaitable[Reply | Refusal]:
        """The reply, from the thread that carries the call out; raises KeyInUse."""
        begin = partial(self._begun, route, request, body)
        if not route.keyed or HEADER not in request.headers:
            return wrap_future(begin())
        name = request.headers.get("authorization", ""), request.headers[HEADER]
        return wrap_future(self.threads.running.alone(name, begin))

    def _begun(self, route: Route, request: Request, body: bytes) -> Future[Reply | Refusal]:
        here = copy_context()  # what is logged in the thread carries the request's id, too
        if route.writes and not self.dc.db.is_shared:
            call = _call(self.admission, route, request, body)
            return self.dc.db.submit(lambda _tx: here.run(_kept, self.dc, call, route.handler))
        return self.threads.of(route).submit(here.run, _answer, self.admission, route, request, body)


def _kept(dc: DataCenter, call: Call, handler: Callable[[DataCenter, Call], Reply]) -> Reply | Refusal:
    """What becomes of a call inside a transaction; what it recorded stands although it was refused afterwards."""
    try:
        return carry_out(dc, call, handler)
    except Unavailable:
        raise
    except Refusal as refusal:
        return refusal


def _answer(admission: Admission, route: Route, request: Request, body: bytes) -> Reply:
    def reply(_tx: Transaction | None = None) -> Reply:
        return carry_out(admission.dc, _call(admission, route, request, body), route.handler)

    is_read = not route.writes and route.access != OPEN
    return admission.dc.db.read(reply) if is_read else reply()  # the caller is looked up at the same moment


def _call(admission: Admission, route: Route, request: Request, body: bytes) -> Call:
    caller = None
    if route.access != OPEN:
        caller = admission.caller(route.access, request.headers.get("authorization", ""), _address(request))
    elif route.by_address:
        admission.visit(_address(request), request.path_params.get("token"))
    return Call(
        caller=caller,
        path=request.path_params,
        query=read_form(request.scope["query_string"].decode("latin-1")),
        body=body,
        content_type=request.headers.get("content-type", ""),
        keyed=_keyed(request, body) if route.keyed else None,
    )


def _keyed(request: Request, body: bytes) -> Keyed | None:
    asked = request.method, request.scope["path"], request.headers.get("content-type", "")
    return read_keyed(request.headers.getlist(HEADER), *asked, request.scope["query_string"], body)


def _carried_out(dc: DataCenter, call: Call, entry: Entry) -> Reply:
    """What becomes of one entry of a batch."""
    for pattern, methods in BATCHED:
        if found := pattern.fullmatch(entry.path):
            route = methods.get(entry.method)
            if route is None:
                return _not_with_this_method(methods)
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


def _not_with_this_method(methods: Iterable[str]) -> Reply:
    return Reply(405, headers=(("Allow", ", ".join(sorted(methods))),))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES:
            raise TooLarge
    return bytes(body)


def _headers(reply: Reply, request_id: str, *, is_last: bool) -> list[tuple[bytes, bytes]]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    headers.append((b"x-request-id", request_id.encode()))
    if reply.body:
        headers.append((b"content-type", reply.content_type.encode()))
    if is_last:  # the next call on this connection would find nobody
        headers.append((b"connection", b"close"))
    if reply.status >= 400:  # Ruby's library shows this header as the message of its exception
        headers.append((b"status", f"{reply.status} {HTTPStatus(reply.status).phrase}".encode()))
    return headers
