"""A service that may call receivers on this machine, with either database; its worker works when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parley import data_center
from parley.data_center import DataCenter
from parley.settings import Settings
from tests.conftest import ENGINES, Clock
from tests.receiver import Receiver, receiving


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every database."""
    return request.param


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An application's server."""
    with receiving() as started:
        yield started


@pytest.fixture
def elsewhere() -> Iterator[Receiver]:
    """Another one."""
    with receiving() as started:
        yield started


@pytest.fixture
def dc(
    tmp_path: Path, clock: Clock, database_address: str | None, receiver: Receiver, elsewhere: Receiver
) -> Iterator[DataCenter]:
    """An installation that may call both."""
    settings = Settings(
        data_dir=tmp_path / "data",
        database=database_address,
        rate_limit="0",
        outbound_allow=f"{receiver.allowed}, {elsewhere.allowed}",
    )
    opened = data_center.opened(settings, now=clock)
    yield opened
    opened.db.close()


@pytest.fixture
def channel(grace, receiver):
    """Open a channel of Grace's; its id."""

    def opened(to=receiver, client=grace.client, **wishes):
        answer = client.post("/v1/channels", json={"callback_url": to.url, **wishes})
        assert answer.status_code == 200, answer.text
        return answer.json()["channel"]["channel_id"]

    return opened


@pytest.fixture
def fresh(service, application, grace):
    """A client of Grace's whatever the clock shows: with a token of this moment."""
    return lambda: service.client(service.token(grace, application, "read_write"))


@pytest.fixture
def deliveries(fresh):
    """What was sent to a channel, as the API tells it."""
    return lambda channel_id: fresh().get(f"/v1/channels/{channel_id}/deliveries").json()["deliveries"]


@pytest.fixture
def write(grace, fresh):
    """Write an event of Grace's on Monday."""
    primary = grace.calendar

    def put(event_id="lunch", client=None, calendar=primary, start="2031-05-05T12:00:00Z"):
        body = {"event_id": event_id, "summary": "Lunch", "start": start, "end": "2031-05-05T13:00:00Z"}
        answer = (client or fresh()).post(f"/v1/calendars/{calendar}/events", json=body)
        assert answer.status_code == 202, answer.text

    return put
