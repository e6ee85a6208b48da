"""What every answer is made of: times, JSON bytes, pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import msgspec

from parley.core import zones
from parley.core.conversation import Location
from parley.core.limits import DAY, MINUTE

encode = msgspec.json.Encoder().encode
SHOWN_LOCALLY = range(-62135596800 + DAY, 253402300800 - DAY)  # further out a zone's clock may leave the calendar


@lru_cache(maxsize=4096)  # of the quarter hours of six weeks, which is what most answers are about
def time_text(instant: int) -> str:
    """Exactly `YYYY-MM-DDTHH:MM:SSZ`: some libraries parse nothing else."""
    return datetime.fromtimestamp(instant, UTC).isoformat()[:19] + "Z"


def local_text(instant: int, tzid: str) -> str:
    """The time on the zone's clock, with its offset; in UTC where the offset is none in whole minutes."""
    ahead = zones.offset(tzid, instant) if instant in SHOWN_LOCALLY else 0
    if ahead == 0 or ahead % MINUTE:
        return time_text(instant)
    return datetime.fromtimestamp(instant, timezone(timedelta(seconds=ahead))).isoformat()


def moment_text(moment: int | date, tzid: str) -> str:
    """An instant on the zone's clock, or a day."""
    return moment.isoformat() if isinstance(moment, date) else local_text(moment, tzid)


def location(place: Location) -> dict[str, str]:
    """A location, without what it does not say."""
    told = {"description": place.description, "lat": place.lat, "long": place.long}
    return {name: value for name, value in told.items() if value is not None}


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
