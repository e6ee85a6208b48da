"""Carries out what the outbox holds: lanes take turns, each message is acknowledged on its own."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from functools import partial
from typing import NamedTuple

import structlog

from parley import metrics
from parley.core import causes
from parley.core.errors import Unavailable
from parley.core.limits import OUTBOX_BATCH, OUTBOX_LEASE
from parley.data_center import DataCenter
from parley.errands import (
    Errand,
    ask_service,
    asked_service,
    event,
    mail,
    passed,
    poll,
    prove,
    push,
    settle,
    try_again,
)
from parley.store import outbox
from parley.store.database import Transaction
from parley.store.outbox import Message

ERRANDS: dict[str, Errand] = {
    "settle": settle.run,
    "passed": passed.run,
    "mail": mail.run,
    "event": event.run,
    "ask": ask_service.run,
    "asked": asked_service.run,
    "prove": prove.run,
    "push": push.run,
    "poll": poll.run,
}
OUTSIDE = frozenset({"mail", "push", "prove", "poll"})  # kinds of lanes whose errands wait for somebody outside
OUTSIDE_BATCH = 4  # each may take its time
THREADS = {False: 4, True: 64}  # how many lanes are served at once: our own (False), and those outside (True), who wait
TURN_SECONDS = 2.0  # how long a lane outside may take for its turn without being a slow one
PACES_KEPT = 1 << 16  # how many lanes the worker remembers the pace of
IDLE_SECONDS = 0.5  # how long a message of another process may wait before it is noticed
RENEW_SECONDS = OUTBOX_LEASE / 3
REASON_LENGTH = 300

log = structlog.get_logger()


class Pace(IntEnum):
    """How long a lane outside took for its last turn."""

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


class Worker(threading.Thread):
    """A thread that hands out work to others until it is told to stop.

    Errands that wait for somebody outside have threads of their own, so that nobody here waits for them.
    """

    def __init__(self, dc: DataCenter, threads: Mapping[bool, int] = THREADS) -> None:
        super().__init__(name="worker", daemon=True)
        metrics.counts()  # begun before several threads count
        self.dc = dc
        self._pools = {outside: ThreadPoolExecutor(size, "work") for outside, size in threads.items()}
        self._threads = threads
        self._busy: dict[str, Holder] = {}
        self._paces: dict[str, Pace] = {}
        self._last = ""
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work whenever there is something to do."""
        while not self._stopping.is_set():
            self.dc.db.work.clear()
            if not self._hand_out():
                self.dc.db.work.wait(IDLE_SECONDS)

    def stop(self) -> None:
        """Finish the messages in hand, give back those that wait behind them, then end."""
        self._stopping.set()
        self.dc.db.work.set()
        self.join()
        for pool in self._pools.values():
            pool.shutdown()

    def _hand_out(self) -> bool:
        """Give the lanes whose turn it is to threads; False where there is nothing to do, or nothing can be done."""
        try:
            for holder in list(self._busy.values()):
                holder.renew_in_time()
            claimed = _claim(self.dc, self._next(_lanes(self.dc)))
        except Unavailable:
            return False
        except Exception:  # the next try may find it mended
            log.exception("worker.cannot_claim")
            return False
        for lane, messages in claimed.items():
            self._last = lane
            self._busy[lane] = holder = Holder(self.dc, messages)
            self._pools[is_outside(lane)].submit(self._serve, lane, holder)
        return bool(claimed)

    def _next(self, waiting: Sequence[str]) -> list[str]:
        """The lanes whose turn it is, for as many as there are threads; of those outside first of who keeps the fewest.

        So whoever lets us wait at many places delays others little, and what is quick of their own.
        """
        busy = set(self._busy)
        load, queues = Load(self._threads, map(self._kind, busy)), self._queues(waiting, busy)
        found: list[str] = []
        while open_ := [kind for kind, queue in queues.items() if queue and load.has_room(kind)]:
            kind = min(open_, key=lambda one: (load.kept(one), queues[one][0]))
            found.append(queues[kind].popleft()[1])
            load.add(kind)
        return found

    def _queues(self, waiting: Sequence[str], busy: Collection[str]) -> dict[Kind, deque[tuple[int, str]]]:
        """The idle lanes of each kind with their places, beginning after the one that had the last turn."""
        idle = [lane for lane in waiting if lane not in busy]
        first = outbox.next_lane(idle, (), self._last)
        begin = idle.index(first) if first is not None else 0
        queues: dict[Kind, deque[tuple[int, str]]] = {}
        for at, lane in enumerate(idle[begin:] + idle[:begin]):
            queues.setdefault(self._kind(lane), deque()).append((at, lane))
        return queues

    def _kind(self, lane: str) -> Kind:
        return Kind(True, owner(lane), self._paces.get(lane, Pace.UNKNOWN)) if is_outside(lane) else Kind(False)

    def _remember(self, lane: str, pace: Pace) -> None:
        if len(self._paces) >= PACES_KEPT:
            self._paces.clear()  # each is known again after its next turn
        self._paces[lane] = pace

    def _serve(self, lane: str, holder: Holder) -> None:
        end = time.monotonic() + TURN_SECONDS if is_outside(lane) else math.inf
        try:
            carry_out_all(self.dc, holder, lambda: self._stopping.is_set() or time.monotonic() > end)
        except Exception:
            log.exception("worker.failed", lane=lane)
        finally:
            if is_outside(lane):
                self._remember(lane, Pace.SLOW if time.monotonic() > end else Pace.QUICK)
            self._busy.pop(lane)
            self.dc.db.work.set()  # the lane may have its next turn


def is_outside(lane: str) -> bool:
    """Whether the lane's errands wait for somebody outside."""
    return lane.partition(":")[0] in OUTSIDE


def owner(lane: str) -> str:
    """The application for which the lane's errands are done."""
    return lane.partition(":")[2].partition(":")[0]


def work(dc: DataCenter) -> int:
    """Carry out messages of each lane that has any; how many there were."""
    claimed = _claim(dc, _lanes(dc))
    for messages in claimed.values():
        carry_out_all(dc, Holder(dc, messages))
    return sum(map(len, claimed.values()))


def work_off(dc: DataCenter) -> None:
    """Carry out messages until none is due."""
    while work(dc):
        pass


def _lanes(dc: DataCenter) -> list[str]:
    return dc.db.read(outbox.lanes, dc.now(), OUTBOX_LEASE)


def _claim(dc: DataCenter, lanes: Sequence[str]) -> dict[str, list[Message]]:
    """Take messages of these lanes, of those where nobody else was faster."""

    def record(tx: Transaction) -> dict[str, list[Message]]:
        now = dc.now()
        sizes = {lane: OUTSIDE_BATCH if is_outside(lane) else OUTBOX_BATCH for lane in lanes}
        taken = {lane: outbox.claim(tx, lane, now, OUTBOX_LEASE, most) for lane, most in sizes.items()}
        return {lane: messages for lane, messages in taken.items() if messages}

    return dc.db.write(record) if lanes else {}


class Holder:
    """Whoever has claimed messages: keeps them for as long as it works on them."""

    def __init__(self, dc: DataCenter, messages: Sequence[Message]) -> None:
        self.dc = dc
        self.messages = messages
        self.held = {message.name: message for message in messages}
        self._renewed = time.monotonic()

    def still_holds(self, message: Message) -> bool:
        """Whether the message is ours to carry out, after leases that may be over soon were made longer."""
        self.renew_in_time()
        return message.name in self.held

    def renew_in_time(self) -> None:
        """Make leases longer that may be over soon."""
        if time.monotonic() - self._renewed > RENEW_SECONDS:
            self.renew()

    def renew(self) -> None:
        """Hold for longer what nobody else holds by now."""

        def record(tx: Transaction) -> dict[str, Message]:
            until = self.dc.now() + OUTBOX_LEASE
            return {name: one for name, one in self.held.items() if outbox.renew(tx, one, until)}

        self.held = self.dc.db.write(record)
        self._renewed = time.monotonic()


def carry_out_all(dc: DataCenter, holder: Holder, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Carry out claimed messages, one after the other; those that are not begun before the end are given back."""
    if all(message.kind == "event" for message in holder.messages) and not dc.db.is_shared:
        outcomes = dc.db.write(lambda _tx: _one_after_the_other(dc, holder, is_stopping))  # our own file: one commit
    else:
        outcomes = _one_after_the_other(dc, holder, is_stopping)
    for kind, outcome in outcomes:
        metrics.delivery(kind, outcome)


def _one_after_the_other(dc: DataCenter, holder: Holder, is_stopping: Callable[[], bool]) -> list[tuple[str, str]]:
    """What has become of those that were tried: of which kind, with which outcome."""
    outcomes = []
    for message in holder.messages:
        if is_stopping():
            dc.db.write(partial(outbox.give_back, message=message))
        elif holder.still_holds(message):
            outcomes.append((message.kind, attempt(dc, message, holder)))
    return outcomes


def attempt(dc: DataCenter, message: Message, holder: Holder) -> str:
    """Carry out one message; what goes wrong is told, and tried again later or given up. One word for the outcome."""
    try:
        return carry_out(dc, message, lambda: holder.still_holds(message))
    except Unavailable:
        log.warning("worker.unavailable", kind=message.kind)  # its lease ends by itself
        return "unavailable"
    except Exception as cause:
        log.exception("worker.failed", kind=message.kind, attempts=message.attempts)
        return try_again(dc, message, f"{causes.told(cause)} in {causes.place(cause)}")


def carry_out(dc: DataCenter, message: Message, still_holds: Callable[[], bool] = lambda: True) -> str:
    """Do what one message says, which may be done twice; one word for the outcome."""
    errand = ERRANDS.get(message.kind)
    if errand is None:
        raise ValueError(f"no such kind of message: {message.kind}")
    return errand(dc, message, still_holds)
