"""The rules alone, without server and database: from busy time to the slots that can be chosen."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from bench.load import Limits, Load
from parley.core.availability import Availability, Hours
from parley.core.hours import DAYS, AvailabilityRule, WeeklyPeriod
from parley.core.limits import DAY, HOUR, MINUTE
from parley.core.periods import Period
from parley.wire.slots import write_slots
from parley.wire.writing import encode

BUSY = 300  # intervals of each participant
WINDOW_DAYS = 35
MONDAY = 1_935_705_600  # 5 May 2031
SHUFFLE = 7


def run(case: Callable[[], object], limits: Limits) -> Load:
    """Call it again and again within the limits."""
    load = Load()
    began = before = time.perf_counter()
    while before - began < limits.seconds and len(load.latencies) < limits.requests:
        case()
        after = time.perf_counter()
        load.latencies.append(after - before)
        before = after
    load.seconds = before - began
    return load


def meetings(chance: random.Random, first: int, days: int, count: int) -> list[Period]:
    """So many meetings of 15 to 90 minutes between eight and six o'clock, which may overlap."""
    found = []
    for _ in range(count):
        start = first + chance.randrange(days) * DAY + 8 * HOUR + chance.randrange(40) * 15 * MINUTE
        found.append(Period(start, start + chance.choice((15, 30, 30, 60, 60, 90)) * MINUTE))
    return found


def people(count: int) -> Callable[[], list[int]]:
    """Slots of an hour for so many people in 35 days."""
    chance = random.Random(SHUFFLE)
    blocked = [one for _ in range(count) for one in meetings(chance, MONDAY, WINDOW_DAYS, BUSY)]
    window = [Period(MONDAY, MONDAY + WINDOW_DAYS * DAY)]

    def slots() -> list[int]:
        return Availability(window, HOUR, blocked, MONDAY).listed([], 512)

    return slots


def one_calendar() -> Callable[[], bytes]:
    """14 days of one person, open from nine to six in Berlin, 40 busy hours: 165 slots of half an hour, as JSON."""
    weekly = tuple(WeeklyPeriod(day, 9 * 60, 18 * 60) for day in DAYS)
    hours = Hours((AvailabilityRule("work", "Europe/Berlin", weekly),))
    window = Period(MONDAY - 2 * HOUR, MONDAY - 2 * HOUR + 14 * DAY)  # local midnight
    busy = [_busy_hour(window.start, number) for number in range(40)]

    def slots() -> bytes:
        blocked = [*busy, *hours.closed(window)]
        starts = Availability([window], 30 * MINUTE, blocked, window.start).listed([], 512)
        return encode(write_slots(Period(start, start + 30 * MINUTE) for start in starts))

    return slots


def _busy_hour(midnight: int, number: int) -> Period:
    """Three hours a day or two; seven of all begin at a quarter past and cost a slot more."""
    day, turn = number % 14, number // 14
    start = midnight + day * DAY + (10 + 2 * turn) * HOUR + (15 * MINUTE if number < 7 else 0)
    return Period(start, start + HOUR)


CASES: dict[str, Callable[[], Callable[[], object]]] = {
    "engine, 2 people": lambda: people(2),
    "engine, 10 people": lambda: people(10),
    "engine, 88 people": lambda: people(88),
    "engine, one calendar": one_calendar,
}
