"""Carries out what the outbox holds: lanes take turns, each message is acknowledged on its own."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from parley import metrics
from parley.core import causes, turns
from parley.core.errors import Unavailable
from parley.core.limits import OUTBOX_BATCH, OUTBOX_LEASE
from parley.core.turns import Pace
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
TURN_SECONDS = 2.0  # how long a lane outside may take for its turn; one errand that takes longer makes it a slow one
PACES_KEPT = 1 << 16  # how many lanes the worker remembers the pace of
IDLE_SECONDS = 0.5  # how long a message of another process may wait before it is noticed
RENEW_SECONDS = OUTBOX_LEASE / 3
REASON_LENGTH = 300

log = structlog.get_logger()


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
        self._queued: dict[str, int] = {}  # lanes that wait, and after how many others that had their turn they came
        self._turns = 0
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
            self._turns += 1
            self._queued[lane] = self._turns
            self._busy[lane] = holder = Holder(self.dc, messages)
            self._pools[is_outside(lane)].submit(self._serve, lane, holder)
        return bool(claimed)

    def _next(self, waiting: Sequence[str]) -> list[str]:
        """The lanes whose turn it is, first those that have waited longest for it."""
        busy = set(self._busy)
        self._queued = {lane: self._queued.get(lane, self._turns) for lane in waiting}
        idle = sorted((lane for lane in waiting if lane not in busy), key=self._queued.__getitem__)
        load = turns.Load(self._threads, map(self._kind, busy))
        return turns.whose([(lane, self._kind(lane)) for lane in idle], load)

    def _kind(self, lane: str) -> turns.Kind:
        if not is_outside(lane):
            return turns.Kind(False)
        return turns.Kind(True, owner(lane), self._paces.get(lane, Pace.UNKNOWN))

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
                self._remember(lane, Pace.SLOW if holder.longest > TURN_SECONDS else Pace.QUICK)
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
        self.longest = 0.0  # seconds that one of them took
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
            began = time.monotonic()
            outcomes.append((message.kind, attempt(dc, message, holder)))
            holder.longest = max(holder.longest, time.monotonic() - began)
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
