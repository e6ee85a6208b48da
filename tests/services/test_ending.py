"""A service that ends while its answer is waited for: the next channel asks at once."""

from __future__ import annotations

from parley import worker
from tests.make import person, text
from tests.services.conftest import SERVICES, TIMEOUT
from tests.services.test_asking import claim
from tests.services.test_choosing import ADA, of_domain

DISABLED = ("service_failed", "service", 1, "disabled")


def end(client, made):
    answer = client.delete(f"{SERVICES}/{made['conversation_service_id']}")
    assert answer.status_code == 202, answer.text


def talks(world, many=3):
    """Conversations in which Karl's service has been asked, on days of their own."""
    opened = [
        world.open(available_periods=[{"start": text("09:00", day), "end": text("17:00", day)}]) for day in range(many)
    ]
    world.work()
    return opened


def test_who_waits_for_a_service_that_is_deleted_is_written_to_at_once(world):
    made = world.enable()
    opened = talks(world)
    end(world.karl.client, made)
    world.work()
    assert [world.happened(one)[1:] for one in opened] == [[("asked", "service", 1, ""), DISABLED]] * 3
    assert (world.letters(), world.waiting()) == ([("ask", 1)] * 3, [])


def test_who_waits_for_a_service_that_says_elsewhere_that_it_is_gone_is_written_to_at_once(world):
    world.enable()
    opened = talks(world)
    world.receiver.status = 410
    last = world.open(available_periods=[{"start": text("09:00", 9), "end": text("17:00", 9)}])
    world.work()
    assert [world.happened(one)[-1] for one in opened] == [DISABLED] * 3
    assert world.happened(last)[1:] == [("service_failed", "service", 1, "status 410")]
    assert (world.letters(), world.waiting()) == ([("ask", 1)] * 4, [])


def test_who_waits_for_another_attempt_at_a_service_that_is_deleted_is_written_to_at_once(world):
    made = world.enable()
    world.receiver.status = 503
    opened = talks(world)
    end(world.karl.client, made)
    world.work()
    assert len(world.receiver.received) == 3
    assert [world.happened(one)[1:] for one in opened] == [[DISABLED]] * 3


def test_who_waits_for_a_domains_service_that_is_deleted_is_written_to_at_once(world):
    """Whichever application has opened the conversation."""
    brought_by = world.service.application()
    made = of_domain(world, "people.example", application=brought_by)
    opened = world.open(person("@grace", "auto", sub=world.grace.sub), ADA)
    world.work()
    end(brought_by.client, made)
    world.work()
    assert world.happened(opened)[1:] == [("asked", "service", 1, ""), DISABLED]
    assert world.letters() == [("ask", 1)]


def test_other_services_are_waited_for_as_before(world):
    made = world.enable()
    world.enable(world.grace.client)
    opened = world.open(person("@grace", sub=world.grace.sub), person("@karl", sub=world.karl.sub))
    world.work()
    end(world.karl.client, made)
    world.work()
    assert world.happened(opened)[-1] == DISABLED
    assert world.letters() == [("ask", 1)]
    world.pass_time(TIMEOUT)
    assert world.happened(opened)[-1] == ("service_timed_out", "service", 0, "")


def test_whoever_has_acted_is_not_asked_when_their_service_ends(world):
    made = world.enable()
    (opened,) = talks(world, 1)
    world.application.client.select(opened, 1, {"selected_slots": [{"slot_id": "slt_1935738000"}]})
    end(world.karl.client, made)
    world.work()
    assert [one for one in world.told(opened) if one.startswith("service_")] == []


def test_a_service_that_may_act_no_more_at_its_deadline_is_told_as_disabled(world):
    """The account has withdrawn its consent meanwhile."""
    other = world.service.application()
    theirs = world.service.grant(world.karl.sub, other)
    world.enable(theirs.client)
    opened = world.open()
    world.work()
    profile = theirs.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    theirs.client.post(f"/v1/profiles/{profile}/revoke")
    world.pass_time(TIMEOUT)
    assert world.happened(opened)[-1] == DISABLED
    assert world.letters() == [("ask", 1)]


def test_a_service_that_says_too_late_that_it_is_gone_is_disabled_all_the_same(world):
    made = world.enable()
    opened = world.open()
    (push,) = [one for one in claim(world) if one.kind == "ask"]

    def be_slow(handler):
        world.service.clock.instant += TIMEOUT
        worker.carry_out(world.dc, next(one for one in claim(world) if one.kind == "asked"))
        handler.send_response(410)
        handler.end_headers()

    world.receiver.answering = be_slow
    worker.carry_out(world.dc, push)
    told = world.karl.client.get(f"{SERVICES}/{made['conversation_service_id']}").json()["conversation_service"]
    assert told["enabled"] is False
    assert world.happened(opened)[1:] == [("service_failed", "service", 1, "not delivered in time")]


def test_the_end_of_a_service_that_many_wait_for_is_noted_at_once(world):
    """And carried out in pieces, by whoever has time."""
    made = world.enable()
    opened = [world.open() for _ in range(50)]
    end(world.karl.client, made)
    due = world.dc.db.read(lambda tx: tx.one("select count(*) from outbox where due_at <= :now", now=world.dc.now()))
    assert due == (2 * len(opened),)
    while worker.work(world.dc):
        pass
    assert {tuple(world.told(one)) for one in opened} == {("created", "service_failed")}
