"""A worker that is stopped for longer than its lease, and wakes when others have done its work, leaves that alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import psycopg
import pytest

from tests.faults.calls import SECONDS, agreed, asked
from tests.faults.faults import LEASE
from tests.faults.installation import Shape, installed
from tests.faults.world import founded

SHAPE = Shape("postgresql", servers=1, workers=2, workers_inside=False)
WRITTEN = "select count(*) from history where type = 'event_written' and conversation_id = %s"
LEASED = "select count(*) from outbox where kind = 'event' and leased_until > 0"
LEFT = "select count(*) from outbox"
STANDING = "select count(*) from events where event_id = %s and deleted_at is null"


@pytest.fixture
def installation(tmp_path):
    with installed(tmp_path, SHAPE) as found:
        yield found


def until(happened: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)


@pytest.fixture
def connection(installation):
    """To the running server."""
    installation.servers[0].start()
    with closing(HTTPConnection(*installation.servers[0].address, timeout=SECONDS)) as found:
        yield found


@pytest.fixture
def watch(installation):
    with psycopg.connect(installation.settings.database, autocommit=True) as found:
        yield found


def test_a_worker_that_was_paused_for_longer_than_its_lease_does_not_act(installation, connection, watch):
    world, (paused, other) = founded(installation.settings, minutes=0), installation.workers
    first = agreed(connection, world)
    time.sleep(1.1)  # messages wait in the order of seconds
    second = agreed(connection, world)
    connection.close()  # the server does not keep it for as long as this takes; the next call opens it anew
    with psycopg.connect(installation.settings.database) as holder:
        holder.execute("select 1 from conversations where id = %s for update", [first])
        paused.start()  # claims the events of both, and waits at the first
        until(lambda: watch.execute(LEASED).fetchone() == (2,))
        paused.freeze()
        installation.advance(LEASE + 10)
        other.start()
        until(lambda: watch.execute(WRITTEN, [second]).fetchone() == (1,))
    delete_event(connection, world, second)
    paused.thaw()
    installation.advance(LEASE + 10)
    until(lambda: watch.execute(LEFT).fetchone() == (0,))
    installation.stop()  # whatever the paused worker still had in mind is done
    assert [one.wrong for one in installation.processes] == [[], [], []]
    assert [watch.execute(WRITTEN, [one]).fetchone() for one in (first, second)] == [(1,), (1,)]
    assert [watch.execute(STANDING, [one]).fetchone() for one in (first, second)] == [(1,), (0,)]


def delete_event(connection, world, conversation):
    account, application = world.teams[0][0], world.applications[0]
    token = world.tokens[account.sub, application.id]
    asked(connection, "DELETE", f"/v1/calendars/{account.calendar}/events", token, {"event_id": conversation})
