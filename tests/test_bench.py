"""`make bench` runs, and its table has the shape that docs/performance.md explains."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.table import BEGIN, END, PAGE, rewritten
from tests.docs.documents import rows

ROOT = Path(__file__).parent.parent
TINY = ["--rounds", "1", "--seconds", "0.05", "--selections", "5", "--clients", "1", "2"]
OVER_HTTP = ["create", "read", "slots_list", "slots_select", "availability"]
ALONE = ["engine, 2 people", "engine, 10 people", "engine, 88 people", "engine, one calendar"]


@pytest.fixture(scope="module")
def printed():
    """What a run with tiny numbers prints, and what it says of its steps."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *TINY], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def test_every_case_has_a_line_for_each_number_of_clients(printed):
    measured = rows(printed.stdout)
    assert [(row[0], row[1]) for row in measured if len(row) == 10] == [
        *((name, clients) for name in OVER_HTTP for clients in ("1", "2")),
        *((name, "") for name in ALONE),
    ]


def test_only_what_has_a_ceiling_is_compared_with_it(printed):
    measured = [row for row in rows(printed.stdout) if len(row) == 10]
    assert [bool(row[6]) for row in measured] == [bool(row[1]) for row in measured]


def test_steps_are_plain_lines_where_nobody_watches(printed):
    assert "round 1 of 1: slots_select, 2 clients\n" in printed.stderr
    assert "\r" not in printed.stderr


def test_the_page_has_room_for_the_table():
    page = PAGE.read_text()
    assert page.count(BEGIN) == page.count(END) == 1
    assert rewritten(rewritten(page, "old"), "new") == rewritten(page, "new")
