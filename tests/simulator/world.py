"""The world: accounts with their time, the conversations of several applications, messages that wait, and a clock.

It stands in for database, worker and calendars. Only the functions in `Rules` are the product's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from parley.core import conversation as core
from parley.core.availability import Availability, Hours
from parley.core.conversation import Change, Conversation, Type
from parley.core.limits import Limits
from parley.core.periods import Period, hull
from tests.simulator import judge


@dataclass
class Account:
    """Somebody's time: events, bookings by conversation, and stored Available Periods by application."""

    key: int
    events: list[Period] = field(default_factory=list)
    bookings: dict[str, Period] = field(default_factory=dict)
    opened: dict[str, tuple[Period, ...]] = field(default_factory=dict)
    version: int = 0

    @property
    def taken(self) -> list[Period]:
        """When they are busy."""
        return [*self.events, *self.bookings.values()]


@dataclass(frozen=True)
class Reading:
    """What one transaction reads: a conversation, what can be chosen in it, and how old all that is.

    `selectable` is the judge's own answer to what `availability` answers.
    """

    talk: Conversation
    availability: Availability
    selectable: frozenset[int]
    versions: tuple[int, ...]


def booked(talk: Conversation) -> list[tuple[int, Period]]:
    """The time that an agreement takes, of which accounts."""
    return [(key, talk.slot(talk.chosen)) for key in talk.accounts if talk.chosen is not None]


def is_current(world: World, reading: Reading) -> bool:
    """Whether nothing that was read has been changed since."""
    stored = world.talks.get(reading.talk.id)
    return reading.versions == world.versions(reading.talk) and (stored is None or stored == reading.talk)


def told_of(account: int) -> list[int]:
    """The accounts whose conversations are settled after this one's time has changed."""
    return [account]


@dataclass(frozen=True)
class Rules:
    """What is on trial: the functions of the core, and what is recorded along with their answers."""

    select: Callable[..., core.Decision] = core.select
    settle: Callable[..., core.Decision] = core.settle
    possible_actions: Callable[..., list[core.Action]] = core.possible_actions
    availability: Callable[..., Availability] = Availability
    booked: Callable[[Conversation], list[tuple[int, Period]]] = booked
    is_current: Callable[[World, Reading], bool] = is_current
    told_of: Callable[[int], list[int]] = told_of


class World:
    """All that is stored, and the one way in which decisions get there."""

    def __init__(self, rules: Rules, now: int) -> None:
        self.rules = rules
        self.now = self.latest = now
        self.accounts: dict[int, Account] = {}
        self.limits: dict[str, Limits] = {}  # by application
        self.talks: dict[str, Conversation] = {}
        self.history: dict[str, list[Change]] = {}
        self.released: set[tuple[int, str]] = set()  # bookings whose event was moved or deleted
        self.messages: list[int] = []  # accounts whose conversations are to be settled

    def read(self, talk: Conversation) -> Reading:
        """What a transaction sees now of this conversation and its people's time."""
        slots = self.rules.availability(talk.periods, talk.duration, self.blocked(talk), self.now)
        return Reading(talk, slots, judge.selectable(self, talk), self.versions(talk))

    def blocked(self, talk: Conversation) -> list[Period]:
        """The time in which somebody is busy or closed, as the product gathers it."""
        window = hull(talk.periods)
        found = []
        for one in talk.participants:
            if one.account is None:
                continue
            account = self.accounts[one.account]
            stored = account.opened.get(talk.application)
            found += account.taken
            found += Hours(periods=stored).closed(window) if one.managed_availability and stored else []
        return found

    def versions(self, talk: Conversation) -> tuple[int, ...]:
        """How often the time of each account in the conversation has changed."""
        return tuple(self.accounts[key].version for key in talk.accounts)

    def record(self, reading: Reading, decided: Conversation, changes: list[Change]) -> bool:
        """Store a decision with history, bookings and messages in one step; not one that was made on an older world."""
        if not self.rules.is_current(self, reading):
            return False
        if not changes:
            return True
        self.talks[decided.id] = replace(decided, version=decided.version + 1)
        self.history.setdefault(decided.id, []).extend(changes)
        if any(one.type is Type.AGREED for one in changes):
            for key, slot in self.rules.booked(decided):
                self.accounts[key].bookings[decided.id] = slot
                self.time_changed(self.accounts[key])
        return True

    def time_changed(self, account: Account) -> None:
        """Remember that what was read of this account is old, and that its conversations are to be settled."""
        account.version += 1
        self.messages += self.rules.told_of(account.key)

    def open_of(self, account: int) -> list[str]:
        """The open conversations that the account takes part in."""
        return [talk.id for talk in self.talks.values() if not talk.is_complete and account in talk.accounts]

    def fingerprint(self) -> tuple[object, ...]:
        """All that is stored, copied: two of them are equal when nothing has changed in between."""
        talks = [
            (talk.id, talk.chosen, talk.version, [(one.selected, one.turn, one.method) for one in talk.participants])
            for talk in self.talks.values()
        ]
        accounts = [
            (one.version, tuple(one.events), tuple(one.bookings.items()), tuple(one.opened.items()))
            for one in self.accounts.values()
        ]
        return talks, accounts, list(self.messages), [len(one) for one in self.history.values()]
