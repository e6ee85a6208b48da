"""An installation to measure: an application, people with busy calendars, conversations that wait for a choice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench.bulk import COPIES, Bulk, copied_id, filling, multiplying, new_id, new_key
from bench.databases import Place
from bench.engine import SHUFFLE, meetings
from parley import data_center
from parley.actions import applications
from parley.core import event
from parley.core.access import ALL_SCOPES
from parley.core.account import Account, Calendar
from parley.core.conversation import Change, Conversation, Method, Participant, Type
from parley.core.limits import DAY, HOUR
from parley.core.periods import Period
from parley.data_center import DataCenter
from parley.store import accounts, bookings, conversations, events, history, outbox, tokens
from parley.store.tokens import Authorization

ZONES = ("America/Chicago", "Europe/London", "Europe/Berlin", "Asia/Kolkata")
SUBJECT = "Project Titan review"
TZID = "America/Chicago"
DECIDED = (Type.CREATED, Type.SELECTED, Type.AGREED, Type.EVENT_WRITTEN)


@dataclass(frozen=True)
class Person:
    """Somebody with a calendar."""

    account: Account
    calendar: Calendar


@dataclass(frozen=True)
class Installation:
    """The application that calls, its key, and the midnight at which the time of all conversations begins."""

    place: Place
    dc: DataCenter
    application: str
    key: str
    midnight: int
    chance: random.Random

    def people(self, count: int, meetings_each: int, days: int = 35) -> list[Account]:
        """New accounts that the application may act for, each with so many meetings in the next days."""
        with filling(self.place.database) as bulk:
            return [self.person(bulk, meetings_each, days).account for _ in range(count)]

    def person(self, bulk: Bulk, meetings_each: int, days: int) -> Person:
        """One such account."""
        now, sub = self.dc.now(), new_id(self.chance, "acc_")
        tzid, name = self.chance.choice(ZONES), sub[:8].title()
        account = Account(new_key(self.chance), sub, f"{sub}@example.org", name, tzid, new_id(self.chance, "pro_"), now)
        calendar = Calendar(new_id(self.chance, "cal_"), account.key, "Calendar", True, now)
        scope = " ".join(ALL_SCOPES)
        accounts.insert(bulk, account)
        accounts.add_calendar(bulk, calendar)
        refresh = new_id(self.chance, "")
        tokens.insert(bulk, Authorization(new_key(self.chance), self.application, account.key, refresh, scope, now))
        for number, period in enumerate(meetings(self.chance, self.midnight, days, meetings_each)):
            planned = replace(
                event.empty(f"meeting-{number}", calendar.id, self.application), summary="Meeting", period=period
            )
            self._stand(bulk, account, calendar, planned)
        return Person(account, calendar)

    def _stand(self, bulk: Bulk, account: Account, calendar: Calendar, planned: event.Event) -> None:
        now = self.dc.now()
        events.put(
            bulk, event.Entry(new_key(self.chance), account.key, calendar.id, self.application, planned, now, now)
        )

    def conversations(self, pairs: Sequence[tuple[Participant, Participant]], days: int) -> list[str]:
        """The ids of new conversations, one between each two people, about an hour in the next days."""
        window = Period(self.midnight, self.midnight + days * DAY)
        opened = [self.conversation(pair, window, self.dc.now()) for pair in pairs]
        with filling(self.place.database) as bulk:
            for one in opened:
                self.open(bulk, one)
        return [one.id for one in opened]

    def conversation(self, people: tuple[Participant, ...], window: Period, created_at: int) -> Conversation:
        """A new conversation about an hour."""
        return Conversation(
            id=new_id(self.chance, "scv_"),
            application=self.application,
            creator=None,
            created_at=created_at,
            participants=people,
            tzid=TZID,
            subject=SUBJECT,
            event=None,
            duration=HOUR,
            periods=(window,),
        )

    def open(self, bulk: Bulk, conversation: Conversation) -> None:
        """Record that it was opened."""
        conversations.insert(bulk, conversation)
        history.add(bulk, conversation.id, [Change(Type.CREATED)], conversation.created_at, "api")

    def crowd(self, count: int, meetings_each: int, days: int) -> list[str]:
        """The ids of at least so many new conversations, each of a busy organizer of its own."""
        window = Period(self.midnight, self.midnight + days * DAY)
        with multiplying(self.place.database) as bulk:
            hosts = [self.person(bulk, meetings_each, days) for _ in range(-(-count // COPIES))]
            opened = [self.conversation((organizer(one.account), guest()), window, self.dc.now()) for one in hosts]
            for one in opened:
                self.open(bulk, one)
        return [copied_id(one.id, copy) for copy in range(COPIES) for one in opened]

    def agreed(self, bulk: Bulk, host: Person, created_at: int) -> str:
        """The id of a conversation in which the guest has chosen, recorded with all that follows from it."""
        start = created_at - created_at % DAY + 7 * DAY + 6 * HOUR
        people = organizer(host.account), replace(guest(), selected=(start,), turn=1)
        opened = self.conversation(people, Period(start - 6 * HOUR, start + 7 * DAY), created_at)
        decided = replace(opened, chosen=start, version=1)
        conversations.insert(bulk, decided)
        changes = [Change(one, starts=(start,) if one is not Type.CREATED else ()) for one in DECIDED]
        history.add(bulk, decided.id, changes, created_at, "api")
        bookings.take(bulk, decided.id, host.account.key, decided.slot(start))
        emails = {host.account.key: host.account.email or ""}
        self._stand(bulk, host.account, host.calendar, event.of_agreement(decided, emails))
        return decided.id

    def waiting(self) -> int:
        """How many messages the worker has still to carry out."""
        return self.dc.db.read(outbox.waiting)


@contextmanager
def opened(place: Place) -> Iterator[Installation]:
    """A new installation."""
    dc = data_center.opened(place.settings())
    made = applications.create(dc, "Bench")
    midnight = (dc.now() // DAY + 1) * DAY
    try:
        yield Installation(place, dc, made.application.id, made.client_secret, midnight, random.Random(SHUFFLE))
    finally:
        dc.db.close()


def organizer(account: Account, method: Method = Method.AUTO) -> Participant:
    """Somebody whose calendar answers for them."""
    return Participant(
        participant_id="@grace", sub=account.sub, common_name="Grace Devlin", method=method, account=account.key
    )


def guest(account: Account | None = None) -> Participant:
    """Somebody who chooses, with or without a calendar."""
    return Participant(
        participant_id="@karl",
        sub=account.sub if account else None,
        common_name="Karl Cramer",
        account=account.key if account else None,
    )
