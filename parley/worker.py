"""Carries out what the outbox holds: lanes take turns, each message is acknowledged on its own."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
import structlog

from parley import metrics
from parley.actions.conversations import settle_account
from parley.calendars import local
from parley.core import causes, delivery
from parley.core.errors import Unavailable
from parley.core.event import AgreedEvent
from parley.core.limits import OUTBOX_BATCH, OUTBOX_LEASE
from parley.data_center import DataCenter
from parley.store import outbox
from parley.store.database import Transaction
from parley.store.outbox import Message

THREADS = 4  # how many lanes are served at once
IDLE_SECONDS = 0.5  # how long a message of another process may wait before it is noticed
RENEW_SECONDS = OUTBOX_LEASE / 3
REASON_LENGTH = 300

log = structlog.get_logger()


class Worker(threading.Thread):
    """A thread that hands out work to others until it is told to stop."""

    def __init__(self, dc: DataCenter, threads: int = THREADS) -> None:
        super().__init__(name="worker", daemon=True)
        metrics.counts()  # begun before several threads count
        self.dc = dc
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._room = threading.Semaphore(threads)
        self._busy: set[str] = set()
        self._last = ""
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work whenever there is something to do."""
        while not self._stopping.is_set():
            self._room.acquire()  # a thread that is free
            self._room.release()
            self.dc.db.work.clear()
            if not self._hand_out():
                self.dc.db.work.wait(IDLE_SECONDS)

    def stop(self) -> None:
        """Finish the messages in hand, give back those that wait behind them, then end."""
        self._stopping.set()
        self.dc.db.work.set()
        self.join()
        self._pool.shutdown()

    def _hand_out(self) -> bool:
        """Give the next lane's messages to a thread; False where there is nothing to do, or nothing can be done."""
        try:
            lane = outbox.next_lane(_lanes(self.dc), set(self._busy), self._last)
            messages = _claim(self.dc, lane) if lane is not None else []
        except Unavailable:
            return False
        except Exception:  # the next try may find it mended
            log.exception("worker.cannot_claim")
            return False
        if lane is None or not messages:
            return False
        self._last = lane
        self._busy.add(lane)
        self._room.acquire()
        self._pool.submit(self._serve, lane, messages)
        return True

    def _serve(self, lane: str, messages: Sequence[Message]) -> None:
        try:
            carry_out_all(self.dc, messages, self._stopping.is_set)
        except Exception:
            log.exception("worker.failed", lane=lane)
        finally:
            self._busy.discard(lane)
            self._room.release()
            self.dc.db.work.set()  # the lane may have its next turn


def work(dc: DataCenter) -> int:
    """Carry out messages of each lane that has any; how many there were."""
    found = [message for lane in _lanes(dc) for message in _claim(dc, lane)]
    carry_out_all(dc, found)
    return len(found)


def work_off(dc: DataCenter) -> None:
    """Carry out messages until none is due."""
    while work(dc):
        pass


def _lanes(dc: DataCenter) -> list[str]:
    return dc.db.read(outbox.lanes, dc.now(), OUTBOX_LEASE)


def _claim(dc: DataCenter, lane: str) -> list[Message]:
    return dc.db.write(lambda tx: outbox.claim(tx, lane, dc.now(), OUTBOX_LEASE, OUTBOX_BATCH))


def carry_out_all(dc: DataCenter, messages: Sequence[Message], is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Carry out claimed messages, one after the other; those that are not begun before the end are given back."""
    if all(message.kind == "event" for message in messages) and not dc.db.is_shared:
        outcomes = dc.db.write(lambda _tx: _one_after_the_other(dc, messages, is_stopping))  # our own file: one commit
    else:
        outcomes = _one_after_the_other(dc, messages, is_stopping)
    for kind, outcome in outcomes:
        metrics.delivery(kind, outcome)


def _one_after_the_other(
    dc: DataCenter, messages: Sequence[Message], is_stopping: Callable[[], bool]
) -> list[tuple[str, str]]:
    """What has become of those that were tried: of which kind, with which outcome."""
    holder = Holder(dc, messages)
    outcomes = []
    for message in messages:
        if is_stopping():
            dc.db.write(partial(outbox.give_back, message=message))
        elif holder.still_holds(message):
            outcomes.append((message.kind, attempt(dc, message, holder)))
    return outcomes


class Holder:
    """Whoever has claimed messages: keeps them for as long as it works on them."""

    def __init__(self, dc: DataCenter, messages: Sequence[Message]) -> None:
        self.dc = dc
        self.held = {message.name: message for message in messages}
        self._renewed = time.monotonic()

    def still_holds(self, message: Message) -> bool:
        """Whether the message is ours to carry out, after leases that may be over soon were made longer."""
        if time.monotonic() - self._renewed > RENEW_SECONDS:
            self.renew()
        return message.name in self.held

    def renew(self) -> None:
        """Hold for longer what nobody else holds by now."""

        def record(tx: Transaction) -> dict[str, Message]:
            until = self.dc.now() + OUTBOX_LEASE
            return {name: one for name, one in self.held.items() if outbox.renew(tx, one, until)}

        self.held = self.dc.db.write(record)
        self._renewed = time.monotonic()


def attempt(dc: DataCenter, message: Message, holder: Holder) -> str:
    """Carry out one message; what goes wrong is told, and tried again later or given up. One word for the outcome."""
    try:
        carry_out(dc, message, lambda: holder.still_holds(message))
    except Unavailable:
        log.warning("worker.unavailable", kind=message.kind)  # its lease ends by itself
        return "unavailable"
    except Exception as cause:
        log.exception("worker.failed", kind=message.kind, attempts=message.attempts)
        return _failed(dc, message, f"{causes.told(cause)} in {causes.place(cause)}")
    return "done"


def carry_out(dc: DataCenter, message: Message, still_holds: Callable[[], bool] = lambda: True) -> None:
    """Do what one message says; may be called twice for the same one."""
    match message.kind:
        case "settle":
            account = msgspec.json.decode(message.document, type=int)
            application = message.lane.partition(":")[2] or None
            if settle_account(dc, account, application, still_holds):
                dc.db.write(lambda tx: outbox.done(tx, message))
        case "event":
            agreed = msgspec.json.decode(message.document, type=AgreedEvent)
            local.put_event(dc.db, message, agreed, dc.new_key(), dc.now())
        case other:
            raise ValueError(f"no such kind of message: {other}")


def _failed(dc: DataCenter, message: Message, reason: str) -> str:
    match delivery.after_failure(message.attempts, random.random()):  # noqa: S311
        case delivery.Again(seconds):
            dc.db.write(lambda tx: outbox.again(tx, message, dc.now() + seconds))
            return "again"
        case delivery.GiveUp():
            log.error("worker.gave_up", name=message.name, kind=message.kind)
            dc.db.write(lambda tx: outbox.bury(tx, message, reason, dc.now()))
            return "given_up"
