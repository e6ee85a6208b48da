"""One running service for the libraries, as the tests of the API have one: each test brings its own application."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parley.actions import accounts, applications
from tests.api.conftest import grace, postgresql_service, service, sqlite_service
from tests.conftest import Application, Person, Service

__all__ = ["grace", "postgresql_service", "service", "sqlite_service"]

REDIRECT_URI = "https://app.example/callback"


@pytest.fixture
def application(service: Service) -> Application:
    """An application to which a code may be sent."""
    made = applications.create(service.dc, "Test", (REDIRECT_URI,))
    return Application(made.application.id, made.client_secret, service.client(made.client_secret))


@pytest.fixture
def code(service: Service, application: Application) -> Callable[[Person], str]:
    """Codes as `parley account authorize` makes them."""
    return lambda person: accounts.authorize(service.dc, person.sub, application.id, REDIRECT_URI)
