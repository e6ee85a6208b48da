"""When to try a message again."""

from __future__ import annotations

from parley.core.limits import HOUR


def pause(attempts: int) -> int:
    """Seconds to wait after this many failed attempts: 2, 4, 8 and so on, an hour at most."""
    return int(min(2.0 ** min(attempts, 20), HOUR))
