"""Several processes, each with an installation of its own on one database, that want the same time."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager

import pytest

from parley import data_center
from parley.actions import accounts, applications
from parley.actions import conversations as actions
from parley.core.access import ApplicationCaller
from parley.core.conversation import Method, Participant, Proposal
from parley.core.errors import SlotsTaken
from parley.settings import Settings
from tests.conftest import BEHIND_PGBOUNCER, ENGINES, Clock
from tests.make import HOUR, at, period

SPAWN = multiprocessing.get_context("spawn")
PROCESSES = 4
SECONDS = 60
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"


@contextmanager
def opened(folder, address):
    """The installation; all that share a server have the same key."""
    settings = Settings(data_dir=folder, database=address, secret_key=KEY if address else None)
    dc = data_center.opened(settings, now=Clock())
    yield dc
    dc.db.close()


def select(folder, address, wanted, barrier, told):
    """One process: wait for the others, then select one start after the other, each in its conversation."""
    with opened(folder, address) as dc:
        barrier.wait(SECONDS)
        for conversation, start in wanted:
            told.put(selected(dc, conversation, start))


def selected(dc, conversation, start):
    try:
        actions.select_slots(dc, conversation, actions.Choice(1, [start], "api"))
    except SlotsTaken as refusal:
        return "told the slots that are left" if refusal.slots else "told nothing"
    return "booked"


def open_conversations(folder, address, callers, asked, barrier, told):
    """One process: wait for the others, then open a conversation for each caller."""
    with opened(folder, address) as dc:
        barrier.wait(SECONDS)
        for caller in callers:
            told.put(actions.create(dc, caller, asked).chosen)


def add_application(folder, address, barrier, told):
    """One process: open a folder and a database that are new to all of them, and add an application."""
    barrier.wait(SECONDS)
    with opened(folder, address) as dc:
        applications.create(dc, "Test")
        told.put(dc.secret)


@pytest.fixture(params=ENGINES)
def engine(request):
    """Processes cost more than threads do, so only some race behind a pgbouncer."""
    return request.param


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


@pytest.fixture
def places(engine, tmp_path, database_address):
    """Where each process keeps its data: on a server, a folder of its own beside the database of all."""
    names = ["all"] * PROCESSES if engine == "sqlite" else [f"process-{n}" for n in range(PROCESSES)]
    return [(tmp_path / name, database_address) for name in names]


def rivals(dc):
    """Callers of two applications that may both act for one account, and the conversation that each will open.

    The account decides by being free; somebody else chooses.
    """
    grace = accounts.create(dc, "grace@example.org", "Grace", "Etc/UTC")
    callers = [ApplicationCaller(applications.create(dc, name).application.id) for name in ("One", "Two")]
    for caller in callers:
        accounts.grant(dc, grace.sub, caller.application)
    decides = Participant(sub=grace.sub, common_name="Grace", method=Method.AUTO, account=grace.key)
    return callers, decides


def asked(*people):
    return Proposal(people, "Etc/UTC", None, None, HOUR, (period("09:00", "17:00"),))


def opened_by_rivals(dc, number):
    """Conversations of two applications, in each of which the same account decides and somebody chooses."""
    callers, decides = rivals(dc)
    proposal = asked(decides, Participant(participant_id="@karl"))
    return [actions.create(dc, callers[n % 2], proposal).id for n in range(number)]


def bookings(place):
    """All starts that are booked."""
    with opened(*place) as dc:
        return sorted(row[0] for row in dc.db.read(lambda tx: tx.all("select starts_at from bookings")))


def test_processes_on_one_database_make_one_booking_of_one_time(places, all_at_once):
    with opened(*places[0]) as dc:
        found = opened_by_rivals(dc, 20)
    ten = at("10:00")
    told = all_at_once(
        select, [(*place, [(one, ten) for one in found[n::PROCESSES]]) for n, place in enumerate(places)], 20
    )
    assert sorted(told) == ["booked"] + ["told the slots that are left"] * 19
    assert bookings(places[0]) == [ten]


def test_processes_on_one_database_never_book_overlapping_times(places, all_at_once):
    with opened(*places[0]) as dc:
        found = opened_by_rivals(dc, 20)
    starts = [at(clock) for clock in ("10:00", "10:15", "10:30", "10:45")]
    told = all_at_once(
        select, [(*place, [(one, starts[n]) for one in found[n::PROCESSES]]) for n, place in enumerate(places)], 20
    )
    assert told.count("booked") == len(bookings(places[0])) == 1


@pytest.mark.parametrize("engine", [*ENGINES, BEHIND_PGBOUNCER])
def test_processes_that_want_every_slot_fill_the_day_without_overlap(places, all_at_once):
    """Each process begins at another hour, so that at first all win, and later all lose."""
    with opened(*places[0]) as dc:
        found = opened_by_rivals(dc, 32)
    starts = [at(f"{hour:02}:00") for hour in range(9, 17)]
    mine = [found[n::PROCESSES] for n in range(PROCESSES)]
    wanted = [[(one, starts[(hour + 2 * n) % 8]) for hour, one in enumerate(mine[n])] for n in range(PROCESSES)]
    told = all_at_once(select, [(*place, wanted[n]) for n, place in enumerate(places)], 32)
    assert told.count("booked") == 8
    assert bookings(places[0]) == starts


def test_conversations_that_processes_open_at_once_share_a_day_without_overlap(places, all_at_once):
    with opened(*places[0]) as dc:
        callers, decides = rivals(dc)
    told = all_at_once(open_conversations, [(*place, callers * 2, asked(decides)) for place in places], 4 * PROCESSES)
    starts = [at(f"{hour:02}:00") for hour in range(9, 17)]
    assert sorted(one for one in told if one is not None) == bookings(places[0]) == starts


@pytest.fixture
def new_database(engine, server):
    """Where nothing is yet, not even tables."""
    return None if engine == "sqlite" else server.new_database()


def test_processes_that_first_open_a_folder_and_a_database_at_once_agree(tmp_path, new_database, all_at_once):
    folder = tmp_path / "new"
    secrets = all_at_once(add_application, [(folder, new_database)] * PROCESSES, PROCESSES)
    assert len(set(secrets)) == 1
    with opened(folder, new_database) as dc:
        assert dc.db.read(lambda tx: tx.one("select count(*) from applications")) == (PROCESSES,)
