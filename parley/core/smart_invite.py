"""Smart Invites: an application invites people to an event by iCalendar, and hears how they answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from parley.core.event import Attendee, Event
from parley.core.limits import ATTENDEES
from parley.core.periods import Period
from parley.core.proposed import Proposed
from parley.core.reply import Answer

NOTHING = Event("", "", "", Period(0, 0))
KEPT = 5 * ATTENDEES  # recipients of one id: whoever is removed stays known
PENDING = "pending"
RECORDED, REPEATED, OLD, ANOTHER, EMPTY = "recorded", "repeated", "old", "another event", "empty"
STRANGER, CANCELLED = "stranger", "cancelled"


class Method(StrEnum):
    """What an application wants with its recipients."""

    REQUEST = "request"
    CANCEL = "cancel"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody invited, and how they answer.

    `sequence` is that of the last invitation to them, written at `stamp`; `since` that of the first one for this time:
    answers to earlier ones count no more. `together` are the positions of all who were named in it, `mailbox` the one
    whose address answers go to. `answers` is how many of theirs were recorded.
    """

    position: int
    email: str
    event: Event = NOTHING
    method: Method = Method.REQUEST
    sequence: int = 0
    since: int = 0
    stamp: int = 0
    together: tuple[int, ...] = ()
    mailbox: int = 0
    status: str = PENDING
    comment: str | None = None
    proposed: Proposed | None = None
    replied_at: int = 0
    answers: int = 0
    is_new: bool = True

    @property
    def has_replied(self) -> bool:
        """Whether anything is known of what they answer."""
        return self.status != PENDING or self.proposed is not None

    @property
    def attendee(self) -> Attendee:
        """Them, as their invitation names them."""
        return Attendee(self.email, None, "needs_action" if self.status == PENDING else self.status)


@dataclass(frozen=True, slots=True)
class SmartInvite:
    """What all recipients of an id of the application have in common; `key` is 12 bytes in hexadecimal."""

    key: str
    application: str
    id: str
    callback_url: str | None = None
    organizer: Attendee | None = None

    @property
    def uid(self) -> str:
        """The iCalendar UID, the same in every invitation."""
        return f"{self.key}@parley"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an application asks for: whom to invite to what, or whom not any more.

    `fields` are `callback_url` and `organizer`, where they are named. Only a request has an event.
    """

    id: str
    emails: tuple[str, ...]
    method: Method
    is_list: bool
    event: Event | None
    fields: dict[str, Any]


def invited(people: Sequence[Recipient], event: Event, now: int) -> list[Recipient]:
    """The people once they are invited to the event, as it is now; a new time asks everybody again."""
    first = people[0]
    sequence = _sequence([one for one in people if not one.is_new], Method.REQUEST, event)
    mailbox = first.position if first.is_new else first.mailbox  # calendars know an organizer by their address
    together = tuple(one.position for one in people)
    told: dict[str, Any] = {
        "event": event,
        "method": Method.REQUEST,
        "sequence": sequence,
        "stamp": now,
        "mailbox": mailbox,
    }
    sent = [replace(one, **told, together=together, is_new=False) for one in people]
    return [_asked_anew(new) if _is_other_time(old, event) else new for old, new in zip(people, sent, strict=True)]


def are_too_many(people: Iterable[Recipient]) -> bool:
    """Whether these are more than one id invites, where those who were removed make room for others."""
    removed = [one.method is Method.REMOVE for one in people]
    return len(removed) > KEPT or removed.count(False) > ATTENDEES


def _asked_anew(recipient: Recipient) -> Recipient:
    return replace(recipient, since=recipient.sequence, status=PENDING, comment=None, proposed=None, replied_at=0)


def _is_other_time(recipient: Recipient, event: Event) -> bool:
    is_invited = not recipient.is_new and recipient.method is Method.REQUEST
    return not is_invited or (recipient.event.period, recipient.event.days) != (event.period, event.days)


def ended(people: Sequence[Recipient], method: Method, now: int) -> list[Recipient]:
    """The people once they are told that the event, or their part in it, is off."""
    sequence = _sequence(people, method)
    together = tuple(one.position for one in people)
    return [replace(one, method=method, sequence=sequence, stamp=now, together=together) for one in people]


def _sequence(people: Sequence[Recipient], method: Method, event: Event | None = None) -> int:
    """The number that follows for all of them; for those to whom nothing changes it is that which they know."""

    def changes(one: Recipient) -> bool:
        is_off = one.method is not Method.REQUEST
        return is_off is (method is Method.REQUEST) or (event is not None and one.event != event)

    return max((one.sequence + changes(one) for one in people), default=0)


def answered(
    invite: SmartInvite, recipient: Recipient, answer: Answer, now: int, others: Collection[str] = ()
) -> tuple[Recipient, str]:
    """The recipient once they have answered, and what became of the answer, in a word; `others` are invited, too."""
    status, stamp = answer.said_by(recipient.email), min(answer.stamp or now, now)
    if answer.uid != invite.uid:
        return recipient, ANOTHER
    if recipient.method is not Method.REQUEST:
        return recipient, CANCELLED
    if answer.is_anothers(recipient.email, others) or (status is None and answer.proposed is None):
        return recipient, EMPTY
    if answer.sequence < recipient.since or stamp < recipient.replied_at:
        return recipient, OLD
    said = replace(
        recipient, status=status or recipient.status, comment=answer.comment, proposed=answer.proposed, replied_at=stamp
    )
    if replace(said, replied_at=recipient.replied_at) == recipient:
        return said, REPEATED
    return replace(said, answers=recipient.answers + 1), RECORDED
