"""One process of an installation: started, killed, stopped, frozen, its disk filled and its clock set."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.faults.clock.sitecustomize import OFFSET
from tests.faults.history import Start

COMMAND = (sys.executable, "-m", "parley")
CLOCK_FOLDER = str(Path(__file__).parent / "clock")
START_SECONDS = 30
STOP_SECONDS = 40


class Process:
    """`parley` with some words; it can be started again and again. `under` is a command that runs it.

    `starts` tells how long each start took until it was ready, `deaths` when the process ended.
    """

    def __init__(
        self, name: str, words: Sequence[str], environment: Mapping[str, str], folder: Path, under: Sequence[str] = ()
    ) -> None:
        self.name = name
        self.command = [*under, *COMMAND, *words]
        self._is_child = bool(under)
        self.log = folder / f"{name}.log"
        self.starts: list[Start] = []
        self.deaths: list[float] = []
        self.wrong: list[str] = []
        self.address: tuple[str, int] | None = None  # of a server
        self._works = False  # of a worker
        self._clock = folder / f"{name}.clock"
        self._clock.write_bytes(OFFSET.pack(0))
        paths = [CLOCK_FOLDER, environment.get("PYTHONPATH", "")]
        self._environment = {
            **environment,
            "PYTHONPATH": os.pathsep.join(one for one in paths if one),
            "PARLEY_FAULTS_CLOCK": str(self._clock),
        }
        self._process: subprocess.Popen[str] | None = None

    @property
    def runs(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def id(self) -> int:
        """The process id of the running process."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it is ready."""
        began = time.monotonic()
        self.address, self._works = None, False
        self._process = subprocess.Popen(
            self.command,
            env=self._environment,
            cwd=self.log.parent,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        # What it logs comes through a pipe: a file of its own would be full together with the database's.
        threading.Thread(target=self._keep_log, args=(self._process,), daemon=True).start()
        self.wait_until_ready(began)

    def wait_until_ready(self, began: float) -> None:
        """Wait until it answers that it is ready, and note how long that took since `began`."""
        queued_before = self._queued() if self.address else 0.0
        while time.monotonic() < began + START_SECONDS:
            if not self.runs:
                raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
            if self._works or (self.address and _answers_ready(self.address)):
                self.starts.append(Start(time.monotonic() - began, self._queued() - queued_before))
                return
            time.sleep(0.005)
        raise RuntimeError(f"{self.name} was not ready within {START_SECONDS} s")

    def kill(self) -> None:
        """End it as a power cut would: at once, without a word."""
        self._expect_running()
        self.freeze()  # so that it starts nobody else meanwhile
        self._signal(signal.SIGKILL)
        self._ended()

    def children(self) -> list[int]:
        """The ids of the processes that it has started and that live."""
        listed = Path(f"/proc/{self.id}/task/{self.id}/children")
        return [int(one) for one in listed.read_text().split()] if listed.exists() else []

    def stop(self) -> None:
        """Ask it to end; ending with anything but 0 is noted as wrong."""
        self._expect_running()
        self._signal(signal.SIGTERM)
        status = self._ended()
        if status != 0:
            self.wrong.append(f"{self.name} ended with {status} when it was asked to stop")

    def freeze(self) -> None:
        """Stop it where it is; it does not notice."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def set_clock(self, seconds: int) -> None:
        """Set its clock so many seconds ahead of the true time."""
        with self._clock.open("r+b") as file:
            file.write(OFFSET.pack(seconds))

    def fill_disk(self, size: int) -> None:
        """From now on no file of its can be written beyond this size."""
        resource.prlimit(self.id, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def free_disk(self) -> None:
        """Files can grow again."""
        resource.prlimit(self.id, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def end(self) -> None:
        """End it, whatever it is doing; for the end of a run."""
        if self._process is not None and self._process.poll() is None:
            self._signal(signal.SIGKILL)
            self._process.wait(STOP_SECONDS)

    def _queued(self) -> float:
        """For how many seconds the process, its first thread, could have run and had no processor."""
        try:
            return int(Path(f"/proc/{self.id}/schedstat").read_text().split()[1]) / 1e9
        except OSError:
            return 0.0

    def _expect_running(self) -> None:
        if self._process is not None and (status := self._process.poll()) is not None:
            self.wrong.append(f"{self.name} had ended by itself, with {status}")

    def _signal(self, number: signal.Signals) -> None:
        """Send it to the process, and to those that it has started; SIGTERM to Parley alone, which tells the others."""
        asked = self.children() if self._is_child else [self.id]
        for one in asked if number is signal.SIGTERM else [*self.children(), self.id]:
            try:
                os.kill(one, number)
            except ProcessLookupError:
                if one == self.id:
                    self.wrong.append(f"{self.name} was gone before it got {number.name}")

    def _ended(self) -> int:
        status = self._process.wait(STOP_SECONDS) if self._process else 0
        self.deaths.append(time.monotonic())
        return status

    def _keep_log(self, process: subprocess.Popen[str]) -> None:
        with process.stderr or open(os.devnull) as lines, self.log.open("a") as log:
            for line in lines:
                log.write(line)
                log.flush()
                if process is self._process and '"service.ready"' in line:
                    self.address = _address(line)
                if process is self._process and '"worker.ready"' in line:
                    self._works = True


def _answers_ready(address: tuple[str, int]) -> bool:
    connection = HTTPConnection(*address, timeout=1)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _address(line: str) -> tuple[str, int]:
    host, _, port = json.loads(line)["address"].removeprefix("http://").rpartition(":")
    return host, int(port)


def command(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> tuple[int, str, str]:
    """A command that ends by itself: its exit status and what it said."""
    done = subprocess.run(
        [*COMMAND, *words], env=dict(environment), cwd=folder, capture_output=True, text=True, timeout=STOP_SECONDS
    )
    return done.returncode, done.stdout, done.stderr
