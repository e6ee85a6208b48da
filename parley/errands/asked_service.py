"""The time that a conversation service had to act is over: the deadline has come, or the service has ended."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from parley.actions import asking, services
from parley.core.conversation import Change, Type
from parley.core.conversation_service import Asked
from parley.data_center import DataCenter
from parley.errands import DONE
from parley.store import services as stored
from parley.store.database import Transaction
from parley.store.outbox import Message


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """The next channel asks, unless the participant has acted."""
    asked = msgspec.json.decode(message.document, type=Asked)
    change = Change(Type.SERVICE_TIMED_OUT, asked.position)
    if not dc.db.read(_may_act, asked.service):  # which is why its time is over
        change = Change(Type.SERVICE_FAILED, asked.position, detail=asking.DISABLED)
    asking.hand_over(dc, message, asked, change)
    return DONE


def _may_act(tx: Transaction, service_id: str) -> bool:
    service = stored.find(tx, service_id)
    return service is not None and services.counts(tx, service)
