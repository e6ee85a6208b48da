"""What clients asked, what they were told and what is there in the end: the values that the checker looks at.

Moments are seconds of one monotonic clock, that of the harness. Times of slots and events are Unix seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import msgspec

FOREVER = 1e18  # not infinity: JSON has none


class Outcome(StrEnum):
    """What a client knows of its call: done, not done, or nothing."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a call was about."""

    CREATE = "create"
    SELECT = "select"
    LIST = "list"
    READ = "read"
    HISTORY = "history"
    PUT = "put"
    DELETE = "delete"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Content:
    """What an event says."""

    summary: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a conversation's history."""

    type: str
    position: int | None
    starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer shows of a conversation: whether it is complete, and with which start."""

    complete: bool
    chosen: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A reading of one application's events in one account: those that overlap the window, by event id."""

    window: tuple[int, int]
    contents: dict[str, Content]
    all_of_them: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one client, sent once. What a repeat sends again is an operation of its own.

    An unknown one can have its effect until `until`, which may be long after the client gave up.
    """

    number: int
    client: str
    kind: Kind
    began: float
    ended: float
    outcome: Outcome
    status: int | None = None
    server: str = ""
    until: float = FOREVER
    key: str | None = None  # the Idempotency-Key
    error: str | None = None  # the first error key of a refusal
    application: str | None = None
    subject: str | None = None
    conversation: str | None = None
    position: int | None = None
    starts: tuple[int, ...] = ()
    account: str | None = None
    event_id: str | None = None
    content: Content | None = None  # of an event to be put; none: it is to be deleted
    seen: Seen | None = None
    entries: tuple[Entry, ...] | None = None
    page: Page | None = None

    @property
    def event(self) -> EventKey:
        """Which event this puts or deletes."""
        return (self.account or "", self.application or "", self.event_id or "")


EventKey = tuple[str, str, str]  # account, application, event id


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as it stands in the end; `accounts`, `automatic` and `selected` by position."""

    id: str
    application: str
    subject: str
    duration: int
    accounts: tuple[str | None, ...]
    automatic: tuple[bool, ...]
    selected: tuple[tuple[int, ...], ...]
    chosen: int | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as its application reads it in an account's calendar in the end."""

    account: str
    application: str
    event_id: str
    uid: str
    content: Content
    deleted: bool = False

    @property
    def key(self) -> EventKey:
        """Which event this is."""
        return (self.account, self.application, self.event_id)


@dataclass(frozen=True, slots=True)
class Booking:
    """Time of an account taken by a conversation."""

    account: str
    conversation: str
    start: int
    end: int
    released: bool = False


@dataclass(frozen=True, slots=True)
class Final:
    """All that is there when everything has come to rest."""

    talks: tuple[Talk, ...] = ()
    histories: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    events: tuple[StoredEvent, ...] = ()
    bookings: tuple[Booking, ...] = ()
    waiting: tuple[str, ...] = ()  # names of messages not carried out
    given_up: tuple[str, ...] = ()  # names of dead letters
    applications: tuple[str, ...] = ()  # names
    drained_after: float = 0.0  # seconds from the end of the load


@dataclass(frozen=True, slots=True)
class Start:
    """How many seconds a process took to be ready, and for how many of them it waited for a processor in use."""

    took: float
    queued: float = 0.0


@dataclass(frozen=True)
class Run:
    """A run that is over: all that the checker may know of it."""

    operations: tuple[Operation, ...]
    final: Final
    starts: tuple[Start, ...] = ()
    wrong: tuple[str, ...] = ()  # what the harness saw by itself: processes that ended, signals that did nothing
    commanded: tuple[str, ...] = ()  # names of applications whose creation a command has acknowledged
    keys_count: bool = False  # whether the service knows the Idempotency-Key

    @cached_property
    def talks(self) -> dict[str, Talk]:
        """The conversations by id."""
        return {one.id: one for one in self.final.talks}

    @cached_property
    def by_subject(self) -> dict[str, list[Talk]]:
        """The conversations by subject: each call to create one has a subject of its own, which its repeats share."""
        found = defaultdict(list)
        for one in self.final.talks:
            found[one.subject].append(one)
        return found

    @cached_property
    def by_talk(self) -> dict[str, list[Operation]]:
        """The operations on each conversation, those that created it included, in the order of their beginning."""
        found = defaultdict(list)
        for one in self._in_order:
            if one.conversation:
                found[one.conversation].append(one)
        return found

    @cached_property
    def writes(self) -> dict[EventKey, list[Operation]]:
        """The operations that put or delete each event, in the order of their beginning."""
        found = defaultdict(list)
        for one in self.of(Kind.PUT, Kind.DELETE):
            found[one.event].append(one)
        return found

    @cached_property
    def _in_order(self) -> list[Operation]:
        return sorted(self.operations, key=lambda one: one.began)

    def of(self, *kinds: Kind) -> Iterable[Operation]:
        """The operations of these kinds, in the order of their beginning."""
        return (one for one in self._in_order if one.kind in kinds)


def save(run: Run, path: Path) -> None:
    """Keep a run, so that it can be checked again."""
    path.write_bytes(msgspec.json.encode(run))


def load(path: Path) -> Run:
    """A run that was kept."""
    return msgspec.json.decode(path.read_bytes(), type=Run)
