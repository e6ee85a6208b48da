"""`make bench` runs on both databases, writes what docs/performance.md shows, and fills as the service would."""

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench import figures
from bench.aims import verdicts
from bench.bulk import COPIES
from bench.databases import Place
from bench.installation import opened
from bench.page import BEGIN, DOCS, END, FIGURES, IMAGES, PAGE, rewritten
from parley.actions.conversations import listed
from parley.core.conversation import Status
from parley.store import accounts, conversations, history
from tests.docs.documents import rows

ROOT = Path(__file__).parent.parent
TINY = ["--rounds", "1", "--seconds", "0.05", "--selections", "5", "--clients", "2", "--processes", "1"]
SMALLEST = ["--part", "load", "--part", "size", "--case", "read", "--case", "list", "--sizes", "200"]
PLOTS = ["performance-load.svg", "performance-size.svg"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Documents of their own, for a run to write into."""
    folder = tmp_path_factory.mktemp("documents")
    shutil.copy(DOCS / PAGE, folder)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    """What a run with tiny numbers prints, and what it says of its steps."""
    words = [sys.executable, "-m", "bench", *TINY, *SMALLEST, "--write", "--into", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_steps_are_plain_lines_where_nobody_watches(run):
    assert "round 1 of 1: read, 2 clients, PostgreSQL" in run.stderr
    assert "filling SQLite with 200 conversations" in run.stderr
    assert "\r" not in run.stderr


def test_both_databases_are_compared_with_their_ceilings(run, folder):
    measured = [row for row in rows((folder / PAGE).read_text()) if row[:2] == ["read", "2"]]
    assert len(measured) == 2
    assert all(float(row[6]) > 0 for row in measured)


def test_growth_is_told_for_both_databases(run, folder):
    measured = [row[:2] for row in rows((folder / PAGE).read_text()) if "CPU ms" in row[2:3]]
    assert measured == [[name, case] for name in ("SQLite", "PostgreSQL") for case in ("read", "list")]


def test_the_figures_are_kept_and_give_the_same_page_again(run, folder):
    written = (folder / PAGE).read_text()
    shutil.copy(DOCS / PAGE, folder)
    words = [sys.executable, "-m", "bench", "--redraw", "--into", str(folder)]
    subprocess.run(words, cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert (folder / PAGE).read_text() == written
    assert {one.told.partition(":")[0] for one in verdicts(figures.kept(folder / FIGURES))} >= {"read", "list"}


def test_plots_are_drawn_for_what_was_measured(run, folder):
    assert sorted(one.name for one in (folder / IMAGES).iterdir()) == PLOTS
    for name in PLOTS:
        plot = ET.parse(folder / IMAGES / name)
        assert {one.tag.rpartition("}")[2] for one in plot.iter()} >= {"polyline", "text"}


def test_the_plots_of_the_page_are_those_of_its_figures():
    known = figures.kept(DOCS / FIGURES)
    page = (DOCS / PAGE).read_text()
    assert known.cells
    for name in PLOTS:
        assert f"{IMAGES}/{name}" in page
        assert (DOCS / IMAGES / name).exists()


def test_the_page_has_room_for_the_tables():
    page = (DOCS / PAGE).read_text()
    assert page.count(BEGIN) == page.count(END) == 1
    assert rewritten(rewritten(page, "old"), "new") == rewritten(page, "new")


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, tmp_path):
    """A new installation to fill."""
    where = str(tmp_path / "parley.db")
    if request.param == "postgresql":
        where = request.getfixturevalue("server").new_database()
    with opened(Place(request.param, tmp_path, where)) as installed:
        yield installed


def structure(tx):
    """The statements that make the indexes, in any order."""
    known = {
        "sqlite": "select name, sql from sqlite_master",
        "postgresql": "select indexname, indexdef from pg_indexes where schemaname = current_schema()",
    }
    return sorted(tx.all(known["postgresql" if tx.lock_rows else "sqlite"]), key=str)


def test_a_crowd_is_what_the_service_would_have_written(installation):
    before = installation.dc.db.read(structure)
    made = [one for _ in range(2) for one in installation.crowd(2 * COPIES, meetings_each=3, days=14)]
    assert len(set(made)) == 4 * COPIES
    assert installation.dc.db.read(structure) == before
    for one in made:
        installation.dc.db.read(look_at, installation, one)


def look_at(tx, installation, conversation_id):
    """The conversation waits for its guest, who can choose among the times of an organizer with three meetings."""
    conversation = conversations.find(tx, conversation_id)
    grace, karl = conversation.participants
    assert accounts.find(tx, grace.account).sub == grace.sub
    assert conversation.status(karl) is Status.NEEDS_ACTION
    assert conversations.open_of(tx, grace.account) == [conversation_id]
    assert [one.change.type for one in history.after(tx, conversation_id, 0, 9)] == ["created"]
    assert len(listed(tx, conversation, 1, installation.dc.now())) > 100
