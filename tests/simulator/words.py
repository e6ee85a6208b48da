"""How instants are written in what the simulator tells."""

from __future__ import annotations

from collections.abc import Iterable

from parley.core.limits import DAY
from tests.make import MONDAY


def clock(instant: int | None) -> str:
    """The clock of UTC, with the day where it is not the one Monday: `10:15`, `10:15:30`, `+1 10:15`."""
    if instant is None:
        return "none"
    day, seconds = divmod(instant - MONDAY, DAY)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")
    return f"{day:+} {text}" if day else text


def clocks(instants: Iterable[int | None]) -> str:
    """Several of them, in their order where they have one."""
    return ", ".join(clock(one) for one in (sorted(instants) if isinstance(instants, set | frozenset) else instants))


def told(fact: object) -> str:
    """A fact as a reader wants it: instants as clocks, everything else as it is."""
    if isinstance(fact, list | tuple | set | frozenset) and fact and all(map(is_instant, fact)):
        return clocks(fact)
    return clock(fact) if is_instant(fact) else str(fact)


def is_instant(fact: object) -> bool:
    """Whether it is a number that must be an instant of the simulated days."""
    return isinstance(fact, int) and fact > MONDAY - 7 * DAY
