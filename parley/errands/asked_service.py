"""The time that a conversation service had to act is over."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from parley.actions import asking
from parley.core.conversation import Change, Type
from parley.core.conversation_service import Asked
from parley.data_center import DataCenter
from parley.errands import DONE
from parley.store.outbox import Message


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """The next channel asks, unless the participant has acted."""
    asked = msgspec.json.decode(message.document, type=Asked)
    asking.hand_over(dc, message, asked, Change(Type.SERVICE_TIMED_OUT, asked.position))
    return DONE
