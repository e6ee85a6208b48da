"""What the outbox's messages ask for, one file per kind: how it is done, and what is recorded of it.

An errand may be run twice for one message. It finishes its message itself and answers with one word for the outcome;
what it raises is tried again later. Errands that talk to others never do so inside a transaction.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import structlog

from parley.core import delivery
from parley.data_center import DataCenter
from parley.store import outbox
from parley.store.outbox import Message

log = structlog.get_logger()

DONE, AGAIN, GIVEN_UP = "done", "again", "given_up"
Errand = Callable[[DataCenter, Message, Callable[[], bool]], str]


def try_again(dc: DataCenter, message: Message, reason: str) -> str:
    """Let a message that failed wait, or give it up with this reason after it has been tried often enough."""
    match delivery.after_failure(message.attempts, random.random()):  # noqa: S311
        case delivery.Again(seconds):
            dc.db.write(lambda tx: outbox.again(tx, message, dc.now() + seconds))
            return AGAIN
        case delivery.GiveUp():
            log.error("worker.gave_up", name=message.name, kind=message.kind)
            dc.db.write(lambda tx: outbox.bury(tx, message, reason, dc.now()))
            return GIVEN_UP
