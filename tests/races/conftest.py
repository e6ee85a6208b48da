"""What races are run with."""

import pytest

from tests.conftest import BEHIND_PGBOUNCER, ENGINES


@pytest.fixture(params=[*ENGINES, BEHIND_PGBOUNCER])
def engine(request: pytest.FixtureRequest) -> str:
    """Every database."""
    return request.param
