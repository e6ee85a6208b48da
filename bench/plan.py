"""What to measure, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

from bench import cases, engine
from bench.databases import POSTGRESQL, SQLITE
from bench.figures import CEILING, PARTS, SERVICE, UNGROUPED

DATABASES = (SQLITE, POSTGRESQL)
NAMES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}
CASES = (*cases.CASES, "list", *engine.CASES)
COMPARED_UNGROUPED = ("create", "slots_select")


@dataclass(frozen=True)
class Contender:
    """A server to be measured: on which database, which program, in how many processes."""

    database: str
    server: str = SERVICE
    processes: int = 1

    def told(self) -> str:
        """In words."""
        more = {UNGROUPED: ", a commit for each", CEILING: ", ceiling"}.get(self.server, "")
        return f"{NAMES[self.database]}{more}{f', {self.processes} processes' if self.processes > 1 else ''}"


@dataclass(frozen=True)
class Plan:
    """What the words of the command chose."""

    parts: tuple[str, ...] = PARTS
    cases: tuple[str, ...] = CASES
    databases: tuple[str, ...] = DATABASES
    processes: tuple[int, ...] = (1, 2)
    clients: tuple[int, ...] = (1, 8, 32)
    rounds: int = 5
    seconds: float = 1.0
    selections: int = 1500
    sizes: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    busy: tuple[int, ...] = (10, 100, 1_000, 5_000)

    def contenders(self) -> list[Contender]:
        """Who is measured under load."""
        served = [Contender(one, processes=many) for one in self.databases for many in self.processes]
        alone = [one for one in served if one.processes == 1 or one.database == POSTGRESQL]
        compared = any(one in self.cases for one in COMPARED_UNGROUPED) and 1 in self.processes
        return alone + [Contender(SQLITE, UNGROUPED)] * (compared and SQLITE in self.databases)

    def cases_of(self, contender: Contender) -> list[str]:
        """What this one is measured in."""
        over_http = [one for one in self.cases if one in cases.CASES]
        return [one for one in over_http if contender.server != UNGROUPED or one in COMPARED_UNGROUPED]

    def selected(self) -> int:
        """How many conversations a contender's clients complete at most: with each number of clients in each round."""
        return (self.rounds + 1) * sum(self.selections + many for many in self.clients)
