"""An agreement's event is to be written into a participant's calendar."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from parley.actions import channels
from parley.calendars import local
from parley.core.event import AgreedEvent
from parley.data_center import DataCenter
from parley.errands import DONE
from parley.store.database import Transaction
from parley.store.outbox import Message


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Write it, in one transaction with the end of its message and the word of it to those who listen."""
    agreed = msgspec.json.decode(message.document, type=AgreedEvent)

    def record(tx: Transaction) -> None:
        written = local.put_event(dc.db, message, agreed, dc.new_key(), dc.now())
        if written:
            channels.tell_of_events(tx, dc, [written])

    dc.db.write(record)
    return DONE
