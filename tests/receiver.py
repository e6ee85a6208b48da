"""A real HTTP server that receives what is sent to it: it keeps everything, and answers as the test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One call as it came in; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def told(self) -> dict[str, Any]:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def type(self) -> str:
        """Which notification it is."""
        return self.told["notification"]["type"]


Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """What has come, where to, and how the next calls are answered."""

    port: int
    received: list[Received] = field(default_factory=list)
    answering: Answering | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def allowed(self) -> str:
        """What PARLEY_OUTBOUND_ALLOW needs for it."""
        return f"127.0.0.1:{self.port}"

    @property
    def types(self) -> list[str]:
        """Which notifications came, in their order."""
        return [one.type for one in self.received]

    def wait_for(self, many: int, seconds: float = 10) -> list[Received]:
        """What has come, once it is so many."""
        end = time.monotonic() + seconds
        while len(self.received) < many and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.received) >= many, self.types
        return self.received

    def wait_until(self, matches: Callable[[Received], bool], seconds: float = 10) -> Received:
        """The first call that matches, once it has come."""
        end = time.monotonic() + seconds
        while not (found := [one for one in list(self.received) if matches(one)]) and time.monotonic() < end:
            time.sleep(0.01)
        assert found, self.types
        return found[0]


class Waiting(ThreadingHTTPServer):
    """A server that lets many connections wait."""

    request_queue_size = 128
    daemon_threads = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.command, self.path, headers, body, time.monotonic()))
            if receiver.answering is not None:
                with suppress(OSError):  # whoever called may have gone
                    receiver.answering(self)
                return
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = Waiting(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()
