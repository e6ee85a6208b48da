"""Several running services on one PostgreSQL database, each a process of its own, that are called at once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier

import psycopg
import pytest

from parley.actions import accounts, applications
from parley.actions.accounts import Grant
from tests.command_line.conftest import Serving, Shell
from tests.conftest import Client
from tests.make import person, proposal

SERVICES = 3
CLIENTS = 9
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
EVERYTHING = {"tzid": "Etc/UTC", "include_managed": "true"}


@pytest.fixture(params=["postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """A file takes one service only."""
    return request.param


def instant(minutes: int) -> datetime:
    """So many minutes after nine, tomorrow."""
    return TOMORROW + timedelta(hours=9, minutes=minutes)


def text(minutes: int) -> str:
    return instant(minutes).strftime("%Y-%m-%dT%H:%M:%SZ")


def chosen(minutes: int) -> dict:
    return {"selected_slots": [{"slot_id": f"slt_{int(instant(minutes).timestamp())}"}]}


@dataclass
class Installation:
    """The services, an application, and two accounts for which it may act."""

    address: str
    urls: list[str]
    secret: str
    grants: list[Grant]

    def client(self, number: int, token: str | None = None) -> Client:
        """A client of one of the services."""
        return Client(self.urls[number % len(self.urls)], token or self.secret)

    def about(self, *people: dict) -> dict:
        """What asks for an hour between nine and five."""
        return proposal(*people, available_periods=[{"start": text(0), "end": text(480)}])

    def auto(self, number: int) -> dict:
        """One of the accounts, as somebody whose calendar decides."""
        return person(f"@auto-{number}", "auto", sub=self.grants[number].account.sub)

    def rows(self, statement: str) -> list[tuple]:
        """What the database holds."""
        with psycopg.connect(self.address) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture
def installation(dc, tmp_path) -> Iterator[Installation]:
    application = applications.create(dc, "Test")
    applications.set_limits(dc, application.application.id, {"max_participants": 3})
    people = [accounts.create(dc, f"{name}@example.org", None, "Etc/UTC").sub for name in ("grace", "karl")]
    grants = [accounts.grant(dc, sub, application.application.id) for sub in people]
    shell = Shell(tmp_path, {"database": dc.settings.database, "rate_limit": "0"})
    with ThreadPoolExecutor(SERVICES) as pool:
        services = list(pool.map(lambda _: Serving(shell), range(SERVICES)))
    yield Installation(dc.settings.database, [one.url for one in services], application.client_secret, grants)
    for one in services:
        one.process.kill()
        one.process.communicate()


def together(works: list[Callable[[], list[int]]]) -> Counter[int]:
    """How often each status was answered to these, which begin at the same moment."""
    barrier = Barrier(len(works))

    def carried_out(work):
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return Counter(status for told in pool.map(carried_out, works) for status in told)


def overlapping(rows: list[tuple]) -> list[tuple]:
    """Neighbours, in (account, start, end), of one account that overlap."""
    return [(a, b) for a, b in pairwise(sorted(rows)) if a[0] == b[0] and b[1] < a[2]]


def test_of_selections_of_one_time_at_several_services_one_is_booked(installation):
    with installation.client(0) as client:
        body = installation.about(installation.auto(0), person("@guest"))
        opened = [client.open(body) for _ in range(3 * CLIENTS)]

    def select(number):
        with installation.client(number) as client:
            return [client.select(one, 1, chosen(60)).status_code for one in opened[number::CLIENTS]]

    told = together([lambda n=n: select(n) for n in range(CLIENTS)])
    assert told == {200: 1, 422: 3 * CLIENTS - 1}
    assert len(installation.rows("select * from bookings")) == 1


def act(installation: Installation, number: int, dice: random.Random) -> list[int]:
    """Open, select, and move time about, at one service; the statuses of the answers."""
    told = []
    token = installation.grants[number % 2].access_token
    with installation.client(number) as client, installation.client(number, token) as owner:
        calendar = owner.get("/v1/calendars").json()["calendars"][0]["calendar_id"]
        events = f"/v1/calendars/{calendar}/events"
        for _ in range(5):
            both = dice.sample([installation.auto(0), installation.auto(1)], 2)
            answer = client.post("/v1/scheduling_conversations", json=installation.about(*both, person("@guest")))
            minutes = dice.randrange(0, 420, 15)
            event = {"event_id": "e", "summary": "Busy", "start": text(minutes), "end": text(minutes + 15)}
            told += [answer.status_code, client.select(answer.json(), 2, chosen(minutes)).status_code]
            told += [owner.post(events, json=event).status_code]
            told += [owner.request("DELETE", events, json={"event_id": "e"}).status_code]
            for one in owner.get("/v1/events", params=EVERYTHING).json()["events"]:
                if dice.random() < 0.2:
                    gone = owner.request("DELETE", events, json={"event_id": one["event_id"]})
                    told.append(gone.status_code)
    return told


def test_services_that_do_everything_at_once_never_fail_nor_let_bookings_overlap(installation):
    told = together([lambda n=n: act(installation, n, random.Random(n)) for n in range(CLIENTS)])
    assert set(told) <= {200, 202, 422}, told
    standing = "select account_key, starts_at, ends_at from bookings where released_at is null"
    assert overlapping(installation.rows(standing)) == []
    complete = installation.rows("select id from conversations where is_open = 0")
    booked = Counter(row[0] for row in installation.rows("select conversation_id from bookings"))
    assert len(complete) > 2
    assert booked == {row[0]: 2 for row in complete}
