"""What a participant answers to the invitation after an agreement; nothing here ever selects a slot."""

from __future__ import annotations

from dataclasses import replace

from parley.actions import channels, letters
from parley.core import limits
from parley.core.conversation import Change, Conversation, Participant, Type, with_participant
from parley.core.errors import NotFound
from parley.core.event import DECLINED, conversation_uid
from parley.core.letter import Kind, Letter
from parley.core.proposed import Proposed
from parley.core.reply import Answer
from parley.data_center import DataCenter
from parley.store import conversations, history
from parley.store import letters as stored
from parley.store.database import Transaction
from parley.wire.writing import moment_text

RECORDED, REPEATED, OLD, ANOTHER, EMPTY = "recorded", "repeated", "old", "another event", "empty"


def record_reply(dc: DataCenter, conversation_id: str, position: int, answer: Answer) -> str:
    """Keep how the participant at `position` answers, whom the caller knows to be them; what became of it, in a word.

    Before there is an agreement the history alone tells of it. A decline is told to the organizer once.
    Raises NotFound.
    """

    def record(tx: Transaction) -> str:
        conversation = conversations.lock(tx, conversation_id)
        if conversation is None or position >= len(conversation.participants):
            raise NotFound
        return _recorded(tx, dc, conversation, position, answer)

    return dc.db.write(record)


def _recorded(tx: Transaction, dc: DataCenter, conversation: Conversation, position: int, answer: Answer) -> str:
    participant = conversation.participants[position]
    status, stamp = answer.said_by(participant.email), min(answer.stamp or dc.now(), dc.now())
    others = [one.email for at, one in enumerate(conversation.participants) if at != position and one.email]
    if answer.is_anothers(participant.email, others) or (status is None and answer.proposed is None):
        return EMPTY
    if conversation.is_complete:
        if answer.uid != conversation_uid(conversation.id):
            return ANOTHER
        if stamp < participant.replied_at:
            return OLD
        answered = replace(
            participant,
            reply=status or participant.reply,
            replied_at=stamp,
            comment=answer.comment,
            proposed=answer.proposed,
        )
        conversation = conversations.save(tx, with_participant(conversation, position, answered))
    if _is_repeated(participant, answer, status):
        return REPEATED
    change = Change(Type.REPLIED, position, detail=told(answer, status))
    history.add(tx, conversation.id, [change], dc.now(), "mail")
    if not conversation.is_complete:
        return RECORDED
    channels.tell_of_conversation(tx, dc, conversation, [change])
    if status == DECLINED and position:
        letter = Letter(Kind.DECLINED, conversation.id, 0, str(position), about=position)
        if stored.find(tx, letter.message_id) is None:  # it was not told before
            letters.write(tx, dc, conversation, letter)
    return RECORDED


def _is_repeated(participant: Participant, answer: Answer, status: str | None) -> bool:
    return answer.proposed is None and answer.comment is None and status == participant.reply


def told(answer: Answer, status: str | None) -> str:
    """The answer in a line, as the history keeps it."""
    parts = [status or "", _proposal(answer.proposed) if answer.proposed else ""]
    line = "; ".join(part for part in parts if part)
    return f"{line}: {answer.comment}"[: limits.DESCRIPTION_LENGTH] if answer.comment else line


def _proposal(proposed: Proposed) -> str:
    start, end = (moment_text(one, proposed.tzid) for one in (proposed.start, proposed.end))
    return f"proposes {start} to {end} ({proposed.tzid})"
