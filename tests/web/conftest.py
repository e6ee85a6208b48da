"""One running service for the tests of the pages: each brings its own application and people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from parley import data_center
from parley.settings import Settings
from tests.conftest import Application, Clock, Person, Service, served
from tests.make import SUNDAY_NOON
from tests.web.talk import Talk, talk

numbers = count(1)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service that the tests of the pages share."""
    clock = Clock()
    dc = data_center.opened(Settings(data_dir=tmp_path_factory.mktemp("web") / "data", rate_limit="0"), now=clock)
    with served(dc, clock) as service:
        yield service
    dc.db.close()


@pytest.fixture
def clock(shared: Service) -> Iterator[Clock]:
    """The service's clock, at Sunday noon again after the test."""
    yield shared.clock
    shared.clock.instant = SUNDAY_NOON


@pytest.fixture
def service(shared: Service, clock: Clock) -> Service:
    """The shared service."""
    return shared


@pytest.fixture
def grace(service: Service, application: Application) -> Person:
    """Somebody with a calendar, in UTC, whom no other test knows."""
    return service.person(application, f"grace-{next(numbers)}@example.org")


@pytest.fixture
def two(service: Service, application: Application) -> Talk:
    """A conversation between Grace and Karl, who both choose."""
    return talk(service, application.client)
