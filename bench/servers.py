"""The processes that are measured, each on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.databases import Place
from bench.processes import Memory, busy_seconds, family, memory

STARTING = 30  # seconds
SETTLING = 1  # seconds; the first of several processes answers when others are still starting
PROGRAMS = {
    "service": ("-m", "parley", "serve"),
    "ungrouped": ("-m", "bench.ungrouped", "serve"),
}
SETTINGS = {"PARLEY_LOG_LEVEL": "warning", "PARLEY_RATE_LIMIT": "0"}


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    processes: list[int]

    def busy(self) -> list[float]:
        """The seconds of processor time that each of its processes has used so far."""
        return busy_seconds(self.processes)

    def memory(self) -> list[Memory]:
        """Of each process that serves; one that only watches the others does not count."""
        told = [memory(one) for one in self.processes[-max(1, len(self.processes) - 1) :]]
        return [one for one in told if one]


@contextmanager
def service(place: Place, program: str = "service", processes: int = 1) -> Iterator[Server]:
    """`parley serve`, or a program that differs from it in one thing."""
    port = _free_port()
    words = [*PROGRAMS[program], "--port", str(port), "--processes", str(processes)]
    with _running(words, port, {**place.environment(), **SETTINGS}, processes) as server:
        yield server


@contextmanager
def ceiling(place: Place) -> Iterator[Server]:
    """The ceiling, on the database of a service."""
    port = _free_port()
    with _running(["-m", "bench.ceiling", place.database, str(port)], port, {}) as server:
        yield server


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _running(words: list[str], port: int, settings: dict[str, str], processes: int = 1) -> Iterator[Server]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    process = subprocess.Popen([sys.executable, *words], env={**kept, **settings}, stdout=subprocess.DEVNULL)
    try:
        _await(process, port)
        time.sleep(SETTLING * (processes - 1))
        yield Server(port, family(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(STARTING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen after {STARTING} seconds")
