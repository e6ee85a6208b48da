"""The npm library `cronofy`, installed once as package-lock.json says, and a process that calls it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest

PACKAGE = Path(__file__).parent / "node"
DRIVER = PACKAGE / "driver.js"
INSTALLED = Path(__file__).parents[2] / ".venv" / "node"
SECONDS = 300


class CronofyError(Exception):
    """The library gave an error: its status, and the body of the answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(answer["refused"])
        self.status: int | None = answer.get("status")
        self.told = answer.get("told")


class Node:
    """A process that has the library loaded, and calls it for as many clients as are asked for."""

    def __init__(self, modules: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(DRIVER)],
            env=environment(modules),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.numbers = count()

    def client(self, url: str, **config: str) -> NodeClient:
        """A new client of the library, made with this configuration, for the service at this address."""
        return NodeClient(self, next(self.numbers), url, config)

    def ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One call, one answer."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        """Let the process end."""
        self.process.communicate(timeout=SECONDS)


@dataclass
class NodeClient:
    """One client of the library. `config` is what the library keeps, as it was after the last success."""

    node: Node
    number: int
    url: str
    config: dict[str, str]

    def call(self, method: str, *given: Any, callback: bool = False, **options: Any) -> Any:
        """Call a method, as a promise or with a callback, and give its answer; raises CronofyError."""
        named = [{name.rstrip("_"): value for name, value in options.items()}] if options or callback else []
        asked = {"client": self.number, "url": self.url, "config": self.config}
        answer = self.node.ask({**asked, "method": method, "options": [*given, *named], "callback": callback})
        if "refused" in answer:
            raise CronofyError(answer)
        self.config = answer["config"]
        return answer.get("value")


def environment(modules: Path) -> dict[str, str]:
    """The environment in which Node.js finds the library, and no proxy on the way to this machine."""
    return {**os.environ, "NODE_PATH": str(modules), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def installed() -> Path:
    """The folder that holds the library; without Node.js or a registry the test is skipped, and fails where CI=true."""
    if why := _why_not():
        absent(why)
    return _folder() / "node_modules"


def absent(why: str) -> NoReturn:
    """Something from outside that these tests need is not there."""
    pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)


def _folder() -> Path:
    return INSTALLED / hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()[:12]


@cache
def _why_not() -> str | None:
    """Install the library unless it is there; what hinders it, asked once."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            return f"there is no {program}; apt-get install nodejs npm"
    return None if _folder().exists() else _install(_folder())


def _install(folder: Path) -> str | None:
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=INSTALLED) as work:
        package = Path(work) / "package"
        shutil.copytree(PACKAGE, package)
        command = ["npm", "ci", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1", "--loglevel=error"]
        try:
            told = subprocess.run(command, cwd=package, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"npm ci took more than {SECONDS} seconds"
        if told.returncode:
            return f"npm ci could not install: {'; '.join(told.stderr.strip().splitlines()[:3])}"
        with suppress(OSError):  # another run of the tests was faster
            package.rename(folder)
    return None
