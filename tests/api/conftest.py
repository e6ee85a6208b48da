"""One running service for the tests of the API: each brings its own application and people, so none meets another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx2
import pytest

from parley import data_center
from parley.settings import Settings
from tests.conftest import Application, Clock, Person, Service, served

numbers = count(1)


def address() -> str:
    """An e-mail address that no other test uses."""
    return f"person-{next(numbers)}@example.org"


def error_keys(answer: httpx2.Response) -> dict[str, list[str]]:
    """The keys of a refusal by field."""
    return {path: [one["key"] for one in found] for path, found in answer.json()["errors"].items()}


@pytest.fixture(scope="session")
def standing_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service that the tests share; its clock stands still."""
    clock = Clock()
    dc = data_center.opened(Settings(data_dir=tmp_path_factory.mktemp("api") / "data"), now=clock)
    with served(dc, clock) as service:
        yield service
    dc.db.close()


@pytest.fixture
def service(standing_service: Service) -> Service:
    """The shared service; a test that moves the clock takes `own_service`."""
    return standing_service


@pytest.fixture
def own_service(serve, dc, clock) -> Service:
    """A service for one test, with a clock of its own."""
    return serve(dc, clock)


@pytest.fixture
def grace(service: Service, application: Application) -> Person:
    """Somebody with a calendar, in UTC."""
    return service.person(application, address())
