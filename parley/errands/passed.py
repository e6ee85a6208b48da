"""The last time that was proposed has passed: the conversation may have run out of slots."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import msgspec

from parley.actions.conversations import settle
from parley.core.errors import NotFound
from parley.data_center import DataCenter
from parley.errands import DONE
from parley.store import outbox
from parley.store.outbox import Message


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Settle it, which tells the organizer where nothing is left."""
    with suppress(NotFound):
        settle(dc, msgspec.json.decode(message.document, type=str))
    dc.db.write(partial(outbox.done, message=message))
    return DONE
