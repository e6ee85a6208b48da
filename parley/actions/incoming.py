"""Acting upon mail that came in: an answer to a letter, to an invitation, or what a server could not deliver.

A selection needs three things: the secret address that the letter gave, the participant's own address as its sender,
and a border server of ours that vouches for that sender. Everything else selects nothing, and at most has the
participant's link sent to the address that we know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial

from parley.actions import channels, letters, smart_invites
from parley.actions.conversations import Choice, limits_of, select_slots
from parley.actions.replies import record_reply
from parley.actions.sending import bounced
from parley.core import zones
from parley.core.access import Mailbox, read_mail_token
from parley.core.answer_slots import Offer
from parley.core.answers import Answer, Chosen, NoneSuit, Reason, Stop, Unclear, read
from parley.core.conversation import Change, Conversation, Participant, Status, Type, with_participant
from parley.core.errors import NotYourTurn, Refusal, SlotsTaken
from parley.core.letter import Kind, Letter
from parley.core.limits import HORIZON, HOUR
from parley.data_center import DataCenter
from parley.store import conversations, history, outbox
from parley.store import letters as stored
from parley.store.database import Transaction
from parley.wire import incoming, itip
from parley.wire.authentication import proves
from parley.wire.incoming import Mail, Unreadable

REMEMBERED = HORIZON  # as long as a conversation can last
MAILBOXES = 3  # of one mail
REASONS = {Reason.SEVERAL: "several", Reason.NOT_OFFERED: "not_offered"}
UNCLEAR, UNTRUSTED, TAKEN = "unclear", "untrusted", "taken"


class Trust(IntEnum):
    """How certain it is that a mail comes from the participant."""

    STRANGER = 0  # it comes from another address
    CLAIMED = 1  # from theirs, says the mail
    PROVEN = 2  # and so says our border server


@dataclass(frozen=True, slots=True)
class Received:
    """A mail to the participant's own secret address, with all that is needed to judge it."""

    dc: DataCenter
    mail: Mail
    box: Mailbox
    conversation: Conversation
    trust: Trust

    @property
    def position(self) -> int:
        """Where the participant stands."""
        return self.box.position

    @property
    def participant(self) -> Participant:
        """Whom the address was given to."""
        return self.conversation.participants[self.box.position]


def receive(dc: DataCenter, raw: bytes, recipients: Sequence[str]) -> str:
    """Act upon a mail, once; a word for what became of it. Raises Unavailable where it is to be handed in again.

    `recipients` are those that the server which delivers it names; without any, those that the mail itself tells.
    """
    try:
        mail = incoming.read(raw)
    except Unreadable as cause:
        return str(cause)
    boxes = _mailboxes(dc, recipients or mail.recipients)
    outcomes = [dc.db.write(partial(_once, dc=dc, mail=mail, box=box)) for box in boxes]
    return " ".join(outcomes) or "no_mailbox"


def _mailboxes(dc: DataCenter, recipients: Sequence[str]) -> list[Mailbox]:
    tokens = (one.rpartition("@")[0].rpartition("+")[2] for one in recipients)
    found = (read_mail_token(dc.secret, token) for token in tokens)
    return list(dict.fromkeys(box for box in found if box))[:MAILBOXES]


def _once(tx: Transaction, dc: DataCenter, mail: Mail, box: Mailbox) -> str:
    """What became of the mail; a second copy of it does nothing."""
    if not stored.receive(tx, _name(box, mail.message_id), dc.now(), REMEMBERED):
        return "repeated"
    if box.purpose == "i":
        return _answered_smart_invite(dc, mail, box)
    conversation = conversations.lock(tx, f"scv_{box.subject}")
    if conversation is None or box.position >= len(conversation.participants):
        return "unknown"
    if conversation.participants[box.position].generation != box.generation:
        return "revoked"
    address = _own_address(tx, conversation, box.position)
    return _acted(tx, Received(dc, mail, box, conversation, _trust(dc, mail, address)))


def _name(box: Mailbox, *about: str) -> str:
    return "\n".join((box.purpose, box.subject, str(box.position), str(box.generation), *about))


def _own_address(tx: Transaction, conversation: Conversation, position: int) -> str | None:
    """The address that we know of the participant, whether or not it is written to."""
    one = replace(conversation.participants[position], bounced=None, unsubscribed=False)
    return letters.address(tx, with_participant(conversation, position, one), position)


def _trust(dc: DataCenter, mail: Mail, address: str | None) -> Trust:
    if mail.sender is None or address is None or mail.sender != address.lower():
        return Trust.STRANGER
    domain = mail.sender.rpartition("@")[2]
    is_proven = proves(mail.results, dc.settings.mail_authserv_id, domain)
    return Trust.PROVEN if is_proven else Trust.CLAIMED


def _answered_smart_invite(dc: DataCenter, mail: Mail, box: Mailbox) -> str:
    answer = itip.read(mail.calendar) if mail.calendar else None
    if answer is None or mail.sender is None:
        return "ignored"
    if _trust(dc, mail, mail.sender) < _needed_for_replies(dc):
        return UNTRUSTED
    return f"reply {smart_invites.replied(dc, box.subject, answer, mail.sender)}"


def _needed_for_replies(dc: DataCenter) -> Trust:
    """An answer to an invitation is told and selects nothing: without a border server the sender is believed."""
    return Trust.PROVEN if dc.settings.mail_authserv_id else Trust.CLAIMED


def _acted(tx: Transaction, received: Received) -> str:
    mail = received.mail
    if mail.bounce is not None:
        return _returned(tx, received)
    if received.box.purpose != "r":
        return "ignored"
    if mail.calendar and (reply := itip.read(mail.calendar)):
        if received.trust < _needed_for_replies(received.dc):
            return UNTRUSTED
        return f"reply {record_reply(received.dc, received.conversation.id, received.position, reply)}"
    if mail.is_automatic:
        return "automatic"
    if received.trust is Trust.STRANGER:
        return _ask_again(tx, received, UNTRUSTED, "stranger")
    letter = _answered_letter(tx, received)
    answer = read(mail.text, _offer(tx, received, letter), _names(received))
    if answer == Stop():
        return _unsubscribed(tx, received)
    if received.trust is not Trust.PROVEN:
        return _ask_again(tx, received, UNTRUSTED, UNTRUSTED)
    return _obeyed(tx, received, answer, letter)


def _returned(tx: Transaction, received: Received) -> str:
    """A mail of ours could not be delivered; a report to the address for answers must be about the participant's."""
    bounce = received.mail.bounce
    if bounce is None:
        return "ignored"
    address = _own_address(tx, received.conversation, received.position) or ""
    if received.box.purpose != "b" and bounce.recipient != address.lower():
        return "ignored"
    known = not bounced(tx, received.dc, received.conversation.id, received.position, bounce.said)
    return "bounce known" if known else "bounce"


def _answered_letter(tx: Transaction, received: Received) -> Letter | None:
    """The letter whose slots the mail answers: one that it refers to, else the only one that listed any."""
    domain = f"@{received.dc.settings.sender.domain}"
    names = [one.strip("<>").removesuffix(domain) for one in received.mail.answers if one.endswith(f"{domain}>")]
    about = received.conversation.id, received.position
    known = [one for one in stored.to(tx, *about) if one.starts]
    found = next((one for name in names for one in known if one.message_id == name), None)
    return found or (known[0] if len(known) == 1 else None)


def _offer(tx: Transaction, received: Received, letter: Letter | None) -> Offer:
    conversation = received.conversation
    if letter is None:
        return Offer((), conversation.tzid)
    most = limits_of(tx, conversation.application).max_selected_slots
    now = _written_at(received, letter.zone)
    return Offer(letter.starts, letter.zone, now, most, conversation.duration)


def _written_at(received: Received, zone: str) -> int | None:
    """When it was written, where that was on the day on which it came."""
    written, now = received.mail.written_at, received.dc.now()
    if written is None or abs(now - written) > 24 * HOUR:
        return None
    same_day = zones.local(zone, written).date() == zones.local(zone, now).date()
    return written if same_day else None


def _names(received: Received) -> list[str]:
    """How those who take part are called, and how the sender calls themselves."""
    people = [one.common_name for one in received.conversation.participants if one.common_name]
    sender = received.mail.sender or ""
    return [*people, received.mail.display_name, sender.partition("@")[0].replace(".", " ")]


def _obeyed(tx: Transaction, received: Received, answer: Answer, letter: Letter | None) -> str:
    """Do what an answer says that is the participant's own beyond doubt."""
    if received.conversation.is_complete and not isinstance(answer, Chosen):
        return _ask_again(tx, received, "", "complete")
    match answer:
        case Chosen(starts) if letter is not None:
            return _selected(tx, received, starts, letter)
        case NoneSuit():
            return _none_suit(tx, received)
        case Unclear(reason):
            return _ask_again(tx, received, REASONS.get(reason, UNCLEAR), f"unclear {reason.value}")
    return _ask_again(tx, received, UNCLEAR, UNCLEAR)


def _selected(tx: Transaction, received: Received, starts: Sequence[int], letter: Letter) -> str:
    """Select these slots; the same words in answer to the same letter do so only once."""
    dc, before = received.dc, received.conversation
    words = _name(received.box, "chosen", letter.message_id, received.mail.text)
    if not stored.receive(tx, words, dc.now(), REMEMBERED) and _status(before, received) is Status.NEEDS_ACTION:
        return _ask_again(tx, received, UNCLEAR, "said before")
    try:
        after = select_slots(dc, before.id, Choice(received.position, starts, "mail"))
    except NotYourTurn:
        return _ask_again(tx, received, "", "not your turn")
    except SlotsTaken:
        return _ask_again(tx, received, TAKEN, TAKEN)
    except Refusal as refusal:
        return _ask_again(tx, received, TAKEN, type(refusal).__name__)
    if after.version == before.version:
        return "selected before"
    if not after.is_complete:
        turn = str(after.participants[received.position].turn)
        letters.write(tx, dc, after, _letter(received, Kind.UNDERSTOOD, turn))
    return "selected"


def _status(conversation: Conversation, received: Received) -> Status:
    return conversation.status(conversation.participants[received.position])


def _none_suit(tx: Transaction, received: Received) -> str:
    """Note that none suits; the organizer is told once for each choice that they had."""
    conversation, position = received.conversation, received.position
    if _status(conversation, received) is not Status.NEEDS_ACTION:
        return _ask_again(tx, received, "", "not your turn")
    number = f"{position}-{received.participant.turn}"
    letter = Letter(Kind.NONE_SUIT, conversation.id, 0, number, about=position)
    if not stored.receive(tx, letter.message_id, received.dc.now(), REMEMBERED):
        return "none suit known"
    _tell(tx, received, conversation, Change(Type.NONE_SUIT, position))
    letters.withdraw_reminder(tx, conversation, position)
    letters.write(tx, received.dc, conversation, _letter(received, Kind.NOTED, number))
    if position:
        letters.write(tx, received.dc, conversation, letter)
    return "none suit"


def _unsubscribed(tx: Transaction, received: Received) -> str:
    """Write no more to them. Their own address is enough for that, which nobody but them has to prove."""
    if received.participant.unsubscribed:
        return "stop known"
    quiet = replace(received.participant, unsubscribed=True)
    saved = conversations.save(tx, with_participant(received.conversation, received.position, quiet))
    _tell(tx, received, saved, Change(Type.UNSUBSCRIBED, received.position))
    return "stop"


def _tell(tx: Transaction, received: Received, conversation: Conversation, change: Change) -> None:
    history.add(tx, conversation.id, [change], received.dc.now(), "mail")
    channels.tell_of_conversation(tx, received.dc, conversation, [change])


def _ask_again(tx: Transaction, received: Received, reason: str, outcome: str) -> str:
    """Send the participant the open slots and the link, to the address that we know; once an hour at most."""
    dc, conversation, position = received.dc, received.conversation, received.position
    now = dc.now()
    if received.trust is Trust.PROVEN:
        letters.withdraw_reminder(tx, conversation, position)
    this_hour, last_hour = (_letter(received, Kind.UNCLEAR, str(now // HOUR - ago), reason) for ago in (0, 1))
    waits = any(outbox.document(tx, f"mail:{one.message_id}") for one in (this_hour, last_hour))
    is_enough = waits or stored.written_since(tx, conversation.id, position, (Kind.UNCLEAR,), now - HOUR)
    if is_enough or received.mail.wants_no_answer:
        return f"{outcome} unanswered"
    if not letters.write(tx, dc, conversation, this_hour):
        return f"{outcome} unanswered"
    _tell(tx, received, conversation, Change(Type.NOT_UNDERSTOOD, position, detail=outcome))
    return outcome


def _letter(received: Received, kind: Kind, number: str, reason: str = "") -> Letter:
    """A letter to the participant in answer to their mail; a stranger's mail is not told."""
    known = received.trust is not Trust.STRANGER and received.mail.message_id.startswith("<")
    answers = received.mail.message_id if known else None
    return Letter(kind, received.conversation.id, received.position, number, reason=reason, answers=answers)
