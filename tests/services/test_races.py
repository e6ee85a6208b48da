"""Push, deadline and selection at the same moment: each asking is handed over once, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from parley import worker
from tests.make import person, selection, slot_id, text
from tests.services.conftest import TIMEOUT
from tests.services.test_asking import claim

TALKS = 12


def opened(world):
    """Conversations on days of their own, so that none takes another's time."""
    return [
        world.open(available_periods=[{"start": text("09:00", day), "end": text("17:00", day)}]) for day in range(TALKS)
    ]


def at_once(*calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        for one in [pool.submit(call) for call in calls]:
            one.result()


def test_a_push_that_is_too_late_and_its_deadline_hand_over_once(world):
    world.enable()
    talks = opened(world)
    world.service.clock.instant += TIMEOUT
    messages = [one for one in claim(world) if one.kind in ("ask", "asked")]
    at_once(*(lambda message=message: worker.carry_out(world.dc, message) for message in messages))
    for talk in talks:
        assert len([one for one in world.told(talk) if one.startswith("service_")]) == 1
    assert world.letters() == [("ask", 1)] * TALKS
    assert world.waiting() == []


def test_a_selection_at_the_deadline_stands_and_nobody_is_told_both(world):
    world.enable()
    talks = opened(world)
    world.work()
    pushes = {one.told["notification"]["scheduling_conversation_id"]: one for one in world.receiver.received}
    assistants = [world.assistant(pushes[talk["scheduling_conversation_id"]]) for talk in talks]
    world.service.clock.instant += TIMEOUT
    messages = [one for one in claim(world) if one.kind == "asked"]

    def select(day):
        body = {"selected_slots": [{"slot_id": slot_id("10:00", day)}]}
        assert assistants[day].select(talks[day], 1, body).json()["status"] == "complete"

    at_once(
        *(lambda day=day: select(day) for day in range(TALKS)),
        *(lambda message=message: worker.carry_out(world.dc, message) for message in messages),
    )
    for talk in talks:
        told = world.told(talk)
        assert "agreed" in told
        assert "service_timed_out" not in told[told.index("selected") :]
    assert world.waiting() == []


def test_a_gone_service_that_many_are_pushed_to_at_once_ends_once(world):
    world.receiver.status = 410
    world.enable()
    talks = opened(world)
    messages = [one for one in claim(world) if one.kind == "ask"]
    at_once(*(lambda message=message: worker.carry_out(world.dc, message) for message in messages))
    assert [[one for one in world.told(talk) if one.startswith("service_")] for talk in talks] == [
        ["service_failed"]
    ] * TALKS
    assert world.letters() == [("ask", 1)] * TALKS


def test_two_services_that_select_at_once_agree_or_go_on(world):
    """Whatever the order, the conversation is complete or somebody is asked."""
    world.enable(world.grace.client)
    world.enable()
    talk = world.open(person("@grace", sub=world.grace.sub), person("@karl", sub=world.karl.sub))
    world.work()
    by_position = {one.told["slots_list"].split("/")[-2]: one for one in world.receiver.received}
    grace, karl = world.assistant(by_position["0"]), world.assistant(by_position["1"])
    at_once(
        lambda: grace.select(talk, 0, selection("10:00")),
        lambda: karl.select(talk, 1, selection("11:00")),
    )
    told = world.application.client.again(talk)
    assert sorted(one["status"] for one in told["participants"]) == ["needs_action", "waiting"]
    before = len(world.receiver.received)
    world.work()
    assert len(world.receiver.received) == before + 1
