"""What is pushed to applications: channels, which ask for it, and deliveries, with what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

VERIFICATION, CHANGE = "verification", "change"
JOINED, UPDATED = "scheduling_conversation_joined", "scheduling_conversation_updated"
DELIVERED, GONE, FAILED = "delivered", "gone", "failed"
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a channel is to tell, and where; no `calendar_ids`: of all calendars."""

    callback_url: str
    calendar_ids: tuple[str, ...] = ()
    only_managed: bool = False
    conversations: bool = False

    def are_those_of(self, other: Wishes) -> bool:
        """Whether both ask for the same."""
        return (self.callback_url, sorted(self.calendar_ids), self.only_managed, self.conversations) == (
            *(other.callback_url, sorted(other.calendar_ids), other.only_managed, other.conversations),
        )


@dataclass(frozen=True, slots=True)
class Channel:
    """What one application is told of one account."""

    id: str
    application: str
    account: int
    wishes: Wishes
    created_at: int

    @property
    def target(self) -> str:
        """What deliveries to it have in common."""
        return f"channel:{self.id}"

    def tells_of(self, calendar_id: str, writer: str) -> bool:
        """Whether it tells of a change in this calendar to an event that this application wrote."""
        if self.wishes.only_managed and writer != self.application:
            return False
        return not self.wishes.calendar_ids or calendar_id in self.wishes.calendar_ids


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver: when, what became of it, and the status that was answered, if any was."""

    at: int
    outcome: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that is sent to an application: exactly these bytes to this address, signed with its secrets.

    `target` is what it belongs to, as kind and id: `channel:…` or `smart_invite:…`. `next_at` is when it will be tried
    again, where it will.
    """

    id: str
    application: str
    target: str
    type: str
    url: str
    body: str
    created_at: int
    attempts: tuple[Attempt, ...] = ()
    next_at: int | None = None

    @property
    def message(self) -> str:
        """The name of the message that has it sent."""
        return f"push:{self.id}"

    @property
    def lane(self) -> str:
        """Deliveries of one lane wait for each other: those to one target, and no others."""
        return f"push:{self.application}:{self.target}"

    @property
    def state(self) -> str:
        """Whether it was delivered, failed for good, or waits to be tried (again)."""
        if self.next_at is not None:
            return WAITING
        return DELIVERED if self.attempts and self.attempts[-1].outcome == DELIVERED else FAILED


def delivery_id(*about: str) -> str:
    """The id of the delivery that is about this: receivers know a repeat by it."""
    return f"dlv_{sha256(chr(0).join(about).encode()).hexdigest()[:24]}"
