"""An event of a calendar, as an application writes it or an agreement makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from parley.core.conversation import Conversation, Location
from parley.core.periods import FOREVER, Period
from parley.core.zones import local_days

OPAQUE, TRANSPARENT, TENTATIVE = "opaque", "transparent", "tentative"
ACCEPTED, DECLINED = "accepted", "declined"
ANSWERS = (ACCEPTED, TENTATIVE, DECLINED)


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited; status as in an iCalendar PARTSTAT, in lower case."""

    email: str | None = None
    display_name: str | None = None
    status: str = "needs_action"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `period` is what it takes in time, `days` its first day and the day after its last, if it is all-day.

    `event_id` is the application's, `uid` that of iCalendar. `tzid` and `end_tzid` are the zones of start and end.
    """

    event_id: str
    uid: str
    summary: str
    period: Period
    days: tuple[date, date] | None = None
    tzid: str | None = None
    end_tzid: str | None = None
    description: str | None = None
    location: Location | None = None
    url: str | None = None
    transparency: str = OPAQUE
    extended_transparency: str | None = None
    color: str | None = None
    event_private: bool = False
    reminders: tuple[int, ...] = ()
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    participation: str = ACCEPTED  # what the calendar's owner answers

    @property
    def blocks(self) -> bool:
        """Whether its time counts as busy."""
        return self.transparency != TRANSPARENT and self.participation != DECLINED

    @property
    def free_busy_status(self) -> str:
        """What it says about its time: free, tentative or busy."""
        if not self.blocks:
            return "free"
        return TENTATIVE if TENTATIVE in (self.participation, self.extended_transparency) else "busy"

    def answered(self, status: str, email: str | None) -> Event:
        """The event once the calendar's owner, who may be among the attendees by this address, has answered."""
        owner = (email or "").lower()
        people = (
            replace(one, status=status) if owner and (one.email or "").lower() == owner else one
            for one in self.attendees
        )
        return replace(self, participation=status, attendees=tuple(people))


@dataclass(frozen=True, slots=True)
class Entry:
    """An event where it stands: in which calendar, written by which application, since when."""

    key: int
    account: int
    calendar_id: str
    application: str
    event: Event
    created_at: int
    updated_at: int
    deleted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Which events an application reads: those of others that overlap `window`, its own that overlap `own_window`.

    With `deleted` those too that are no longer there; without `free` only what blocks. No `calendar_ids`: all of them.
    """

    window: Period
    own_window: Period
    deleted: bool = False
    free: bool = True
    modified_since: int = -FOREVER
    calendar_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventChange:
    """What an application says of an event; `fields` are the optional ones that it named, cleared ones as None."""

    event_id: str
    summary: str
    start: int | date
    end: int | date
    fields: dict[str, Any]
    invited: tuple[Attendee, ...] = ()
    removed: frozenset[str] = frozenset()

    def applied_to(self, event: Event, account_tzid: str) -> Event:
        """The event after the change; all-day events take the local days of their zone, or else the account's."""
        changed = replace(event, summary=self.summary, **{name: _cleared(name, v) for name, v in self.fields.items()})
        period, days = _time(self.start, self.end, changed.tzid or account_tzid)
        return replace(changed, period=period, days=days, attendees=self._attendees(event.attendees))

    def _attendees(self, before: Sequence[Attendee]) -> tuple[Attendee, ...]:
        invited = {(one.email or "").lower(): one for one in self.invited}
        known = {(one.email or "").lower(): one.status for one in before}
        kept = [one for one in before if one.email is None or one.email.lower() not in self.removed | invited.keys()]
        return (*kept, *(replace(one, status=known.get(email, one.status)) for email, one in invited.items()))


def _time(start: int | date, end: int | date, tzid: str) -> tuple[Period, tuple[date, date] | None]:
    if isinstance(start, date) and isinstance(end, date):
        return local_days(tzid, start, end), (start, end)
    if isinstance(start, int) and isinstance(end, int):
        return Period(start, end), None
    raise TypeError("start and end are both instants or both days")


def _cleared(name: str, value: Any) -> Any:
    return Event.__dataclass_fields__[name].default if value is None else value


def empty(event_id: str, calendar_id: str, application: str) -> Event:
    """The event of an application before anything is known of it; its UID follows from what identifies it."""
    return Event(event_id, f"{_short_digest(application, calendar_id, event_id)}@parley", "", Period(0, 0))


def _short_digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:24]


def external_uid(calendar_id: str, uid: str) -> str:
    """How an application calls an event that it did not write."""
    return f"evt_external_{_short_digest(calendar_id, uid)}"


def conversation_uid(conversation_id: str) -> str:
    """The iCalendar UID of an agreement's event, the same in every calendar."""
    return f"{conversation_id}@parley"


def conversation_of(uid: str) -> str:
    """The conversation that an event of this UID would come from."""
    return uid.removesuffix("@parley")


def of_agreement(conversation: Conversation, emails: dict[int, str]) -> Event:
    """The event of a complete conversation; `emails` are addresses of accounts, for participants named without one."""
    if conversation.chosen is None:
        raise ValueError("only an agreement makes an event")
    people = tuple(
        Attendee(one.email or emails.get(one.account or 0), one.common_name, "accepted")
        for one in conversation.participants
    )
    return Event(
        event_id=conversation.id,
        uid=conversation_uid(conversation.id),
        summary=conversation.title,
        period=conversation.slot(conversation.chosen),
        tzid=conversation.tzid,
        end_tzid=conversation.tzid,
        location=conversation.location,
        organizer=people[0],
        attendees=people,
    )


@dataclass(frozen=True, slots=True)
class AgreedEvent:
    """An event to be written for a participant of an agreement, with all that is needed to write it."""

    conversation_id: str
    position: int
    account: int
    calendar_id: str
    application: str
    event: Event

    def entry(self, key: int, now: int) -> Entry:
        """The event where it will stand."""
        return Entry(key, self.account, self.calendar_id, self.application, self.event, now, now)
