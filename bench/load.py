"""A closed loop of clients: each sends its next request over its own connection when the last one is answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httptools
import uvloop

PATIENCE = 30  # seconds that a run may take beyond its time


@dataclass
class Load:
    """What one run has seen: the latency of each request in seconds, and how long all of it took."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency that this share of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


@dataclass(frozen=True)
class Limits:
    """When a run ends: after so many seconds or so many requests, whichever comes first."""

    seconds: float
    requests: int


def request(method: str, path: str, token: str, body: Any = None) -> bytes:
    """A request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    kind = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if content else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{kind}\r\n"
    return head.encode() + content


def run(port: int, requests: Iterator[bytes], clients: int, limits: Limits) -> Load:
    """Send requests from so many clients at once; raises RuntimeError when one of them is not answered with 200."""
    return uvloop.run(asyncio.wait_for(_run(port, requests, clients, limits), limits.seconds + PATIENCE))


async def _run(port: int, requests: Iterator[bytes], clients: int, limits: Limits) -> Load:
    loop = asyncio.get_running_loop()
    load = Load()
    everyone = [_Client(requests, load, limits, loop.create_future()) for _ in range(clients)]
    for one in everyone:
        await loop.create_connection(partial(_itself, one), "127.0.0.1", port)
    began = time.perf_counter()
    for one in everyone:
        one.begin(began + limits.seconds)
    await asyncio.gather(*(one.done for one in everyone))
    load.seconds = time.perf_counter() - began
    return load


def _itself(client: _Client) -> _Client:
    return client


class _Client(asyncio.Protocol):
    """One client and its connection."""

    def __init__(self, requests: Iterator[bytes], load: Load, limits: Limits, done: asyncio.Future[None]) -> None:
        self.requests, self.load, self.limits, self.done = requests, load, limits, done
        self.parser = httptools.HttpResponseParser(self)
        self.body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def connection_lost(self, cause: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(f"the connection broke: {cause}"))

    def begin(self, until: float) -> None:
        self.until = until
        self._next()

    def _next(self) -> None:
        self.sent = time.perf_counter()
        over = self.sent >= self.until or len(self.load.latencies) >= self.limits.requests
        following = None if over else next(self.requests, None)
        if following is not None:
            self.transport.write(following)
            return
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        if self.parser.get_status_code() != 200:
            self.body += body

    def on_message_complete(self) -> None:
        self.load.latencies.append(time.perf_counter() - self.sent)
        if self.parser.get_status_code() == 200:
            self._next()
        elif not self.done.done():
            self.done.set_exception(RuntimeError(f"answered {self.parser.get_status_code()}: {self.body.decode()}"))
