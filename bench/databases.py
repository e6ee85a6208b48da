"""Where databases to be measured are: files in a temporary folder, and a PostgreSQL server of our own, on disk both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench.processes import busy_seconds
from parley.settings import Settings
from tests import postgresql

SQLITE, POSTGRESQL = "sqlite", "postgresql"
SERVER = {"shared_buffers": "512MB", "max_wal_size": "8GB"}  # else a run may meet the writing out of a filling


@dataclass(frozen=True)
class Place:
    """A data folder, and the path or address of the database."""

    kind: str
    folder: Path
    database: str

    def settings(self) -> Settings:
        """For this process."""
        return Settings(data_dir=self.folder, database=self.database)

    def environment(self) -> dict[str, str]:
        """For a process of the service."""
        return {"PARLEY_DATA_DIR": str(self.folder), "PARLEY_DATABASE": self.database}


@dataclass
class Ground:
    """Has a place whenever one is wanted; the server is started with the first that needs it."""

    folder: Path
    ending: ExitStack
    count: int = 0
    servers: list[postgresql.Server] = field(default_factory=list)

    def place(self, database: str) -> Place:
        """An empty place of this kind."""
        self.count += 1
        folder = self.folder / f"place-{self.count}"
        folder.mkdir()
        where = str(folder / "parley.db") if database == SQLITE else self._server().new_database()
        return Place(database, folder, where)

    def _server(self) -> postgresql.Server:
        if not self.servers:
            running = postgresql.running(self.folder, fsync=True, **SERVER)
            self.servers.append(self.ending.enter_context(running))
        return self.servers[0]

    def size(self, place: Place) -> int:
        """How many bytes of disk a database takes."""
        if place.kind == SQLITE:
            return sum(one.stat().st_size for one in place.folder.iterdir())
        with psycopg.connect(place.database) as connection:
            return int(connection.execute("select pg_database_size(current_database())").fetchone()[0])

    def busy(self, database: str) -> float:
        """The processor time that the database server has used so far; a file has none."""
        if database == SQLITE or not self.servers:
            return 0.0
        server = self.servers[0]
        return sum(busy_seconds(server.processes(), and_ended_children_of=server.postmaster.pid))


@contextmanager
def ground() -> Iterator[Ground]:
    """A temporary folder and what is in it; nothing stays behind."""
    with TemporaryDirectory(prefix="parley-bench-") as folder, ExitStack() as ending:
        yield Ground(Path(folder), ending)
