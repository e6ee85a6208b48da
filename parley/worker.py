"""Carries out what the outbox holds, each message on its own."""

from __future__ import annotations

import threading

import msgspec
import structlog

from parley.actions.conversations import settle_account
from parley.calendars import local
from parley.core import delivery, limits
from parley.core.event import AgreedEvent
from parley.data_center import DataCenter
from parley.store import outbox

IDLE_SECONDS = 0.5  # how long a message of another process may wait before it is noticed

log = structlog.get_logger()


class Worker(threading.Thread):
    """A thread that works until it is told to stop."""

    def __init__(self, dc: DataCenter) -> None:
        super().__init__(name="worker", daemon=True)
        self.dc = dc
        self._stopping = False

    def run(self) -> None:
        """Work whenever there is something to do."""
        while not self._stopping:
            self.dc.db.work.clear()
            try:
                found = work(self.dc)
            except Exception:  # the database may be back with the next try
                log.exception("worker.cannot_claim")
                found = 0
            if not found:
                self.dc.db.work.wait(IDLE_SECONDS)

    def stop(self) -> None:
        """Finish the message in hand, then end."""
        self._stopping = True
        self.dc.db.work.set()
        self.join()


def work(dc: DataCenter) -> int:
    """Carry out the messages that are due; how many there were."""
    if not dc.db.read(outbox.is_due, dc.now()):
        return 0
    messages = dc.db.write(lambda tx: outbox.claim(tx, dc.now(), limits.OUTBOX_LEASE, limits.OUTBOX_BATCH))
    for message in messages:
        try:
            carry_out(dc, message)
        except Exception:
            log.exception("worker.failed", kind=message.kind, attempts=message.attempts)
            _try_again(dc, message)
    return len(messages)


def work_off(dc: DataCenter) -> None:
    """Carry out messages until none is due."""
    while work(dc):
        pass


def carry_out(dc: DataCenter, message: outbox.Message) -> None:
    """Do what one message says; may be called twice for the same one."""
    match message.kind:
        case "settle":
            settle_account(dc, msgspec.json.decode(message.document, type=int))
            dc.db.write(lambda tx: outbox.done(tx, message))
        case "event":
            agreed = msgspec.json.decode(message.document, type=AgreedEvent)
            local.put_event(dc.db, message, agreed, dc.new_key(), dc.now())
        case other:
            raise ValueError(f"no such kind of message: {other}")


def _try_again(dc: DataCenter, message: outbox.Message) -> None:
    due_at = dc.now() + delivery.pause(message.attempts)
    dc.db.write(lambda tx: outbox.again(tx, message, due_at))
