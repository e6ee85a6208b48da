"""Somebody's time has changed: their open conversations are settled anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from parley.actions.conversations import settle_account
from parley.data_center import DataCenter
from parley.errands import DONE
from parley.store import outbox
from parley.store.outbox import Message


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Settle them one after the other, for as long as the message is ours."""
    account = msgspec.json.decode(message.document, type=int)
    application = message.lane.partition(":")[2] or None
    if settle_account(dc, account, application, still_holds):
        dc.db.write(partial(outbox.done, message=message))
    return DONE
