"""The engine against a slow reading of the rules, on thousands of generated cases.

PARLEY_ORACLE_CASES and PARLEY_ORACLE_SEED vary how many and which; `make oracle` runs them without pytest.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.make import utc
from tests.oracle import case as cases
from tests.oracle.__main__ import looked_at, run, told
from tests.oracle.case import Account, Case, Event, Rule
from tests.oracle.generator import Maker, changes, generated
from tests.oracle.oracle import Span, judged, opened, taken

CASES = int(os.environ.get("PARLEY_ORACLE_CASES", "2000"))
SEED = int(os.environ.get("PARLEY_ORACLE_SEED", "20310505"))
CHUNKS = 20
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_engine_and_oracle_agree(chunk):
    first, end = SEED + CASES * chunk // CHUNKS, SEED + CASES * (chunk + 1) // CHUNKS
    wrong = run(end - first, first)
    assert not wrong, f"of seeds {first} to {end - 1} (PARLEY_ORACLE_SEED={SEED}) differ {len(wrong)}:\n{wrong[0]}"


def test_results_depend_on_neither_time_zone_nor_locale_of_the_server():
    one, other = (
        subprocess.run(
            [sys.executable, "-m", "tests.oracle", "digest", "50", str(SEED)],
            cwd=ROOT,
            env=surroundings | {"PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
        ).stdout
        for surroundings in (
            {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
            {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
        )
    )
    assert one == other
    assert len(one.strip()) == 64


# What is compared is worth comparing.


def test_every_second_case_lies_at_a_change_of_the_clock():
    at_change = [one for one in map(Maker, range(60)) if one.centre in changes(one.tzid, _year(one.centre))]
    assert len(at_change) >= 30
    assert all(one.start <= one.centre <= one.end for one in at_change)


def _year(minute):
    return int((minute / 1440 + 0.5) / 365.2425) + 1970


def test_most_cases_have_something_to_find():
    made = [generated(seed) for seed in range(100)]
    answers = [judged(case, looked_at(case)) for case in made]
    for name in answers[0]:
        assert sum(answer[name] not in ([], None) for answer in answers) > 40, name


def test_a_case_is_printed_as_the_expression_that_makes_it_again():
    case = generated(SEED)
    assert eval(repr(case), {"datetime": datetime, **vars(cases)}) == case


def test_a_case_that_differs_is_told_with_its_seed():
    text = told(generated(7), ["listed: the engine alone has [1], the oracle alone []"])
    assert text.startswith("seed 7 (make oracle CASES=1 SEED=7)\nlisted: the engine")


# The oracle knows what the design says in words.


def minutes(day, clock):
    return utc(day, clock) // 60


def hours(tzid, day, start, end):
    """What a rule of these hours on Sunday opens in the day's 24 hours of UTC."""
    span = Span(minutes(day, "00:00"), minutes(day, "00:00") + 1440)
    rule = Rule("any", tzid, (("sunday", start, end),))
    runs = span.runs(opened(span, [rule], []))
    return [tuple(f"{(one - span.first) // 60:02}:{one % 60:02}" for one in run) for run in runs]


@pytest.mark.parametrize(
    ("day", "start", "end", "expected"),
    [
        pytest.param("2024-03-31", 150, 240, [("01:00", "02:00")], id="over a gap it opens at three"),
        pytest.param("2024-10-27", 135, 165, [("00:15", "00:45"), ("01:15", "01:45")], id="in a fold it opens twice"),
        pytest.param("2024-06-30", 540, 1440, [("07:00", "22:00")], id="in summer, up to midnight"),
    ],
)
def test_hours_are_when_the_clock_shows_them(day, start, end, expected):
    assert hours("Europe/Berlin", day, start, end) == expected


def test_an_all_day_event_takes_the_day_of_its_zone():
    span = Span(minutes("2024-10-25", "00:00"), minutes("2024-10-30", "00:00"))
    event = Event("cal_work", "opaque", datetime.date(2024, 10, 27), datetime.date(2024, 10, 28))
    day = minutes("2024-10-27", "00:00")
    assert taken(span, event, None) == (day, day + 1440)
    assert taken(span, event, "Europe/Berlin") == (day - 120, day + 1380)
    assert taken(span, replace(event, tzid="America/Chicago"), "Europe/Berlin") == (day + 300, day + 1740)


def test_slots_are_what_busy_time_leaves_on_the_grid():
    nine = minutes("2031-05-05", "09:00")
    account = Account(None, (Event("cal_work", "tentative", nine, nine + 20),))
    case = Case(0, (account,), ((nine, nine + 180),), 60, nine - 60, people=((0, False),), standing=(nine + 90,))
    answer = judged(case, [nine, nine + 20, nine + 30, nine + 45])
    assert answer["selectable"] == [nine + 30, nine + 45]
    assert answer["listed"] == [nine + 30, nine + 90]
