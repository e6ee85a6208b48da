"""How soon a push arrives, with a worker of its own and a clock that runs; whom a receiver that hangs holds up."""

from __future__ import annotations

import threading
import time

import pytest

from parley import worker
from parley.core import turns
from parley.data_center import DataCenter, clock
from tests.conftest import Clock
from tests.make import SUNDAY_NOON, person, proposal, selection


@pytest.fixture
def at_work(serve, dc):
    """A service whose clock runs, and a worker."""
    began = clock()
    running = DataCenter(dc.settings, dc.base_url, dc.db, dc.secret, lambda: SUNDAY_NOON + clock() - began)
    service = serve(running, Clock())
    working = worker.Worker(service.dc)
    working.start()
    yield service
    working.stop()


@pytest.fixture
def application(at_work):
    return at_work.application()


@pytest.fixture
def service(at_work):
    return at_work


@pytest.fixture
def hanging():
    """Receivers hang until this is set."""
    over = threading.Event()
    yield over
    over.set()


def seconds_until(receiver, many, began):
    return receiver.wait_for(many)[many - 1].at - began


def test_a_push_arrives_within_two_seconds(service, application, grace, receiver, channel):
    channel(scheduling_conversations={"enabled": True})
    receiver.wait_for(1)
    took = []
    for number in range(5):
        began = time.monotonic()
        opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
        took.append(seconds_until(receiver, 2 + 2 * number, began))
        began = time.monotonic()
        application.client.select(opened, 1, selection(f"{9 + number}:00".rjust(5, "0")))
        took.append(seconds_until(receiver, 3 + 2 * number, began))
    assert max(took) < 2, took


def test_a_receiver_that_hangs_delays_neither_others_nor_our_own_events(
    service, application, grace, receiver, elsewhere, channel, hanging
):
    """Twenty pushes wait for one host; a push to another and an agreement's event take no notice."""
    elsewhere.answering = lambda _: hanging.wait(30)
    karl = service.person(application, "karl@example.org")
    for number in range(20):
        body = {"callback_url": f"{elsewhere.url}/{number}"}
        assert karl.client.post("/v1/channels", json=body).status_code == 200
    elsewhere.wait_for(1)
    began = time.monotonic()
    channel()
    assert seconds_until(receiver, 1, began) < 2
    people = person("@grace", sub=grace.sub, slots={"selection_method": "auto"})
    opened = application.client.open(proposal(people))
    assert seconds_until(receiver, 2, time.monotonic()) < 2
    assert receiver.types == ["verification", "change"]
    history = application.client.get(f"/v1/scheduling_conversations/{opened['scheduling_conversation_id']}/history")
    assert [one["type"] for one in history.json()["history"]] == ["created", "agreed", "event_written"]


def opened(client, receiver, many, first=0):
    """Open channels of this account at as many paths of the receiver."""
    for number in range(first, first + many):
        answer = client.post("/v1/channels", json={"callback_url": f"{receiver.url}/{number}"})
        assert answer.status_code == 200, answer.text


def test_channels_that_hang_do_not_delay_one_at_the_same_host_that_did_not_hang_so_far(
    service, application, grace, receiver, channel, hanging, write
):
    """There are more of them than threads for one application."""
    channel()
    receiver.wait_for(1)
    receiver.answering = lambda handler: hanging.wait(30) if handler.path.count("/") > 1 else ok(handler)
    karl = service.person(application, "karl@example.org")
    share = worker.THREADS[True] * turns.SIXTEENTHS[turns.Pace.UNKNOWN] // 16
    opened(karl.client, receiver, many=share + 2)
    receiver.wait_for(1 + share)
    began = time.monotonic()
    write("lunch")
    receiver.wait_until(lambda one: one.type == "change")
    assert time.monotonic() - began < 2


def test_channels_that_were_slow_leave_room_for_new_ones(
    service, application, grace, receiver, elsewhere, channel, hanging, write
):
    many, share = 40, worker.THREADS[True] * turns.SIXTEENTHS[turns.Pace.SLOW] // 16
    answered = threading.Semaphore(0)

    def slowly(handler):
        hanging.wait(worker.TURN_SECONDS + 0.2)
        ok(handler)
        answered.release()

    elsewhere.answering = slowly
    opened(grace.client, elsewhere, many)
    for _ in range(many):
        assert answered.acquire(timeout=20)
    elsewhere.answering = lambda _: hanging.wait(30)
    write("lunch")
    elsewhere.wait_for(many + share)
    began = time.monotonic()
    channel()
    assert seconds_until(receiver, 1, began) < 2
    assert len(elsewhere.received) == many + share


def ok(handler):
    handler.send_response(200)
    handler.send_header("content-length", "0")
    handler.end_headers()


def test_many_receivers_that_hang_delay_no_other_application(
    service, application, grace, receiver, elsewhere, channel, hanging
):
    """A hundred lanes of another application wait for their receivers, more than there are threads."""
    elsewhere.answering = lambda _: hanging.wait(30)
    another = service.application()
    karl = service.person(another, "karl@example.org")
    for number in range(100):
        url = f"http://127.0.0.1:{'0' * number}{elsewhere.port}/hook"  # as if it were a place of its own
        assert karl.client.post("/v1/channels", json={"callback_url": url}).status_code == 200
    elsewhere.wait_for(20)
    began = time.monotonic()
    channel()
    assert seconds_until(receiver, 1, began) < 2
    assert len(elsewhere.received) <= worker.THREADS[True] // 2
    hanging.set()


def test_many_receivers_are_told_at_once(service, application, grace, channel, receiver, write):
    """Every channel of an account is told of a change, thirty of them within two seconds."""
    for number in range(30):
        body = {"callback_url": f"{receiver.url}/{number}"}
        assert grace.client.post("/v1/channels", json=body).status_code == 200
    receiver.wait_for(30)
    began = time.monotonic()
    write("lunch")
    assert seconds_until(receiver, 60, began) < 2
