"""What was measured, as it is kept beside the page: every run of every case, so that table and plots can be redrawn."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path
from statistics import median

import apsw
import msgspec

from bench.load import Load
from bench.processes import Memory

LOAD, SIZE, BUSY, ENGINE = "load", "size", "busy", "engine"
PARTS = (LOAD, SIZE, BUSY, ENGINE)
SERVICE, UNGROUPED, CEILING = "service", "ungrouped", "ceiling"


class Run(msgspec.Struct, frozen=True, array_like=True):
    """One run: seconds of latency and of processor time for each request, requests a second, seconds of after-work.

    `busiest` is the part of the service's processor time that its busiest process took.
    """

    p50: float
    p95: float
    p99: float
    rate: float
    service: float | None = None
    database: float | None = None
    clients: float | None = None
    after: float = 0.0
    busiest: float | None = None

    @property
    def processor(self) -> float:
        """The processor time of service and database for one request."""
        return (self.service or 0) + (self.database or 0)


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """The runs of one case under one set of circumstances; `amount` is of conversations, or of events."""

    part: str
    case: str
    runs: list[Run]
    database: str = ""
    server: str = SERVICE
    processes: int = 1
    clients: int = 1
    amount: int = 0

    def median(self, figure: Callable[[Run], float | None]) -> float | None:
        """The median of a figure over the runs."""
        known = [value for value in map(figure, self.runs) if value is not None]
        return median(known) if known else None

    def times(self, other: Cell | None, figure: Callable[[Run], float | None]) -> float | None:
        """How many times the other's figure this is: the median over runs that came one after the other."""
        pairs = [(figure(one), figure(two)) for one, two in zip(self.runs, other.runs, strict=False)] if other else []
        known = [mine / theirs for mine, theirs in pairs if mine is not None and theirs]
        return median(known) if known else None


class Footprint(msgspec.Struct, frozen=True, omit_defaults=True):
    """What each process of a service has in memory: before the first request, and after the heaviest load."""

    database: str
    server: str
    processes: int
    idle: list[Memory]
    loaded: list[Memory]


class Circumstances(msgspec.Struct, frozen=True):
    """Where and how a part was measured."""

    machine: str
    processors: int
    rounds: int
    seconds: float
    load_before: float


class Filled(msgspec.Struct, frozen=True):
    """An installation of some size: bytes on disk, and the seconds that filling it took."""

    database: str
    conversations: int
    size: int
    seconds: float


class Figures(msgspec.Struct):
    """Everything that the page shows."""

    circumstances: dict[str, Circumstances] = {}
    cells: list[Cell] = []
    footprints: list[Footprint] = []
    filled: list[Filled] = []

    def of(self, part: str) -> list[Cell]:
        """The cells of a part."""
        return [one for one in self.cells if one.part == part]

    def find(self, **wanted: object) -> Cell | None:
        """The first cell of this description."""
        return next((one for one in self.cells if all(getattr(one, k) == v for k, v in wanted.items())), None)

    def beside(self, cell: Cell, **other: object) -> Cell | None:
        """What was measured beside a cell, and differs from it in this."""
        same = {name: getattr(cell, name) for name in ("part", "case", "database", "server", "processes", "clients")}
        return self.find(**{**same, **other})

    def joined(self, newer: Figures) -> Figures:
        """These, but for the parts that were measured anew."""
        again = newer.circumstances.keys()
        return Figures(
            {
                part: {**self.circumstances, **newer.circumstances}[part]
                for part in PARTS
                if part in self.circumstances or part in again
            },
            [one for one in self.cells if one.part not in again] + newer.cells,
            newer.footprints if LOAD in again else self.footprints,
            newer.filled if SIZE in again else self.filled,
        )


class Used(msgspec.Struct, frozen=True):
    """Processor time of a run, in seconds: of each process of the service, of the database server, of the clients."""

    service: list[float]
    database: float
    clients: float


def run_of(load: Load, used: Used | None = None, after: float = 0.0) -> Run:
    """A run in figures; what the system does not tell is left out."""
    told = [round(load.percentile(share), 7) for share in (0.50, 0.95, 0.99)]
    service, count = sum(used.service) if used else 0, len(load.latencies)
    if used is None or not service:
        return Run(*told, round(load.rate, 2), after=round(after, 3))
    each = [round(one / count, 7) or None for one in (service, used.database, used.clients)]
    return Run(*told, round(load.rate, 2), *each, round(after, 3), round(max(used.service) / service, 3))


def circumstances(rounds: int, seconds: float, load_before: float) -> Circumstances:
    """Those of a part that is measured here and now."""
    return Circumstances(_machine(), os.cpu_count() or 1, rounds, seconds, round(load_before, 2))


def _machine() -> str:
    return (
        f"{os.cpu_count()} CPUs ({_processor()}), {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {apsw.sqlite_lib_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def kept(path: Path) -> Figures:
    """The figures of an earlier run."""
    return msgspec.json.decode(path.read_bytes(), type=Figures) if path.exists() else Figures()


def keep(path: Path, figures: Figures) -> None:
    """Write them, a line for each thing."""
    told = {name: _lines(value) for name, value in msgspec.to_builtins(figures).items()}
    path.write_text("{\n" + ",\n".join(f'"{name}": {lines}' for name, lines in told.items()) + "\n}\n")


def _lines(value: dict[str, object] | list[object]) -> str:
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f'  "{name}": {_json(one)}' for name, one in value.items()) + "\n}"
    return "[\n" + ",\n".join(f"  {_json(one)}" for one in value) + "\n]"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
