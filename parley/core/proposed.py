"""Another time that somebody proposes for a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Proposed:
    """From when to when: both instants, told on the clock of `tzid`, or both days."""

    start: int | date
    end: int | date
    tzid: str
