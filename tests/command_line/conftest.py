"""The command line as its users have it: processes with a data folder of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECONDS = 60
COMMAND = (sys.executable, "-m", "parley")


@dataclass
class Shell:
    """Runs `parley` in a folder of its own, with nothing of the surrounding settings."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment of a command, with these settings as PARLEY_*."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
        named = {f"PARLEY_{name.upper()}": value for name, value in {**self.settings, **settings}.items()}
        ours = {"PARLEY_DATA_DIR": str(self.data), "PARLEY_RATE_LIMIT": "0", "COLUMNS": "200"}
        return {**kept, **ours, **named}

    def run(
        self, *words: str, before: Callable[[], None] | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself; `before` is called in its process first."""
        return subprocess.run(
            [*COMMAND, *words],
            env=self.environment(**settings),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            preexec_fn=before,
        )

    def json(self, *words: str) -> Any:
        """What a command that must succeed prints with --json, which must be one value."""
        done = self.run(*words, "--json")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return json.loads(done.stdout)


class Serving:
    """A running `parley serve`; what it logs goes to a file."""

    def __init__(self, shell: Shell, *words: str, **settings: str) -> None:
        self.log = shell.folder / f"log-{len(list(shell.folder.iterdir()))}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--port", "0", *words],
                env=shell.environment(**settings),
                cwd=shell.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            self.url = self._ready()
        except BaseException:  # else it would serve on, and work on the database of the tests to come
            self.process.kill()
            self.process.communicate()
            raise

    def _ready(self) -> str:
        while self.process.poll() is None:
            for line in self.log.read_text().splitlines():
                if "service.ready" in line and line.endswith("}"):
                    return json.loads(line)["address"]
            time.sleep(0.01)
        raise AssertionError(self.log.read_text())

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the service to end; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a folder of the test's own."""
    return Shell(tmp_path)


@pytest.fixture
def serving(shell: Shell) -> Iterator[Callable[..., Serving]]:
    """Start services; they end with the test at the latest."""
    running: list[Serving] = []

    def start(*words: str, **settings: str) -> Serving:
        running.append(Serving(shell, *words, **settings))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.communicate()
