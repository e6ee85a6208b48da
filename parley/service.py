"""Running the service: socket, database, worker and web server, in one process or in several."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from types import FrameType

import structlog
import uvicorn

from parley import data_center, demo, logs, metrics, processes
from parley.actions import outbox
from parley.asgi import application
from parley.connection import Connection
from parley.data_center import CannotStart, DataCenter, Readiness
from parley.errands import poll
from parley.settings import Settings
from parley.store import database
from parley.store.database import DatabaseInUse
from parley.worker import Worker

GRACE_SECONDS = 30
TOTALS_SECONDS = 60  # nobody can ask parley work for them, so it tells them
NOTICE_SECONDS = 5  # for a balancer to find out
LAST_CALLS_SECONDS = 0.3  # for clients to be told that their connections end

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve."""

    processes: int = 1
    worker: bool = True
    sample: bool = False


def run(settings: Settings, host: str, port: int, serving: Serving) -> None:
    """Serve until SIGTERM or SIGINT; raises CannotStart with what to do about it."""
    logs.configure(settings.log_level)
    if serving.processes > 1 and not database.is_address(settings.database or ""):
        raise CannotStart("several processes need PostgreSQL: say where with PARLEY_DATABASE=postgresql://...")
    if serving.processes > 1 and serving.sample:
        raise CannotStart("--demo serves in one process")
    listener = _listening(host, port)
    if settings.base_url is None and ip_address(listener.getsockname()[0]).is_unspecified:
        raise CannotStart(f"--host {host} listens everywhere; say with PARLEY_BASE_URL what the service is called")
    if serving.processes > 1:
        with metrics.shared():
            processes.run(serving.processes, lambda: _serve(settings, listener, serving), lambda: _try(settings))
    else:
        _serve(settings, listener, serving)


def work(settings: Settings) -> None:
    """Carry out messages, beside other processes, until SIGTERM or SIGINT; raises CannotStart."""
    logs.configure(settings.log_level)
    if settings.base_url is None:
        raise CannotStart("parley work writes links: say with PARLEY_BASE_URL what the service is called")
    dc = data_center.opened(settings)
    if not dc.db.is_shared:
        raise CannotStart("a file has one worker, inside parley serve; more of them need PostgreSQL (PARLEY_DATABASE)")
    over = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: over.set())
    poll.begin(dc)
    worker = Worker(dc)
    worker.start()
    log.info("worker.ready", database=dc.db.name)
    while not over.wait(TOTALS_SECONDS):
        log.info("worker.deliveries", **metrics.deliveries())
    worker.stop()
    dc.db.close()
    log.info("worker.stopped")


def _try(settings: Settings) -> None:
    """Open the installation once, before several processes do; raises CannotStart."""
    data_center.opened(settings).db.close()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as cause:
        listener.close()
        if cause.errno == errno.EADDRINUSE:
            hint = "stop what uses it, or choose another: make run PORT=8123, parley serve --port 8123"
            raise CannotStart(f"port {port} of {host} is in use; {hint}") from cause
        raise CannotStart(f"cannot listen on port {port} of {host}: {cause.strerror or cause}") from cause
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _opened(settings: Settings, address: str) -> DataCenter:
    dc = data_center.opened(settings, settings.base_url or address)
    try:
        dc.db.hold()
    except DatabaseInUse as cause:
        raise CannotStart(f"another parley serve works on {dc.db.name}; stop it, or name another file") from cause
    if not dc.db.is_shared:
        outbox.take_over(dc)
    return dc


def _serve(settings: Settings, listener: socket.socket, serving: Serving) -> None:
    address = _address(listener)
    dc = _opened(settings, address)
    config = uvicorn.Config(
        application(dc),
        loop="uvloop",
        http=Connection,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, dc.readiness, after_start=lambda: _started(dc, address, sample=serving.sample))
    # The server obeys these signals once it runs, and afterwards sends them again to whoever had them before.
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, server.end_at_once)
    worker = Worker(dc) if serving.worker else None
    if worker:
        poll.begin(dc)
        worker.start()
    try:
        server.run(sockets=[listener])
    finally:
        if worker:
            worker.stop()
        dc.db.close()
    log.info("service.stopped")


class _Server(uvicorn.Server):
    """A server that says when it listens, and lets it be known for a while before it stops to."""

    def __init__(self, config: uvicorn.Config, readiness: Readiness, after_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._after_start = after_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        threading.Thread(target=self._after_start, daemon=True).start()

    def end_at_once(self, _number: int, _frame: FrameType | None) -> None:
        """End before anything has begun; afterwards this is of no consequence."""
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end, a second one hurries it."""
        if self._readiness.is_leaving:
            super().handle_exit(sig, frame)
            return
        self._readiness.is_leaving = True
        pause = NOTICE_SECONDS if self._readiness.is_watched(time.monotonic()) else LAST_CALLS_SECONDS
        notice = threading.Timer(pause, super().handle_exit, (sig, frame))
        notice.daemon = True
        notice.start()


def _started(dc: DataCenter, address: str, *, sample: bool) -> None:
    log.info("service.ready", address=address, base_url=dc.base_url, database=dc.db.name)
    if not sample:
        return
    try:
        print(demo.opened(dc, address), flush=True)  # noqa: T201
    except CannotStart as refusal:
        print(f"parley: no sample conversation: {refusal}", file=sys.stderr)  # noqa: T201
