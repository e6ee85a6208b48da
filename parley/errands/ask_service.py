"""A participant's conversation service is to be asked: a signed push, tried again for a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from parley import outbound
from parley.actions import asking, services
from parley.actions.conversations import available
from parley.core import access, signature
from parley.core.access import ParticipantToken
from parley.core.conversation import Change, Conversation, Type
from parley.core.conversation_service import Asked, ConversationService
from parley.core.limits import SERVICE_RETRIES
from parley.data_center import DataCenter
from parley.errands import AGAIN, DONE, GIVEN_UP
from parley.store import conversations, outbox
from parley.store import services as stored
from parley.store.database import Transaction
from parley.store.outbox import Message
from parley.wire.services import write_push

GONE = 410
WORTH_ANOTHER_TRY = frozenset({408, 425, 429})  # of those that say that the request is wrong


@dataclass(frozen=True, slots=True)
class Failure:
    """What became of a push that was not taken: why, and whether to try again; or the service is no more."""

    reason: str
    is_final: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Concerned:
    """Where somebody is to be asked, by which service if it still may; and whether there is anything to choose."""

    conversation: Conversation
    service: ConversationService | None
    has_slots: bool


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Push it; what is not taken after three attempts, or refused, or too late, goes to the next channel."""
    asked = msgspec.json.decode(message.document, type=Asked)
    concerned = dc.db.read(_concerned, dc, message, asked)
    if concerned is None:
        asking.forget(dc, message, asked)
        return DONE
    if not still_holds():
        return AGAIN
    if concerned.service and (asked.is_put_off or not concerned.has_slots):
        change = asking.begin if concerned.has_slots else asking.put_off
        change(dc, message, asked, concerned.service.application)
        return AGAIN
    return _judged(dc, message, asked, _tried(dc, asked, concerned))


def _concerned(tx: Transaction, dc: DataCenter, message: Message, asked: Asked) -> Concerned | None:
    """All that matters to the push; nothing where nobody is to be asked any more."""
    conversation = conversations.find(tx, asked.conversation)
    if conversation is None or not asked.still_matters(conversation):
        return None
    if outbox.document(tx, message.name) is None:  # it was claimed in time, and the next channel has taken over since
        return None
    has_slots = available(tx, conversation, dc.now()).earliest() is not None
    if not has_slots and conversation.last_start < dc.now():  # and none can come
        return None
    service = stored.find(tx, asked.service)
    return Concerned(conversation, service if service and services.counts(tx, service) else None, has_slots)


def _judged(dc: DataCenter, message: Message, asked: Asked, failure: Failure | None) -> str:
    """Record what became of the push, or try again as long as there is time for it."""
    if failure is None:
        asking.record_asked(dc, message, asked)
        return DONE
    due_at = dc.now() + SERVICE_RETRIES[message.attempts - 1] if message.attempts <= len(SERVICE_RETRIES) else None
    if due_at is not None and due_at < asked.deadline and not failure.is_final:
        dc.db.write(partial(outbox.again, message=message, due_at=due_at))
        return AGAIN
    change = Change(Type.SERVICE_FAILED, asked.position, detail=failure.reason)
    asking.hand_over(dc, message, asked, change, gone=failure.is_gone)
    return GIVEN_UP


def _tried(dc: DataCenter, asked: Asked, concerned: Concerned) -> Failure | None:
    if concerned.service is None:
        return Failure(asking.DISABLED, is_final=True)
    if dc.now() >= asked.deadline:
        return Failure(asking.NOT_DELIVERED, is_final=True)
    return _push(dc, asked, concerned.conversation, concerned.service)


def _push(dc: DataCenter, asked: Asked, conversation: Conversation, service: ConversationService) -> Failure | None:
    generation = conversation.participants[asked.position].generation
    token = ParticipantToken(conversation.id, asked.position, generation, service.id)
    body = write_push(asked, service, conversation, access.participant_token(dc.secret, token), dc.base_url)
    keys = [dc.unseal(one) for one in service.secret.signing(dc.now())]
    headers = {**signature.headers(asked.delivery_id, dc.now(), body, keys), "Content-Type": "application/json"}
    try:
        answer = outbound.post(service.callback_url, body, headers, dc.settings.outbound_allowed)
    except outbound.Refused as refusal:
        return Failure(str(refusal), is_final=True)
    except outbound.Failed as failed:
        return Failure(str(failed))
    return judged(answer.status)


def judged(status: int) -> Failure | None:
    """What a status says of a push; nothing where it was taken."""
    if 200 <= status < 300:
        return None
    is_final = 400 <= status < 500 and status not in WORTH_ANOTHER_TRY
    return Failure(f"status {status}", is_final, is_gone=status == GONE)
