"""A database brought up to date, with some of what others refer to."""

import pytest

from parley.core.account import Account, Calendar
from parley.store import accounts, applications, database
from parley.store.applications import Application
from tests.conftest import BEHIND_PGBOUNCER, ENGINES
from tests.make import SUNDAY_NOON

GRACE = Account(1, "acc_1", "Grace@example.org", "Grace", "Etc/UTC", "pro_1", SUNDAY_NOON)
KARL = Account(2, "acc_2", "karl@example.org", None, "Europe/Berlin", "pro_2", SUNDAY_NOON)


@pytest.fixture(params=[*ENGINES, BEHIND_PGBOUNCER])
def engine(request: pytest.FixtureRequest) -> str:
    """Every database."""
    return request.param


@pytest.fixture
def db(tmp_path, database_address):
    opened = database.opened(database_address or tmp_path / "parley.db")
    opened.migrate()
    opened.write(fill)
    yield opened
    opened.close()


def fill(tx):
    for name in ("app", "other"):
        applications.insert(tx, Application(name, name.title(), SUNDAY_NOON))
    for account in (GRACE, KARL):
        accounts.insert(tx, account)
        accounts.add_calendar(tx, Calendar(f"cal_{account.key}", account.key, "Calendar", True, SUNDAY_NOON))
