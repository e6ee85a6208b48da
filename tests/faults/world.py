"""What the load plays with: applications, the accounts that they share, and days that fill up one after the other."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from parley import data_center
from parley.actions import accounts as account_actions
from parley.actions import applications as application_actions
from parley.settings import Settings
from parley.store import accounts

DAY = 86400
HOUR = 3600
APPLICATIONS = 3
ACCOUNTS = 6  # of a team
DAYS = 150  # that a team can fill; the service looks 201 days ahead
TALKS = 20  # conversations about one day: few enough to end well, so many that they meet
FIRST_DAY = 3  # from today: the clock may be set wrong by less than that
MINUTES_OF_A_TEAM = 15


@dataclass(frozen=True)
class Application:
    """An application with its API key."""

    id: str
    name: str
    secret: str


@dataclass(frozen=True)
class Account:
    """An account and its calendar."""

    sub: str
    calendar: str


@dataclass
class Known:
    """What clients know of a conversation: who takes part, what was listed last, what they have selected."""

    id: str
    application: Application
    owner: str
    accounts: tuple[Account | None, ...]
    choosing: tuple[int, ...]  # positions of those who select
    links: tuple[str, ...]  # the participants' tokens
    duration: int
    listed: tuple[int, ...] = ()
    made: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    chosen: int | None = None


@dataclass
class World:
    """Everything that clients share."""

    applications: Sequence[Application]
    teams: Sequence[Sequence[Account]]
    tokens: dict[tuple[str, str], str]  # access tokens by account and application
    refresh_tokens: dict[tuple[str, str], str]
    first_day: int
    over: threading.Event = field(default_factory=threading.Event)
    numbers: count[int] = field(default_factory=count)
    opened: count[int] = field(default_factory=count)
    board: deque[Known] = field(default_factory=lambda: deque(maxlen=30))  # open to everybody
    latest: int = 0

    def place(self) -> tuple[int, Sequence[Account]]:
        """The day (its first second) and the team of the next conversation."""
        self.latest = next(self.opened)
        return self.at(self.latest)

    def at(self, number: int) -> tuple[int, Sequence[Account]]:
        """The day and the team of the conversation of this number."""
        day = self.first_day + number // TALKS % DAYS * DAY
        return day, self.teams[number // (TALKS * DAYS) % len(self.teams)]


def founded(settings: Settings, minutes: float) -> World:
    """A new world in the installation of these settings, large enough for a load of so many minutes."""
    dc = data_center.opened(settings)
    try:
        made = [application_actions.create(dc, f"Application {n}") for n in range(APPLICATIONS)]
        known = [Application(one.application.id, one.application.name, one.client_secret) for one in made]
        for one in known:
            application_actions.set_limits(dc, one.id, {"max_participants": 10, "max_selected_slots": 5})
        subs = [_account(dc, team, n) for team in range(1 + int(minutes / MINUTES_OF_A_TEAM)) for n in range(ACCOUNTS)]
        granted = {(sub.sub, one.id): account_actions.grant(dc, sub.sub, one.id) for sub in subs for one in known}
    finally:
        dc.db.close()
    return World(
        applications=known,
        teams=[subs[at : at + ACCOUNTS] for at in range(0, len(subs), ACCOUNTS)],
        tokens={key: one.access_token for key, one in granted.items()},
        refresh_tokens={key: one.refresh_token for key, one in granted.items()},
        first_day=(int(time.time()) // DAY + FIRST_DAY) * DAY,
    )


def _account(dc: data_center.DataCenter, team: int, number: int) -> Account:
    made = account_actions.create(dc, f"person-{number}@team-{team}.example.org", f"Person {number}", "Etc/UTC")
    return Account(made.sub, dc.db.read(accounts.calendars, made.key)[0].id)


def drawn(chance: Random, weighted: dict[str, int]) -> str:
    """One of the names, by weight."""
    return chance.choices(list(weighted), list(weighted.values()))[0]
