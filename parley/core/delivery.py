"""When to try a message again, and when to give up."""

from __future__ import annotations

from dataclasses import dataclass

from parley.core.limits import HOUR, MINUTE, OUTBOX_ATTEMPTS, PUSH_RETRY_AFTER

JITTER = 0.2  # what failed together is not tried again together


# The pauses between attempts at a push, before chance: ten attempts after the first, over some three days.
PUSH_PAUSES = (
    *(10, 35, 3 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR),
    *(6 * HOUR, 12 * HOUR, 20 * HOUR, 29 * HOUR),
)


@dataclass(frozen=True, slots=True)
class Again:
    """Try it once more, after so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It has been tried often enough."""


def after_failure(attempts: int, chance: float) -> Again | GiveUp:
    """What to do after so many failed attempts; `chance` is from 0 to 1, and random.

    The pauses are about 2, 4, 8 seconds and so on, an hour at most, each up to a fifth shorter or longer.
    """
    if attempts >= OUTBOX_ATTEMPTS:
        return GiveUp()
    return Again(_about(min(2**attempts, HOUR), chance))


def after_push(attempts: int, chance: float, least: int) -> Again | GiveUp:
    """What to do after so many attempts at a push; `least` is how many seconds the receiver asks to be left alone."""
    if attempts > len(PUSH_PAUSES):
        return GiveUp()
    return Again(max(_about(PUSH_PAUSES[attempts - 1], chance), min(least, PUSH_RETRY_AFTER)))


def _about(pause: int, chance: float) -> int:
    return round(pause * (1 + JITTER * (2 * chance - 1)))
