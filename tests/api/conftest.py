"""One running service for the tests of the API: each brings its own application and people, so none meets another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx2
import pytest

from parley import data_center
from parley.settings import Settings
from tests.conftest import ENGINES, Application, Clock, Person, Service, served
from tests.postgresql import Server

numbers = count(1)


def address() -> str:
    """An e-mail address that no other test uses."""
    return f"person-{next(numbers)}@example.org"


def error_keys(answer: httpx2.Response) -> dict[str, list[str]]:
    """The keys of a refusal by field."""
    return {path: [one["key"] for one in found] for path, found in answer.json()["errors"].items()}


@contextmanager
def standing(folder: Path, address: str | None) -> Iterator[Service]:
    """A service whose clock stands still."""
    clock = Clock()
    dc = data_center.opened(Settings(data_dir=folder, database=address, rate_limit="0"), now=clock)
    with served(dc, clock) as service:
        yield service
    dc.db.close()


@pytest.fixture(scope="session")
def sqlite_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service on SQLite that the tests share."""
    with standing(tmp_path_factory.mktemp("api") / "data", None) as service:
        yield service


@pytest.fixture(scope="session")
def postgresql_service(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Service]:
    """The service on PostgreSQL that the tests share."""
    with standing(tmp_path_factory.mktemp("api") / "data", server.new_database()) as service:
        yield service


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every database."""
    return request.param


@pytest.fixture
def service(engine: str, request: pytest.FixtureRequest) -> Iterator[Service]:
    """The shared service; a test that moves the clock takes `own_service`."""
    shared: Service = request.getfixturevalue(f"{engine}_service")
    before = len(shared.clients)
    yield shared
    for client in shared.clients[before:]:  # else thousands of connections would stay open to the end
        client.close()
    del shared.clients[before:]


@pytest.fixture
def own_service(serve, dc, clock) -> Service:
    """A service for one test, with a clock of its own."""
    return serve(dc, clock)


@pytest.fixture
def grace(service: Service, application: Application) -> Person:
    """Somebody with a calendar, in UTC."""
    return service.person(application, address())
