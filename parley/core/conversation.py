"""A scheduling conversation: who may do what now, and what becomes of it when somebody chooses.

Statuses are not stored. They follow from the selections and the chosen slot, and `settle` is the only function that
changes those after a selection or after somebody's calendar has changed. `docs/concepts.md` tells the same as a story.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from parley.core.availability import Availability
from parley.core.errors import NotYourTurn, SlotsTaken, SlotsUnknown
from parley.core.periods import Period
from parley.core.proposed import Proposed


class Method(StrEnum):
    """How a participant comes to their slots: by choosing, or by being free."""

    MANUAL = "manual"
    AUTO = "auto"


class Status(StrEnum):
    """Where a participant stands."""

    WAITING = "waiting"
    NEEDS_ACTION = "needs_action"
    COMPLETE = "complete"


class Action(StrEnum):
    """What a participant can do."""

    LIST = "slots_list"
    SELECT = "slots_select"


class How(StrEnum):
    """Offered actions are shown as possible; allowed ones are answered without being shown."""

    OFFERED = "offered"
    ALLOWED = "allowed"


# Who may do what. What is not in the table is refused.
MAY = {
    (Status.NEEDS_ACTION, Action.LIST): How.OFFERED,
    (Status.NEEDS_ACTION, Action.SELECT): How.OFFERED,
    (Status.WAITING, Action.LIST): How.ALLOWED,
    (Status.COMPLETE, Action.LIST): How.ALLOWED,
}


def possible_actions(status: Status) -> list[Action]:
    """The actions to show to a participant of this status."""
    return [action for (at, action), how in MAY.items() if at is status and how is How.OFFERED]


@dataclass(frozen=True, slots=True)
class Location:
    """Where a meeting is; latitude and longitude are decimal degrees as text."""

    description: str | None = None
    lat: str | None = None
    long: str | None = None


@dataclass(frozen=True, slots=True)
class EventDetails:
    """What the events of an agreement shall say beside subject and time."""

    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part; `account` is the account's internal key, `selected` the starts that they chose.

    `turn` orders the selections of a conversation: the higher, the newer. `generation` is that of their link, `tzid`
    the zone that they chose on their page, `reply` their answer to the invitation, written at `replied_at`, perhaps
    with a `comment` and another time `proposed`, `bounced` what the mail server said that refused their address.
    Whoever asked for no more mail is `unsubscribed`.
    """

    participant_id: str | None = None
    sub: str | None = None
    email: str | None = None
    common_name: str | None = None
    managed_availability: bool = False
    method: Method = Method.MANUAL
    account: int | None = None
    selected: tuple[int, ...] = ()
    turn: int = 0
    generation: int = 0
    tzid: str | None = None
    reply: str | None = None
    replied_at: int = 0
    comment: str | None = None
    proposed: Proposed | None = None
    bounced: str | None = None
    unsubscribed: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What identifies them in the conversation: the kind of identifier and its value."""
        if self.participant_id is not None:
            return "participant_id", self.participant_id
        if self.sub is not None:
            return "sub", self.sub
        return "email", (self.email or "").lower()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an application asks for when it opens a conversation; `duration` in seconds."""

    participants: tuple[Participant, ...]
    tzid: str
    subject: str | None
    event: EventDetails | None
    duration: int
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation; `duration` in seconds, `chosen` the agreed start, `creator` an account's key (API key: none).

    `version` counts how often it was saved; `ran_out` says that its organizer has been told that no slot was left.
    """

    id: str
    application: str
    creator: int | None
    created_at: int
    participants: tuple[Participant, ...]
    tzid: str
    subject: str | None
    event: EventDetails | None
    duration: int
    periods: tuple[Period, ...]
    chosen: int | None = None
    version: int = 0
    ran_out: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether a slot is agreed; that never changes again."""
        return self.chosen is not None

    @property
    def asks(self) -> bool:
        """Whether somebody must act for it to go on."""
        return any(self.status(one) is Status.NEEDS_ACTION for one in self.participants)

    @property
    def accounts(self) -> list[int]:
        """The keys of the participants' accounts, ascending: the order in which they are locked."""
        return sorted(one.account for one in self.participants if one.account is not None)

    @property
    def title(self) -> str:
        """What the meeting is called where it must have a name."""
        return self.subject or "Meeting"

    @property
    def location(self) -> Location | None:
        """Where the meeting is."""
        return self.event.location if self.event else None

    def status(self, participant: Participant) -> Status:
        """Where the participant stands."""
        if self.is_complete:
            return Status.COMPLETE
        if participant.method is Method.MANUAL and not participant.selected:
            return Status.NEEDS_ACTION
        return Status.WAITING

    def selected(self, participant: Participant) -> tuple[int, ...]:
        """The starts that the participant has chosen; at completion everybody's is the agreed one."""
        return participant.selected if self.chosen is None else (self.chosen,)

    @property
    def last_start(self) -> int:
        """The instant after which no slot begins any more."""
        return max(one.end for one in self.periods) - self.duration

    def slot(self, start: int) -> Period:
        """The slot that begins at `start`."""
        return Period(start, start + self.duration)

    def standing(self, position: int) -> list[int]:
        """The starts that others than the participant at `position` have chosen."""
        others = (one for at, one in enumerate(self.participants) if at != position)
        return [start for one in others for start in one.selected]


class Type(StrEnum):
    """What can happen in a conversation, as its history tells it."""

    CREATED = "created"
    SELECTED = "selected"
    CLEARED = "cleared"
    AGREED = "agreed"
    EVENT_WRITTEN = "event_written"
    EVENT_FAILED = "event_failed"
    ASKED = "asked"
    REMINDED = "reminded"
    SERVICE_FAILED = "service_failed"
    SERVICE_TIMED_OUT = "service_timed_out"
    NOT_UNDERSTOOD = "not_understood"
    NONE_SUIT = "none_suit"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCE = "bounce"
    RAN_OUT = "slots_ran_out"
    INVITED = "invited"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened: to whom (a position; nobody: the conversation), with which starts.

    `detail` is what a mail server said, or how an invitation was answered.
    """

    type: Type
    position: int | None = None
    starts: tuple[int, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as the history keeps it: when it happened and through which channel; `number` counts from 1."""

    number: int
    at: int
    channel: str
    change: Change


Decision = tuple[Conversation, list[Change]]


def select(
    conversation: Conversation,
    position: int,
    starts: Sequence[int | None],
    availability: Availability,
    within: Availability | None = None,
) -> Decision:
    """The participant at `position` chooses these starts (None: an id that no slot can have).

    Repeating a selection, or naming the agreed slot, succeeds without effect. Raises SlotsUnknown, NotYourTurn or
    SlotsTaken, in this order; one slot that cannot be selected refuses all of them. Whoever may choose less than is
    open to others chooses `within`.
    """
    refuse_unknown(starts, availability)
    chosen = tuple(sorted({start for start in starts if start is not None}))
    participant = conversation.participants[position]
    if chosen == participant.selected or conversation.chosen in chosen:
        return conversation, []
    if (conversation.status(participant), Action.SELECT) not in MAY:
        raise NotYourTurn
    open_to_them = within or availability
    taken = [at for at, start in enumerate(starts) if start is not None and not open_to_them.is_open(start)]
    if taken:
        raise SlotsTaken(taken)
    turn = 1 + max(one.turn for one in conversation.participants)
    decided = with_participant(conversation, position, replace(participant, selected=chosen, turn=turn))
    settled, changes = settle(decided, availability)
    return settled, [Change(Type.SELECTED, position, chosen), *changes]


def refuse_unknown(starts: Sequence[int | None], availability: Availability) -> None:
    """Raise SlotsUnknown when a start is not on the conversation's grid."""
    unknown = [at for at, start in enumerate(starts) if start is None or not availability.has_slot(start)]
    if unknown:
        raise SlotsUnknown(unknown)


def settle(conversation: Conversation, availability: Availability) -> Decision:
    """Agree on the earliest slot that suits everybody; otherwise clear the selections that stand in the way.

    A complete conversation stays as it is. Afterwards an open one with a manual participant has somebody to act.
    """
    if conversation.is_complete:
        return conversation, []
    agreed = _agreed(conversation, availability)
    if agreed is not None:
        return replace(conversation, chosen=agreed), [Change(Type.AGREED, None, (agreed,))]
    cleared = _in_the_way(conversation, availability)
    for position in cleared:
        conversation = with_participant(
            conversation, position, replace(conversation.participants[position], selected=())
        )
    return conversation, [Change(Type.CLEARED, position) for position in cleared]


def running_out(decision: Decision, availability: Availability) -> Decision:
    """What was decided, and with it, once in a conversation, that nothing is left to choose for those who must act."""
    conversation, changes = decision
    if conversation.ran_out or not conversation.asks or availability.earliest() is not None:
        return decision
    return replace(conversation, ran_out=True), [*changes, Change(Type.RAN_OUT)]


def _agreed(conversation: Conversation, availability: Availability) -> int | None:
    choosers = [one for one in conversation.participants if one.method is Method.MANUAL]
    if not choosers:
        return availability.earliest()
    common = set.intersection(*(set(one.selected) for one in choosers))
    return min(_still_open(common, availability), default=None)


def _in_the_way(conversation: Conversation, availability: Availability) -> list[int]:
    """Positions of selections that share nothing open with those newer ones that stand, newest first."""
    people = conversation.participants
    newest_first = sorted(
        (at for at, one in enumerate(people) if one.selected), key=lambda at: people[at].turn, reverse=True
    )
    kept: set[int] | None = None
    cleared = []
    for position in newest_first:
        selected = set(people[position].selected)
        shared = _still_open(selected, availability) if kept is None else kept & selected
        if shared:
            kept = shared
        else:
            cleared.append(position)
    return cleared


def _still_open(starts: Iterable[int], availability: Availability) -> set[int]:
    return {start for start in starts if availability.is_open(start)}


def to_ask(conversation: Conversation, changes: Sequence[Change]) -> list[int]:
    """Positions of those who must act now and had not to before these changes."""
    created = any(change.type is Type.CREATED for change in changes)
    cleared = {change.position for change in changes if change.type is Type.CLEARED}
    return [
        position
        for position, one in enumerate(conversation.participants)
        if conversation.status(one) is Status.NEEDS_ACTION and (created or position in cleared)
    ]


def with_participant(conversation: Conversation, position: int, participant: Participant) -> Conversation:
    """The conversation with this participant at `position`."""
    people = list(conversation.participants)
    people[position] = participant
    return replace(conversation, participants=tuple(people))
