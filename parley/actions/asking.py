"""Reaching whoever must act: their conversation service first, then mail, else nobody but the application."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from parley.actions import letters, services
from parley.core.conversation import Change, Conversation, Type
from parley.core.conversation_service import CHOICES, Asked, ConversationService, deadline_lane
from parley.core.letter import Kind, Letter
from parley.data_center import DataCenter
from parley.store import conversations, history, outbox
from parley.store.database import Transaction
from parley.store.outbox import Message, Task

SERVICE = "service"  # as the history calls the channel
DISABLED = "disabled"
NOT_DELIVERED = "not delivered in time"


def ask(tx: Transaction, dc: DataCenter, conversation: Conversation, position: int) -> None:
    """Ask the participant to choose, over the first channel that there is for them."""
    service = services.answering(tx, conversation, position)
    if service is None:
        write(tx, dc, conversation, position)
    elif has_chosen_enough(tx, conversation, position):
        if history.selected_by(tx, conversation.id, position) == SERVICE:  # so this is where people go on
            failed = Change(Type.SERVICE_FAILED, position, detail=f"no agreement after {CHOICES} choices")
            history.add(tx, conversation.id, [failed], dc.now(), SERVICE)
        write(tx, dc, conversation, position)
    else:
        _ask_service(tx, dc, conversation, position, service)


def has_chosen_enough(tx: Transaction, conversation: Conversation, position: int) -> bool:
    """Whether services have chosen for the participant so often that people are to go on.

    Two that disagree would clear each other's choices without end.
    """
    if conversation.participants[position].turn < CHOICES:  # there have been fewer selections altogether
        return False
    return history.selections(tx, conversation.id, position, SERVICE, CHOICES) >= CHOICES


def _ask_service(
    tx: Transaction, dc: DataCenter, conversation: Conversation, position: int, service: ConversationService
) -> None:
    turn = conversation.participants[position].turn
    asked = Asked(conversation.id, position, turn, service.id, dc.now() + dc.settings.service_timeout)
    _put(tx, dc, asked, service.application)


def _put(tx: Transaction, dc: DataCenter, asked: Asked, application: str) -> None:
    """Have a service pushed that this application has brought, and its time end at the deadline; or looked at later."""
    document = msgspec.json.encode(asked).decode()
    push = Task(_push(asked), "ask", asked.push_lane(application), document)
    if asked.is_put_off:
        outbox.put(tx, push, dc.now(), dc.now() + asked.pause)
        outbox.drop(tx, _deadline(asked))
    else:
        outbox.put(tx, push, dc.now())
        deadline = Task(_deadline(asked), "asked", deadline_lane(application), document)
        outbox.put(tx, deadline, dc.now(), asked.deadline)


def _push(asked: Asked) -> str:
    return f"ask:{asked.name}"


def _deadline(asked: Asked) -> str:
    return f"asked:{asked.name}"


def write(tx: Transaction, dc: DataCenter, conversation: Conversation, position: int) -> bool:
    """Ask the participant by mail; False where they cannot be written to."""
    turn = conversation.participants[position].turn  # they are asked anew after each choice that was cleared
    return letters.write(tx, dc, conversation, Letter(Kind.ASK, conversation.id, position, str(turn)))


def put_off(dc: DataCenter, message: Message, asked: Asked, application: str) -> None:
    """Ask the service, which this application has brought, some time later: there is nothing to choose."""
    _put_again(dc, message, replace(asked, deadline=0, looks=asked.looks + 1), application)


def begin(dc: DataCenter, message: Message, asked: Asked, application: str) -> None:
    """Ask the service that was put off: its time begins."""
    _put_again(dc, message, replace(asked, deadline=dc.now() + dc.settings.service_timeout), application)


def _put_again(dc: DataCenter, message: Message, asked: Asked, application: str) -> None:
    def record(tx: Transaction) -> None:
        if conversations.lock(tx, asked.conversation) and outbox.done(tx, message):  # as if it were asked for now
            _put(tx, dc, asked, application)

    dc.db.write(record)


def forget(dc: DataCenter, message: Message, asked: Asked) -> None:
    """Ask nobody: the participant has acted, or there is nothing to choose and never will be."""

    def record(tx: Transaction) -> None:
        if outbox.done(tx, message):
            outbox.drop(tx, _deadline(asked))

    dc.db.write(record)


def record_asked(dc: DataCenter, message: Message, asked: Asked) -> None:
    """A service has taken the push: it has time until the deadline."""

    def record(tx: Transaction) -> None:
        if conversations.lock(tx, asked.conversation) and outbox.done(tx, message):
            history.add(tx, asked.conversation, [Change(Type.ASKED, asked.position)], dc.now(), SERVICE)

    dc.db.write(record)


def hand_over(dc: DataCenter, message: Message, asked: Asked, change: Change, *, gone: bool = False) -> None:
    """Let the next channel ask, because of this change with a service, which is disabled where it is `gone`.

    Whoever comes first of the push and the deadline does, once; nobody where the participant has acted since.
    """

    def record(tx: Transaction) -> None:
        conversation = conversations.lock(tx, asked.conversation)
        if gone:  # it is, however late it says so
            services.disable(tx, dc, asked.service)
        if not outbox.done(tx, message) or conversation is None:
            return
        never_taken = outbox.drop(tx, _push(asked)) > 0  # where it is not this message itself
        outbox.drop(tx, _deadline(asked))
        if asked.still_matters(conversation):
            is_late = never_taken and change.type is Type.SERVICE_TIMED_OUT
            told = replace(change, type=Type.SERVICE_FAILED, detail=NOT_DELIVERED) if is_late else change
            history.add(tx, asked.conversation, [told], dc.now(), SERVICE)
            write(tx, dc, conversation, asked.position)

    dc.db.write(record)
