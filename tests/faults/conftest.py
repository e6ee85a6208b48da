"""The short runs tell their seed and what they counted, whether they succeed or not."""

from __future__ import annotations

import pytest

LINES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """There is nothing to tell yet."""
    config.stash[LINES] = []


@pytest.fixture
def told(request: pytest.FixtureRequest) -> list[str]:
    """Lines to be shown when all tests are over."""
    return request.config.stash[LINES]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show them."""
    if config.stash[LINES]:
        terminalreporter.section("faults")
        terminalreporter.write_line("\n".join(config.stash[LINES]))
