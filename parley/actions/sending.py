"""Sending a letter: whether it makes sense, what stands in it, and what is recorded once a server has answered."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parley.actions import channels
from parley.actions.conversations import listed
from parley.actions.invitations import to_agreement
from parley.actions.letters import address, write, zone
from parley.core import letter as core
from parley.core import reminding
from parley.core.conversation import Change, Conversation, Status, Type, with_participant
from parley.core.letter import Kind, Letter, thread_id
from parley.data_center import DataCenter
from parley.store import availability, conversations, history, letters, outbox
from parley.store.database import Transaction
from parley.store.outbox import Message
from parley.wire.invitation import Invitation

REFERENCES = 10  # Message-IDs that a letter refers to
BOUNCE_LENGTH = 300
LATER = 3600  # seconds after which it is seen whether there is a slot again
RECORDED = {Kind.ASK: Type.ASKED, Kind.REMINDER: Type.REMINDED}


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter with all that stands in it, and to whom it goes."""

    letter: Letter
    conversation: Conversation
    to: str
    invitation: Invitation | None = None

    @property
    def lacks_slots(self) -> bool:
        """Whether it asks to choose where nothing can be chosen."""
        return self.letter.kind in (Kind.ASK, Kind.REMINDER) and not self.letter.starts


def drafted(tx: Transaction, dc: DataCenter, letter: Letter) -> Draft | None:
    """The letter as it was fixed before, or as it has to be now; nothing where it must not be sent any more."""
    conversation = conversations.find(tx, letter.conversation)
    to = address(tx, conversation, letter.position) if conversation else None
    if conversation is None or to is None or not core.matters(letter, conversation):
        return None
    fixed = letters.find(tx, letter.message_id) or _fixed(tx, dc, conversation, letter)
    return Draft(fixed, conversation, to, _invitation(tx, dc, conversation, fixed))


def _invitation(tx: Transaction, dc: DataCenter, conversation: Conversation, letter: Letter) -> Invitation | None:
    """What goes with an agreement to whoever's calendar we do not write."""
    if letter.kind is not Kind.AGREED or conversation.participants[letter.position].account is not None:
        return None
    return to_agreement(tx, dc, conversation, letter.position, letter.zone)


def _fixed(tx: Transaction, dc: DataCenter, conversation: Conversation, letter: Letter) -> Letter:
    theirs = zone(tx, conversation, letter.position)
    fixed = replace(letter, zone=theirs, references=_references(tx, dc, letter))
    one = conversation.participants[letter.position]
    if (
        letter.kind not in (Kind.ASK, Kind.REMINDER, Kind.UNCLEAR)
        or conversation.status(one) is not Status.NEEDS_ACTION
    ):
        return fixed
    starts = [slot.start for slot in listed(tx, conversation, letter.position, dc.now())]
    return replace(fixed, starts=core.offered(starts, set(conversation.standing(letter.position)), theirs))


def _references(tx: Transaction, dc: DataCenter, letter: Letter) -> tuple[str, ...]:
    """The thread from its root to the letter before this one, or to the mail that it answers."""
    domain = dc.settings.sender.domain
    before = [f"<{one.message_id}@{domain}>" for one in letters.to(tx, letter.conversation, letter.position)]
    answered = [letter.answers] if letter.answers else []
    return (f"<{thread_id(letter.conversation)}@{domain}>", *[*before, *letter.references, *answered][-REFERENCES:])


def keep(dc: DataCenter, draft: Draft) -> Draft:
    """Fix what stands in the letter, once: whatever is sent under its Message-ID says the same."""

    def record(tx: Transaction) -> Letter | None:
        letters.add(tx, draft.letter, dc.now())
        return letters.find(tx, draft.letter.message_id)

    return replace(draft, letter=dc.db.write(record) or draft.letter)


def record_taken(dc: DataCenter, message: Message, draft: Draft) -> None:
    """A server has taken the letter: the history tells, and whoever was asked is reminded some day."""
    letter = draft.letter

    def record(tx: Transaction) -> None:
        conversation = conversations.lock(tx, letter.conversation)
        if not outbox.done(tx, message) or conversation is None:
            return
        happened = Type.INVITED if draft.invitation else RECORDED.get(letter.kind)
        if happened:
            history.add(tx, letter.conversation, [Change(happened, letter.position)], dc.now(), "mail")
        if letter.kind is Kind.ASK and dc.settings.remind_after and core.matters(letter, conversation):
            due_at = reminder_moment(tx, conversation, letter.position, dc.now() + dc.settings.remind_after)
            write(
                tx, dc, conversation, Letter(Kind.REMINDER, letter.conversation, letter.position, letter.number), due_at
            )

    dc.db.write(record)


def reminder_moment(tx: Transaction, conversation: Conversation, position: int, earliest: int) -> int:
    """When the participant may be reminded: in the hours of their account, or those of an office in their zone."""
    account = conversation.participants[position].account
    rules = availability.rules(tx, conversation.application, account) if account is not None else []
    return reminding.moment(earliest, rules or [reminding.office_hours(zone(tx, conversation, position))])


def record_refused(dc: DataCenter, message: Message, draft: Draft, said: str) -> None:
    """A server has refused the letter for good: nothing goes to that address any more."""

    def record(tx: Transaction) -> None:
        if outbox.done(tx, message):
            bounced(tx, dc, draft.letter.conversation, draft.letter.position, said)

    dc.db.write(record)


def bounced(tx: Transaction, dc: DataCenter, conversation_id: str, position: int, said: str) -> bool:
    """Write no more to a participant whose address was refused with these words; False where that is known."""
    conversation = conversations.lock(tx, conversation_id)
    if conversation is None or conversation.participants[position].bounced is not None:
        return False
    refused = replace(conversation.participants[position], bounced=said[:BOUNCE_LENGTH] or "refused")
    saved = conversations.save(tx, with_participant(conversation, position, refused))
    change = Change(Type.BOUNCE, position, detail=core.bounce_text(said)[:BOUNCE_LENGTH])
    history.add(tx, conversation_id, [change], dc.now(), "mail")
    channels.tell_of_conversation(tx, dc, saved, [change])
    return True
