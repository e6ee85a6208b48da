"""`make bench` runs on both databases, and its tables have the shape that docs/performance.md explains."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.page import BEGIN, DOCS, END, PAGE, rewritten
from tests.docs.documents import rows

ROOT = Path(__file__).parent.parent
TINY = ["--rounds", "1", "--seconds", "0.05", "--selections", "5", "--clients", "1", "2", "--processes", "1"]
CASES = ["--part", "load", "--case", "read", "--case", "slots_select"]


@pytest.fixture(scope="module")
def printed():
    """What a run with tiny numbers prints, and what it says of its steps."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *TINY, *CASES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_steps_are_plain_lines_where_nobody_watches(printed):
    assert "round 1 of 1: slots_select, 2 clients, PostgreSQL" in printed.stderr
    assert "\r" not in printed.stderr


def test_each_database_has_a_line_for_each_number_of_clients(printed):
    measured = [row[:3] for row in rows(printed.stdout)]
    assert all(
        [server, case, clients] in measured
        for server in ("SQLite", "PostgreSQL")
        for case in ("read", "slots_select")
        for clients in ("1", "2")
    )


def test_the_page_has_room_for_the_tables():
    page = (DOCS / PAGE).read_text()
    assert page.count(BEGIN) == page.count(END) == 1
    assert rewritten(rewritten(page, "old"), "new") == rewritten(page, "new")
