"""What every answer is made of: times, JSON bytes, pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from parley.core.conversation import Location

encode = msgspec.json.Encoder().encode


def time_text(instant: int) -> str:
    """Exactly `YYYY-MM-DDTHH:MM:SSZ`: some libraries parse nothing else."""
    return datetime.fromtimestamp(instant, UTC).isoformat()[:19] + "Z"


def location(place: Location) -> dict[str, str]:
    """A location, without what it does not say."""
    told = {"description": place.description, "lat": place.lat, "long": place.long}
    return {name: value for name, value in told.items() if value is not None}


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
