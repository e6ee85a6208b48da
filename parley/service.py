"""Running the service: socket, database, worker and web server in one process."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable
from ipaddress import ip_address
from types import FrameType

import structlog
import uvicorn

from parley import data_center, demo, logs
from parley.asgi import application
from parley.connection import Connection
from parley.data_center import CannotStart, DataCenter
from parley.settings import Settings
from parley.store.database import DatabaseInUse
from parley.worker import Worker

GRACE_SECONDS = 30

log = structlog.get_logger()


def run(settings: Settings, host: str, port: int, *, sample: bool) -> None:
    """Serve until SIGTERM or SIGINT; raises CannotStart with what to do about it."""
    logs.configure(settings.log_level)
    listener = _listening(host, port)
    if settings.base_url is None and ip_address(listener.getsockname()[0]).is_unspecified:
        raise CannotStart(f"--host {host} listens everywhere; say with PARLEY_BASE_URL what the service is called")
    address = _address(listener)
    dc = data_center.opened(settings, settings.base_url or address)
    try:
        dc.db.hold()
    except DatabaseInUse as cause:
        raise CannotStart(f"another parley serve works on {dc.db.name}; stop it, or name another file") from cause
    _serve(dc, listener, address, sample=sample)


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


def _serve(dc: DataCenter, listener: socket.socket, address: str, *, sample: bool) -> None:
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
    server = _Server(config, after_start=lambda: _started(dc, address, sample=sample))
    # The server finishes its work on these signals, and then sends them again to whoever had them before.
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, _nothing_more)
    worker = Worker(dc)
    worker.start()
    try:
        server.run(sockets=[listener])
    finally:
        worker.stop()
        dc.db.close()
    log.info("service.stopped")


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, after_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._after_start = after_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        threading.Thread(target=self._after_start, daemon=True).start()


def _started(dc: DataCenter, address: str, *, sample: bool) -> None:
    log.info("service.ready", address=address, base_url=dc.base_url, database=dc.db.name)
    if not sample:
        return
    try:
        print(demo.opened(dc, address), flush=True)  # noqa: T201
    except CannotStart as refusal:
        print(f"parley: no sample conversation: {refusal}", file=sys.stderr)  # noqa: T201


def _nothing_more(_number: int, _frame: FrameType | None) -> None:
    """A signal that has been obeyed already."""
