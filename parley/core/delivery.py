"""When to try a message again, and when to give up."""

from __future__ import annotations

from dataclasses import dataclass

from parley.core.limits import HOUR, OUTBOX_ATTEMPTS

JITTER = 0.2  # what failed together is not tried again together


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
    pause = min(2**attempts, HOUR)
    return Again(round(pause * (1 + JITTER * (2 * chance - 1))))
