"""An installation to measure: an application, people with busy calendars, conversations that wait for a choice."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.engine import SHUFFLE, meetings
from parley import data_center
from parley.actions import applications
from parley.core.access import ALL_SCOPES
from parley.core.account import Account, Calendar
from parley.core.conversation import Conversation, Method, Participant
from parley.core.event import Entry, empty
from parley.core.limits import DAY, HOUR
from parley.core.periods import Period
from parley.data_center import DataCenter
from parley.settings import Settings
from parley.store import accounts, conversations, events, outbox, tokens
from parley.store.database import Transaction
from parley.store.tokens import Authorization

ZONES = ("America/Chicago", "Europe/London", "Europe/Berlin", "Asia/Kolkata")


@dataclass(frozen=True)
class Installation:
    """The application that calls, its key, and the midnight at which the time of all conversations begins."""

    dc: DataCenter
    application: str
    key: str
    midnight: int
    chance: random.Random

    def people(self, count: int, meetings_each: int, days: int = 35) -> list[Account]:
        """New accounts that the application may act for, each with so many meetings in the next days."""
        return self.dc.db.write(lambda tx: [self._person(tx, meetings_each, days) for _ in range(count)])

    def _person(self, tx: Transaction, meetings_each: int, days: int) -> Account:
        dc, now = self.dc, self.dc.now()
        sub = dc.new_id("acc_")
        tzid = self.chance.choice(ZONES)
        account = Account(dc.new_key(), sub, f"{sub}@example.org", sub[:8].title(), tzid, dc.new_id("pro_"), now)
        calendar = Calendar(dc.new_id("cal_"), account.key, "Calendar", True, now)
        scope = " ".join(ALL_SCOPES)
        accounts.insert(tx, account)
        accounts.add_calendar(tx, calendar)
        tokens.insert(tx, Authorization(dc.new_key(), self.application, account.key, dc.new_id(""), scope, now))
        for number, period in enumerate(meetings(self.chance, self.midnight, days, meetings_each)):
            event = replace(empty(f"meeting-{number}", calendar.id, self.application), summary="Meeting", period=period)
            events.put(tx, Entry(dc.new_key(), account.key, calendar.id, self.application, event, now, now))
        return account

    def conversations(self, pairs: Sequence[tuple[Participant, Participant]], days: int) -> list[str]:
        """The ids of new conversations, one between each two people, about an hour in the next days."""
        opened = [self._conversation(pair, days) for pair in pairs]

        def record(tx: Transaction) -> None:
            for one in opened:
                conversations.insert(tx, one)

        self.dc.db.write(record)
        return [one.id for one in opened]

    def _conversation(self, people: tuple[Participant, Participant], days: int) -> Conversation:
        return Conversation(
            id=self.dc.new_id("scv_"),
            application=self.application,
            creator=None,
            created_at=self.dc.now(),
            participants=people,
            tzid="America/Chicago",
            subject="Project Titan review",
            event=None,
            duration=HOUR,
            periods=(Period(self.midnight, self.midnight + days * DAY),),
        )

    def keep_answer(self, name: str, answer: bytes) -> None:
        """Put an answer where the ceiling reads it."""
        sql = "insert into ceiling_answers (name, body) values (:name, :body)"
        self.dc.db.write(lambda tx: tx.run(sql, name=name, body=json_text(answer)))

    def waiting(self) -> int:
        """How many messages the worker has still to carry out."""
        return self.dc.db.read(outbox.waiting)


def json_text(answer: bytes) -> str:
    """The text of an answer, which must be JSON."""
    json.loads(answer)
    return answer.decode()


def opened(folder: Path) -> Installation:
    """A new installation in the folder."""
    dc = data_center.opened(Settings(data_dir=folder))
    made = applications.create(dc, "Bench")
    midnight = (dc.now() // DAY + 1) * DAY
    return Installation(dc, made.application.id, made.client_secret, midnight, random.Random(SHUFFLE))


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
