"""Several processes that open the same database file and want the same time."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from parley import data_center
from parley.actions import accounts, applications
from parley.actions import conversations as actions
from parley.core.access import ApplicationCaller
from parley.core.conversation import Method, Participant, Proposal
from parley.core.errors import SlotsTaken
from parley.settings import Settings
from tests.conftest import Clock
from tests.make import HOUR, at, period

SPAWN = multiprocessing.get_context("spawn")
PROCESSES = 4
SECONDS = 60


def opened(folder):
    return data_center.opened(Settings(data_dir=folder), now=Clock())


def select(folder, conversations, start, barrier, told):
    """One process: open the folder, wait for the others, then select the start in each conversation."""
    dc = opened(folder)
    barrier.wait(SECONDS)
    for conversation in conversations:
        try:
            actions.select_slots(dc, conversation, position=1, starts=[start], channel="api")
            told.put("booked")
        except SlotsTaken as refusal:
            told.put("told the slots that are left" if refusal.slots else "told nothing")


def create_applications(folder, barrier, told):
    """One process: open a folder that is new to all of them, and add an application."""
    barrier.wait(SECONDS)
    dc = opened(folder)
    applications.create(dc, "Test")
    told.put(dc.secret)


@pytest.fixture
def all_at_once():
    """Run a function in several processes at once, each with its own arguments; what they told."""
    running = []

    def run(target, arguments, expected):
        told = SPAWN.Queue()
        barrier = SPAWN.Barrier(len(arguments))
        running.extend(SPAWN.Process(target=target, args=(*one, barrier, told)) for one in arguments)
        for process in running:
            process.start()
        answers = [told.get(timeout=SECONDS) for _ in range(expected)]
        for process in running:
            process.join(SECONDS)
        assert [process.exitcode for process in running] == [0] * len(arguments)
        return answers

    yield run
    for process in running:
        if process.is_alive():
            process.kill()


def rivals(dc, number):
    """Conversations of two applications, in each of which the same account decides and somebody chooses."""
    grace = accounts.create(dc, "grace@example.org", "Grace", "Etc/UTC")
    people = (
        Participant(sub=grace.sub, common_name="Grace", method=Method.AUTO, account=grace.key),
        Participant(participant_id="@karl"),
    )
    asked = Proposal(people, "Etc/UTC", None, None, HOUR, (period("09:00", "17:00"),))
    callers = [ApplicationCaller(applications.create(dc, name).application.id) for name in ("One", "Two")]
    for caller in callers:
        accounts.grant(dc, grace.sub, caller.application)
    return [actions.create(dc, callers[n % 2], asked).id for n in range(number)]


def bookings(folder: Path):
    with closing(sqlite3.connect(folder / "parley.db")) as connection:
        return connection.execute("select conversation_id, starts_at from bookings").fetchall()


def test_processes_on_one_file_make_one_booking_of_one_time(tmp_path, all_at_once):
    dc = opened(tmp_path)
    found = rivals(dc, 20)
    dc.db.close()
    arguments = [(tmp_path, found[n::PROCESSES], at("10:00")) for n in range(PROCESSES)]
    told = all_at_once(select, arguments, len(found))
    assert sorted(told) == ["booked"] + ["told the slots that are left"] * 19
    assert [start for _, start in bookings(tmp_path)] == [at("10:00")]


def test_processes_on_one_file_never_book_overlapping_times(tmp_path, all_at_once):
    dc = opened(tmp_path)
    found = rivals(dc, 20)
    dc.db.close()
    starts = [at(clock) for clock in ("10:00", "10:15", "10:30", "10:45")]
    arguments = [(tmp_path, found[n::PROCESSES], starts[n]) for n in range(PROCESSES)]
    told = all_at_once(select, arguments, len(found))
    assert told.count("booked") == len(bookings(tmp_path)) == 1


def test_processes_that_first_open_a_folder_at_once_agree_on_its_secret(tmp_path, all_at_once):
    folder = tmp_path / "new"
    secrets = all_at_once(create_applications, [(folder,)] * PROCESSES, PROCESSES)
    assert len(set(secrets)) == 1
    with closing(sqlite3.connect(folder / "parley.db")) as connection:
        assert connection.execute("select count(*) from applications").fetchone() == (PROCESSES,)
