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
from pathlib import Path

STARTING = 30  # seconds


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def busy(self) -> float | None:
        """The seconds of processor time that it has used so far, all threads together, where the system tells."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def service(folder: Path) -> Iterator[Server]:
    """`parley serve` on the data folder."""
    port = _free_port()
    settings = {"PARLEY_DATA_DIR": str(folder), "PARLEY_LOG_LEVEL": "warning", "PARLEY_RATE_LIMIT": "0"}
    with _running(["-m", "parley", "serve", "--port", str(port)], port, settings) as server:
        yield server


@contextmanager
def ceiling(folder: Path) -> Iterator[Server]:
    """The ceiling, on the database of the data folder."""
    port = _free_port()
    with _running(["-m", "bench.ceiling", str(folder / "parley.db"), str(port)], port, {}) as server:
        yield server


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _running(words: list[str], port: int, settings: dict[str, str]) -> Iterator[Server]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    process = subprocess.Popen([sys.executable, *words], env={**kept, **settings}, stdout=subprocess.DEVNULL)
    try:
        _await(process, port)
        yield Server(port, process)
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
