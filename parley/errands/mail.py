"""A letter is to be sent: fixed once, composed, handed to the mail server outside of any transaction."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import structlog

from parley.actions import sending
from parley.actions.sending import Draft
from parley.channels import mail as channel
from parley.channels.mail import Outcome, Result
from parley.core.access import Mailbox
from parley.core.letter import Kind, Letter
from parley.data_center import DataCenter
from parley.errands import AGAIN, DONE, try_again
from parley.letters.compose import Way, composed
from parley.store import letters, outbox
from parley.store.outbox import Message

NOT_NEEDED, REFUSED = "not_needed", "refused"

log = structlog.get_logger()


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Send it, unless it makes no sense any more or has to wait."""
    letter = msgspec.json.decode(message.document, type=Letter)
    draft = dc.db.read(sending.drafted, dc, letter) if dc.settings.sends_mail else None
    if draft is None or (draft.lacks_slots and _is_over(dc, draft)):
        dc.db.write(partial(outbox.done, message=message))
        return NOT_NEEDED
    due_at = _due_at(dc, draft)
    if due_at > dc.now():
        dc.db.write(partial(outbox.postpone, message=message, due_at=due_at))
        return AGAIN
    draft = sending.keep(dc, draft)
    return _judged(dc, message, draft, _sent(dc, draft)) if still_holds() else AGAIN


def _is_over(dc: DataCenter, draft: Draft) -> bool:
    """Whether no slot can come back; who was to be reminded is not told that one has."""
    return draft.letter.kind is Kind.REMINDER or draft.conversation.last_start < dc.now()


def _due_at(dc: DataCenter, draft: Draft) -> int:
    """When it may be sent: a question when there is a slot, a reminder in working hours, all else at once."""
    if draft.lacks_slots:
        return dc.now() + sending.LATER
    if draft.letter.kind is Kind.REMINDER:
        return dc.db.read(sending.reminder_moment, draft.conversation, draft.letter.position, dc.now())
    return dc.now()


def _sent(dc: DataCenter, draft: Draft) -> Outcome:
    mail = composed(draft.letter, draft.conversation, _way(dc, draft), dc.now())
    return channel.send(dc.settings.smtp_url or "", mail.envelope_from, mail.to, mail.raw)


def _way(dc: DataCenter, draft: Draft) -> Way:
    letter = draft.letter
    generation = draft.conversation.participants[letter.position].generation
    subject = letter.conversation.removeprefix("scv_")
    token = dc.participant_token(letter.conversation, letter.position, generation)
    return Way(
        sender=dc.settings.sender,
        to=draft.to,
        reply_to=dc.mail_address(Mailbox("r", subject, letter.position, generation)),
        bounce_to=dc.mail_address(Mailbox("b", subject, letter.position, generation)),
        page_url=dc.url(f"/c/{token}"),
        base_url=dc.base_url,
        can_reply=dc.settings.receives_mail,
        invitation=draft.invitation,
    )


def _judged(dc: DataCenter, message: Message, draft: Draft, outcome: Outcome) -> str:
    match outcome.result:
        case Result.TAKEN:
            sending.record_taken(dc, message, draft)
            return DONE
        case Result.REFUSED:
            sending.record_refused(dc, message, draft, outcome.answer)
            return REFUSED
        case Result.AGAIN:
            return _later(dc, message, draft.letter, outcome)


def _later(dc: DataCenter, message: Message, letter: Letter, outcome: Outcome) -> str:
    if not outcome.may_be_taken:  # so it is fixed anew: by then other slots may be open
        dc.db.write(lambda tx: outbox.holds(tx, message) and letters.drop(tx, letter.message_id))
    code = outcome.answer[:3] if outcome.answer[:3].isdigit() else outcome.answer  # its words may name an address
    log.warning("mail.not_taken", attempts=message.attempts, said=code)
    return try_again(dc, message, f"the mail server said: {outcome.answer}")
