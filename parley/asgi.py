"""The HTTP edge: from a request to its route and back, body limit, refusals.

Beside the server that takes mail the only file with `async`, and beside the table of routes the only one that knows the
web framework. Handlers are plain functions. Where the database is a file of this machine, quick reads of it run where
they are called, and what changes it runs in the thread that writes, together with others in one commit; everything else
runs in a pool of threads. No call waits longer than `CALL_SECONDS`: when the database hangs, the answer is 503, and
what becomes of the call is unknown.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from asyncio import wrap_future
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route as WebRoute
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from parley import metrics
from parley.actions.idempotency import Running, carry_out
from parley.admission import Admission
from parley.api import health
from parley.core.errors import Refusal, TooLarge, Unavailable
from parley.core.limits import BODY_BYTES
from parley.data_center import DataCenter
from parley.routes import OPEN, ROUTES, Route, by_path, not_with_this_method
from parley.store.database import Transaction
from parley.web import pages
from parley.wire import errors
from parley.wire.exchange import Call, Reply
from parley.wire.forms import read_form
from parley.wire.idempotency import HEADER, Keyed, read_keyed

THREADS = 16
CALL_SECONDS = 4.0
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger()


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
    routes = [WebRoute(path, _Endpoint(admission, threads, path, one)) for path, one in by_path(ROUTES).items()]
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
            return not_with_this_method(self.methods)
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
