"""Writing to participants: who is written to, where, and the message that has a letter sent."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.core.conversation import Change, Conversation, Method, Type
from parley.core.letter import Kind, Letter
from parley.data_center import DataCenter
from parley.store import accounts, outbox
from parley.store.database import Transaction
from parley.store.outbox import Task


def address(tx: Transaction, conversation: Conversation, position: int) -> str | None:
    """Where the participant is written to; nothing where they cannot be, or do not want to be."""
    one = conversation.participants[position]
    if one.bounced is not None or one.unsubscribed:
        return None
    if one.email is not None:
        return one.email
    account = accounts.find(tx, one.account) if one.account is not None else None
    return account.email if account else None


def zone(tx: Transaction, conversation: Conversation, position: int) -> str:
    """The zone in which the participant is told times: their account's, one that they chose, or the conversation's."""
    one = conversation.participants[position]
    account = accounts.find(tx, one.account) if one.account is not None else None
    return (account.tzid if account else None) or one.tzid or conversation.tzid


def write(tx: Transaction, dc: DataCenter, conversation: Conversation, letter: Letter, due_at: int = 0) -> bool:
    """Have a letter sent; False where the participant cannot be written to."""
    if not dc.settings.sends_mail or address(tx, conversation, letter.position) is None:
        return False
    document = msgspec.json.encode(letter).decode()
    task = Task(f"mail:{letter.message_id}", "mail", letter.lane(conversation.application), document)
    outbox.put(tx, task, dc.now(), due_at)
    return True


def withdraw_reminder(tx: Transaction, conversation: Conversation, position: int) -> None:
    """Remind a participant no more who has answered, although nothing was selected."""
    turn = str(conversation.participants[position].turn)
    outbox.drop(tx, f"mail:{Letter(Kind.REMINDER, conversation.id, position, turn).message_id}")


def follow(tx: Transaction, dc: DataCenter, conversation: Conversation, changes: Sequence[Change]) -> None:
    """Write what the changes give occasion to: the agreement to everybody, to the organizer that no slot is left."""
    happened = {change.type for change in changes}
    if Type.CREATED in happened and _may_run_out(conversation) and dc.settings.sends_mail:
        task = Task(_passed(conversation), "passed", f"passed:{conversation.application}", f'"{conversation.id}"')
        outbox.put(tx, task, dc.now(), conversation.last_start + 1)
    if Type.RAN_OUT in happened:
        write(tx, dc, conversation, Letter(Kind.RAN_OUT, conversation.id, 0))
    if Type.AGREED in happened:
        outbox.drop(tx, _passed(conversation))
        for position in range(len(conversation.participants)):
            write(tx, dc, conversation, Letter(Kind.AGREED, conversation.id, position))


def _may_run_out(conversation: Conversation) -> bool:
    return not conversation.is_complete and any(one.method is Method.MANUAL for one in conversation.participants)


def _passed(conversation: Conversation) -> str:
    return f"passed:{conversation.id}"
