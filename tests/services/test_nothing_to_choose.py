"""As long as there is nothing to choose, a service is not asked, and its time does not run."""

from __future__ import annotations

import pytest

from parley.core.conversation_service import LOOK_SECONDS
from tests.make import selection, text
from tests.services.conftest import SERVICES, TIMEOUT


def block(world, start="09:00", end="17:00"):
    """Grace has something else to do on Monday."""
    body = {"event_id": "e", "summary": "Away", "start": text(start), "end": text(end)}
    assert world.grace.client.post(f"/v1/calendars/{world.grace.calendar}/events", json=body).status_code == 202


def unblock(world):
    path = f"/v1/calendars/{world.grace.calendar}/events"
    assert world.grace.client.request("DELETE", path, json={"event_id": "e"}).status_code == 202


@pytest.fixture
def opened(world):
    """A conversation with Karl, who has a service, about a day on which Grace is not free."""
    block(world)
    world.enable()
    opened = world.open()
    world.work()
    return opened


def asks(world):
    return [one for one in world.letters() if one[0] == "ask"]


def test_nobody_is_asked_and_nothing_times_out(world, opened):
    for _ in range(3):
        world.pass_time(TIMEOUT)
    assert world.receiver.received == []
    assert (asks(world), world.waiting()) == ([], ["ask"])
    assert [one for one in world.told(opened) if one.startswith("service_")] == []


def test_the_service_is_asked_soon_after_slots_are_there_and_has_all_of_its_time(world, opened):
    world.pass_time(TIMEOUT)
    unblock(world)
    world.pass_time(2 * LOOK_SECONDS)  # for the second time there was nothing
    (push,) = world.receiver.received
    assert push.told["deadline"] == "2031-05-04T12:22:00Z"
    assert len(world.assistant().slots(opened, 1).json()["slots"]) == 8
    assert world.told(opened)[-1] == "asked"
    world.pass_time(TIMEOUT - 1)
    assert asks(world) == []
    world.pass_time(1)
    assert (world.told(opened)[-1], asks(world)) == ("service_timed_out", [("ask", 1)])


def test_a_push_that_was_not_taken_is_not_repeated_while_there_is_nothing_to_choose(world):
    world.enable()
    world.receiver.status = 503
    opened = world.open()
    world.work()
    block(world)
    world.receiver.status = 204
    world.pass_time(15)
    world.pass_time(TIMEOUT)
    assert len(world.receiver.received) == 1
    unblock(world)
    world.pass_time(2 * LOOK_SECONDS)  # for the second time there was nothing
    first, second = world.receiver.received
    assert (first.told["deadline"], second.told["deadline"]) == ("2031-05-04T12:10:00Z", "2031-05-04T12:22:15Z")
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    assert world.told(opened)[-1] == "asked"


def test_whoever_has_acted_since_is_not_asked(world, opened):
    unblock(world)
    world.application.client.select(opened, 1, selection("10:00"))
    world.pass_time(LOOK_SECONDS)
    assert (world.receiver.received, world.waiting()) == ([], [])


def test_once_all_that_was_proposed_is_past_nobody_is_asked_any_more(world, opened):
    world.pass_time(2 * 86400)
    assert (world.receiver.received, asks(world), world.waiting()) == ([], [], [])
    assert [one for one in world.told(opened) if one.startswith("service_")] == []


def test_what_was_never_pushed_before_all_was_past_is_forgotten_with_its_deadline(world):
    world.enable()
    opened = world.open()
    world.service.clock.instant += 2 * 86400
    world.dc.db.write(lambda tx: tx.run("update outbox set due_at = :never where kind = 'asked'", never=2**40))
    world.work()
    assert (world.receiver.received, world.waiting()) == ([], [])
    assert [one for one in world.told(opened) if one.startswith("service_")] == []


def test_where_the_service_ends_meanwhile_the_next_channel_takes_over_at_once(world):
    block(world)
    made = world.enable()
    opened = world.open()
    world.work()
    world.karl.client.delete(f"{SERVICES}/{made['conversation_service_id']}")
    world.work()
    assert ("service_failed", "service", 1, "disabled") in world.happened(opened)
    assert (asks(world), world.waiting()) == ([("ask", 1)], [])


def test_a_service_whose_own_limits_leave_nothing_is_asked(world):
    """There is something that the participant can choose, so they must not wait for it."""
    world.enable(limits={"earliest_hour": 20})
    opened = world.open()
    world.work()
    assert len(world.receiver.received) == 1
    world.pass_time(TIMEOUT)
    assert (world.told(opened)[-1], asks(world)) == ("service_timed_out", [("ask", 1)])
