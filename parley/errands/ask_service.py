"""A participant's conversation service is to be asked: a signed push, tried again for a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from parley import outbound
from parley.actions import asking, services
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


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Push it; what is not taken after three attempts, or refused, goes to the next channel."""
    asked = msgspec.json.decode(message.document, type=Asked)
    conversation, service = dc.db.read(_concerned, asked)
    if conversation is None:
        dc.db.write(partial(outbox.done, message=message))
        return DONE
    failure = _push(dc, asked, conversation, service) if service else Failure("disabled", is_final=True)
    if failure is None:
        asking.record_asked(dc, message, asked)
        return DONE
    if not failure.is_final and message.attempts <= len(SERVICE_RETRIES):
        due_at = dc.now() + SERVICE_RETRIES[message.attempts - 1]
        dc.db.write(lambda tx: outbox.again(tx, message, due_at))
        return AGAIN
    change = Change(Type.SERVICE_FAILED, asked.position, detail=failure.reason)
    asking.hand_over(dc, message, asked, change, gone=failure.is_gone)
    return GIVEN_UP


def _concerned(tx: Transaction, asked: Asked) -> tuple[Conversation | None, ConversationService | None]:
    """The conversation, if the participant is still to act; and the service, if it still may."""
    conversation = conversations.find(tx, asked.conversation)
    service = stored.find(tx, asked.service)
    matters = conversation is not None and asked.still_matters(conversation)
    return conversation if matters else None, service if service and services.counts(tx, service) else None


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
