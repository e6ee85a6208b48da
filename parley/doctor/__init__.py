"""Looks at an installation and says what is wrong with it and what to do; changes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from platform import python_version

from parley.doctor import clocks, databases, mail, outside, place
from parley.doctor.finding import Finding, well
from parley.settings import Settings


def examined(settings: Settings) -> Iterator[Finding]:
    """What every check finds, as they go."""
    before = clocks.jumps()
    yield well("version", f"Parley {version('parley')}, Python {python_version()}")
    yield place.settings_known(os.environ)
    yield from place.folder(settings)
    yield from place.disk(settings)
    told = databases.examined(settings, int(time.time()))
    yield from told.findings
    yield from clocks.zone_data(datetime.now(UTC).year, clocks.search_path())
    yield outside.base_url(settings, told.link())
    yield from mail.examined(settings)
    yield clocks.clock(time.time(), told.newest.created_at if told.newest else None, clocks.jumps() - before)
