"""The worker: who is served when, what happens to what fails, and how it ends."""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import partial

import pytest

from parley import worker
from parley.core.limits import OUTBOX_ATTEMPTS, OUTBOX_LEASE
from parley.store import conversations, outbox
from parley.store.outbox import Task
from tests.actions.conftest import World, auto
from tests.conftest import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request):
    """Every database."""
    return request.param


@pytest.fixture
def world(dc):
    return World(dc)


@pytest.fixture
def at_work(dc):
    """Start a worker, which ends with the test."""
    running = []

    def start(threads=4):
        running.append(worker.Worker(dc, {False: threads, True: 1}))
        running[-1].start()
        return running[-1]

    yield start
    for one in running:
        if one.is_alive():
            one.stop()


def until(happened, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def put(world, name, kind="riddle", lane="riddle:x", document="{}"):
    world.dc.db.write(lambda tx: outbox.put(tx, Task(name, kind, lane, document), world.dc.now()))


def test_a_worker_carries_out_what_an_agreement_left(world, at_work):
    grace = world.account()
    at_work()
    talk = world.open(auto(grace))
    until(lambda: world.happened(talk) == ["created", "agreed", "event_written"])


def test_every_lane_has_its_turn_however_many_there_are_beside_it(world, at_work, monkeypatch):
    """In each of them there is always something to do."""
    turns = Counter()

    def again(dc, message, _still_holds):
        turns[message.lane] += 1
        dc.db.write(partial(outbox.postpone, message=message, due_at=dc.now()))
        return "again"

    monkeypatch.setitem(worker.ERRANDS, "riddle", again)
    lanes = [*(f"riddle:x:{n}" for n in range(20)), *(f"push:a:{n}" for n in range(20)), "push:b:1", "push:b:2"]
    for lane in lanes:
        put(world, lane, lane=lane)
    at_work(threads=1)
    until(lambda: min(turns[lane] for lane in lanes) >= 3, 60.0)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_messages_of_one_application_do_not_wait_for_those_of_another_that_hang(world, at_work):
    """The first application's conversation is locked by somebody."""
    other = world.application()
    slow, quick = world.account(), world.account("karl@example.org", other)
    hanging = [world.open(auto(slow)) for _ in range(3)]
    told, over = threading.Event(), threading.Event()

    def hold(tx):
        conversations.lock(tx, hanging[0])
        told.set()
        over.wait(2)

    holder = threading.Thread(target=world.dc.db.write, args=(hold,))
    holder.start()
    told.wait()
    at_work(threads=2)
    talk = world.open(auto(quick), app=other)
    began = time.monotonic()
    until(lambda: "event_written" in world.happened(talk), seconds=1.5)
    assert time.monotonic() - began < 1.5
    assert "event_written" not in world.happened(hanging[0])
    over.set()
    holder.join()
    until(lambda: all("event_written" in world.happened(one) for one in hanging))


def test_lanes_take_turns_although_there_is_one_thread(world, at_work):
    other = world.application()
    slow, quick = world.account(), world.account("karl@example.org", other)
    for number in range(100):
        put(world, f"riddle-{number}", lane=f"riddle:{world.app}")
    world.open(auto(slow))
    talk = world.open(auto(quick), app=other)
    at_work(threads=1)
    until(lambda: "event_written" in world.happened(talk))
    assert len([one for one in world.dc.db.read(outbox.listed, 1000) if one.attempts == 0]) >= 60


def test_what_fails_is_tried_again_and_given_up_in_the_end(world, clock):
    put(world, "odd")
    for _ in range(OUTBOX_ATTEMPTS):
        worker.work(world.dc)
        clock.instant += 2 * 3600
    assert (world.waiting(), world.dc.db.read(outbox.buried)) == (0, 1)
    (dead,) = world.dc.db.read(outbox.dead, 10)
    assert (dead.name, dead.attempts) == ("odd", OUTBOX_ATTEMPTS)
    assert dead.reason.startswith("ValueError")


def test_a_worker_that_ends_gives_back_what_it_did_not_begin(world):
    for number in range(5):
        put(world, f"riddle-{number}")
    begun = []
    messages = world.claim()
    worker.carry_out_all(world.dc, worker.Holder(world.dc, messages), lambda: len(begun) >= 2 or begun.append(1))
    left = world.dc.db.read(outbox.listed, 10)
    assert sorted(one.attempts for one in left) == [0, 0, 0, 1, 1]
    assert [one.leased_until for one in left] == [0] * 5
    assert len(world.claim()) == 3


def test_a_worker_ends_at_once_when_it_has_nothing_in_hand(at_work):
    started = at_work()
    began = time.monotonic()
    started.stop()
    assert time.monotonic() - began < 1
    assert not started.is_alive()


def test_who_holds_messages_for_long_renews_them_and_drops_those_it_has_lost(world, clock):
    for name in ("a", "b"):
        put(world, name)
    messages = {one.name: one for one in world.claim()}
    holder = worker.Holder(world.dc, list(messages.values()))
    clock.instant += OUTBOX_LEASE - 1
    assert world.dc.db.write(partial(outbox.drop, name="a")) == 1
    put(world, "a")  # somebody else's by now
    holder.renew()
    assert not holder.still_holds(messages["a"])
    assert holder.still_holds(messages["b"])
    clock.instant += OUTBOX_LEASE - 1
    assert [one.name for one in world.claim()] == ["a"]


def test_settling_stops_when_the_message_is_lost(world):
    grace = world.account()
    world.put(grace, "e", "09:00", "12:00")
    talks = [world.open(auto(grace)) for _ in range(2)]
    world.delete(grace, "e")
    (message,) = world.claim()
    asked = []
    worker.carry_out(world.dc, message, lambda: not asked and not asked.append(1))
    assert sorted(world.talk(one).is_complete for one in talks) == [False, True]
    assert "settle" in {one.kind for one in world.dc.db.read(outbox.listed, 10)}
