"""One installation under test: its database, its servers and its workers, each a process with a clock of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from parley.settings import Settings
from tests import postgresql
from tests.faults.process import Process, command


@dataclass(frozen=True)
class Shape:
    """What an installation consists of; `database` is `sqlite` or `postgresql`.

    Each server is a `parley serve` of so many processes, each worker a `parley work`, beside those inside the servers.
    """

    database: str = "sqlite"
    servers: int = 1
    processes: int = 1
    workers: int = 0
    workers_inside: bool = True


class Installation:
    """The processes of one installation in a folder of its own; `database` is the server of a PostgreSQL one."""

    def __init__(self, folder: Path, shape: Shape, database: postgresql.Server | None = None) -> None:
        self.folder = folder
        self.database = database
        data = folder / "data"
        dsn = database.new_database() if database else None
        self.settings = Settings(data_dir=data, database=dsn, base_url="http://parley.test")
        named = {"DATA_DIR": str(data), "BASE_URL": "http://parley.test", "RATE_LIMIT": "0", "DATABASE": dsn or ""}
        surrounding = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
        self.environment = surrounding | {f"PARLEY_{name}": value for name, value in named.items()}
        serve = ["serve", "--port", "0"]
        serve += ["--processes", str(shape.processes)] if shape.processes > 1 else []
        serve += [] if shape.workers_inside else ["--no-worker"]
        self.servers = [self._process(f"server-{n}", *serve) for n in range(shape.servers)]
        self.workers = [self._process(f"worker-{n}", "work") for n in range(shape.workers)]
        self._ahead = 0

    def _process(self, name: str, *words: str) -> Process:
        return Process(name, words, self.environment, self.folder)

    @property
    def processes(self) -> list[Process]:
        """Servers and workers."""
        return [*self.servers, *self.workers]

    def process(self, name: str) -> Process:
        """The process of this name."""
        return next(one for one in self.processes if one.name == name)

    def start(self) -> None:
        """Start everything."""
        for one in self.processes:
            one.start()

    def stop(self) -> None:
        """Ask everything to end, and see that it does."""
        with ThreadPoolExecutor(len(self.processes)) as pool:
            list(pool.map(lambda one: one.stop(), self.processes))

    def end(self) -> None:
        """End whatever still runs, at once."""
        for one in self.processes:
            one.end()

    def advance(self, seconds: int) -> None:
        """Let so much time pass for every process, at once."""
        self._ahead += seconds
        for one in self.processes:
            one.set_clock(self._ahead)

    def set_clock(self, name: str, seconds: int) -> None:
        """Set one clock so far away from the others."""
        self.process(name).set_clock(self._ahead + seconds)

    def command(self, *words: str) -> tuple[int, str, str]:
        """A command on this installation, as a process beside it: its exit status and what it said."""
        return command(words, self.environment, self.folder)

    @property
    def file_size(self) -> int:
        """Bytes of the largest file that an SQLite database has."""
        return max((one.stat().st_size for one in (self.folder / "data").glob("parley.db*")), default=0)


@contextmanager
def installed(folder: Path, shape: Shape) -> Iterator[Installation]:
    """An installation that is not started yet; whatever runs of it ends with the block."""
    with ExitStack() as stack:
        is_shared = shape.database == "postgresql"
        database = stack.enter_context(postgresql.running(folder, fsync=True)) if is_shared else None
        installation = Installation(folder, shape, database)
        stack.callback(installation.end)
        yield installation
