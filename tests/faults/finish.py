"""What is there when a run is over: conversations and calendars as the API tells them, the rest from the database."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import product
from urllib.parse import urlsplit

import msgspec

from parley import data_center
from parley.settings import Settings
from parley.store.database import Database, Transaction
from tests.faults import answers
from tests.faults.history import Booking, Entry, Final, StoredEvent, Talk
from tests.faults.line import Json
from tests.faults.world import World

SECONDS = 60


def final(
    settings: Settings, world: World, address: tuple[str, int], drained_after: float, left: tuple[str, ...]
) -> Final:
    """Everything that is there."""
    connection = HTTPConnection(*address, timeout=SECONDS)
    dc = data_center.opened(settings)
    try:
        return Final(
            talks=tuple(_talks(connection, world)),
            histories=dc.db.read(_histories),
            events=tuple(_events(connection, world)),
            bookings=dc.db.read(_bookings),
            waiting=left,
            given_up=dc.db.read(_names, "select name from dead_letters"),
            applications=dc.db.read(_names, "select name from applications"),
            drained_after=drained_after,
        )
    finally:
        dc.db.close()
        connection.close()


def drained(database: Database, most: float) -> tuple[float, tuple[str, ...]]:
    """Wait until no message is left: how many seconds that took, and the names of those left all the same."""
    began = time.monotonic()
    while (left := database.read(_names, "select name from outbox order by name")) and time.monotonic() < began + most:
        time.sleep(0.2)
    return time.monotonic() - began, left


def _names(tx: Transaction, statement: str) -> tuple[str, ...]:
    return tuple(row[0] for row in tx.all(statement))


def _talks(connection: HTTPConnection, world: World) -> Iterator[Talk]:
    for application in world.applications:
        for page in _pages(connection, "/v1/scheduling_conversations", application.secret):
            yield from (answers.talk(one, application.id) for one in page["scheduling_conversations"])


def _events(connection: HTTPConnection, world: World) -> Iterator[StoredEvent]:
    everybody = [one for team in world.teams for one in team]
    path = "/v1/events?tzid=Etc/UTC&only_managed=true&include_deleted=true"
    for account, application in product(everybody, world.applications):
        named = {"client_id": application.id, "client_secret": application.secret}
        refresh_token = world.refresh_tokens[account.sub, application.id]
        body = {**named, "grant_type": "refresh_token", "refresh_token": refresh_token}
        token = _asked(connection, "POST", "/oauth/token", "", body)["access_token"]
        for page in _pages(connection, path, token):
            yield from (answers.stored_event(one, account.sub, application.id) for one in page["events"])


def _pages(connection: HTTPConnection, path: str | None, token: str) -> Iterator[Json]:
    while path:
        page = _asked(connection, "GET", path, token)
        yield page
        parts = urlsplit(page["pages"].get("next_page", ""))
        path = f"{parts.path}?{parts.query}".rstrip("?")


def _asked(connection: HTTPConnection, method: str, path: str, token: str, body: Json | None = None) -> Json:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, msgspec.json.encode(body) if body else None, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{method} {path} was answered with {answer.status} at the end: {content[:500]!r}")
    told: Json = msgspec.json.decode(content)
    return told


def _histories(tx: Transaction) -> dict[str, tuple[Entry, ...]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    rows = tx.all("select conversation_id, type, position, starts from history order by conversation_id, number")
    for talk, kind, position, starts in rows:
        found[talk].append(Entry(kind, position, msgspec.json.decode(starts, type=tuple[int, ...])))
    return {talk: tuple(entries) for talk, entries in found.items()}


def _bookings(tx: Transaction) -> tuple[Booking, ...]:
    rows = tx.all(
        "select sub, conversation_id, starts_at, ends_at, released_at from bookings"
        " join accounts on key = account_key order by sub, starts_at"
    )
    return tuple(Booking(*row[:4], released=row[4] is not None) for row in rows)
