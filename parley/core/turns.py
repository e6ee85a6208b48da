"""Which lanes of the outbox get the worker's threads, so that whoever lets us wait holds up few others."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple


def shard(about: str, many: int) -> int:
    """Which of so many lanes is for what is about this: the same one always, and another one for most others."""
    return sha256(about.encode()).digest()[0] % many


class Pace(IntEnum):
    """How long a lane outside took for an errand of its last turn."""

    QUICK = 0
    UNKNOWN = 1
    SLOW = 2


# How many of the threads outside the lanes of one application may keep busy that have this pace, or a slower one. Half
# of the threads are for others; some of its own half are for what is quick, so that receivers that hang do not hold
# that up, and most are for what is not known to be slow.
SIXTEENTHS = {Pace.QUICK: 8, Pace.UNKNOWN: 6, Pace.SLOW: 2}


class Kind(NamedTuple):
    """What matters of a lane where threads are given away; that of our own lanes has neither owner nor pace."""

    is_outside: bool
    owner: str = ""
    pace: Pace = Pace.QUICK


class Load:
    """How many threads are busy, and for whom."""

    def __init__(self, threads: Mapping[bool, int], kinds: Iterable[Kind]) -> None:
        self._threads = threads
        self._kinds = Counter(kinds)
        self._all = Counter(kind.is_outside for kind in self._kinds.elements())

    def add(self, kind: Kind) -> None:
        """One thread more is busy with a lane of this kind."""
        self._kinds[kind] += 1
        self._all[kind.is_outside] += 1

    def kept(self, kind: Kind, at_least: Pace = Pace.QUICK) -> int:
        """How many threads lanes of the same owner keep busy that have this pace, or a slower one."""
        return sum(self._kinds[kind._replace(pace=pace)] for pace in Pace if pace >= at_least)

    def has_room(self, kind: Kind) -> bool:
        """Whether there is a thread for one more lane of this kind."""
        threads = self._threads[kind.is_outside]
        if not kind.is_outside:
            return self._all[False] < threads
        return self._all[True] < threads and self.kept(kind, kind.pace) < max(1, threads * SIXTEENTHS[kind.pace] // 16)


def whose(waiting: Iterable[tuple[str, Kind]], load: Load) -> list[str]:
    """The lanes whose turn it is, for as many as there are threads; of those outside first of who keeps the fewest.

    Lanes of one kind have their turns in the order given. The load is then that with these lanes.
    """
    queues: dict[Kind, deque[tuple[int, str]]] = {}
    for at, (lane, kind) in enumerate(waiting):
        queues.setdefault(kind, deque()).append((at, lane))
    found: list[str] = []
    while open_ := [kind for kind, queue in queues.items() if queue and load.has_room(kind)]:
        kind = min(open_, key=lambda one: (load.kept(one), queues[one][0]))
        found.append(queues[kind].popleft()[1])
        load.add(kind)
    return found
