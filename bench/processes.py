"""What the system tells of processes: their processor time, their memory. Where it does not tell, nothing or 0."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 11, 12, 13, 14  # behind the name of the program, in /proc/*/stat


class Memory(msgspec.Struct, frozen=True):
    """Of one process, in bytes: what it has in memory, its share of that, and the most it ever had."""

    rss: int
    pss: int | None
    peak: int


def family(process: int) -> list[int]:
    """A process and all that come from it, the oldest first."""
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").glob("[0-9]*")}
    found = [process]
    for one in found:
        found += sorted(child for child, parent in parents.items() if parent == one)
    return found


def _parent(entry: Path) -> int | None:
    fields = _fields(entry)
    return int(fields[1]) if fields else None


def _fields(entry: Path) -> list[str]:
    with suppress(OSError):  # gone meanwhile
        return (entry / "stat").read_text().rpartition(")")[2].split()
    return []


def busy_seconds(processes: Iterable[int], and_ended_children_of: int | None = None) -> list[float]:
    """The processor time that each of them has used so far, all its threads together."""
    return [_ticks(one, ended=one == and_ended_children_of) / os.sysconf("SC_CLK_TCK") for one in processes]


def _ticks(process: int, *, ended: bool) -> int:
    fields = _fields(Path(f"/proc/{process}"))
    counted = (USER, SYSTEM, ENDED_USER, ENDED_SYSTEM) if ended else (USER, SYSTEM)
    return sum(int(fields[at]) for at in counted) if fields else 0


def memory(process: int) -> Memory | None:
    """What a process has in memory now."""
    status = dict(_sizes(Path(f"/proc/{process}/status")))
    rollup = dict(_sizes(Path(f"/proc/{process}/smaps_rollup")))
    return Memory(status["VmRSS"], rollup.get("Pss"), status["VmHWM"]) if "VmRSS" in status else None


def _sizes(path: Path) -> Iterator[tuple[str, int]]:
    with suppress(OSError):
        for line in path.read_text().splitlines():
            name, _, size = line.partition(":")
            if size.endswith(" kB"):
                yield name, int(size.removesuffix(" kB")) * 1024
