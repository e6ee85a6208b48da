"""What the outbox's messages ask for, one file per kind: how it is done, and what is recorded of it.

An errand may be run twice for one message. It finishes its message itself and answers with one word for the outcome;
what it raises is tried again later. Errands that talk to others never do so inside a transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from parley.data_center import DataCenter
from parley.store.outbox import Message

DONE, AGAIN, GIVEN_UP = "done", "again", "given_up"
Errand = Callable[[DataCenter, Message, Callable[[], bool]], str]
