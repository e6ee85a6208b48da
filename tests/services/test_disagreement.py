"""Services that do not agree: people go on before that has no end."""

from __future__ import annotations

import pytest

from parley.core.conversation_service import CHOICES
from tests.make import person, selection

GIVEN_UP = ("service_failed", "service", f"no agreement after {CHOICES} choices")
CLOCKS = {0: "10:00", 1: "11:00"}  # what each of the two insists on


@pytest.fixture
def opened(world):
    """Grace and Karl both have a service, and both have been asked."""
    world.enable(world.grace.client)
    world.enable()
    opened = world.open(person("@grace", sub=world.grace.sub), person("@karl", sub=world.karl.sub))
    world.work()
    return opened


def insist(world, opened, calls=20):
    """Every service selects its own slot whenever it is asked, for as long as one is and so often at most."""
    for number in range(calls):
        world.work()
        if number == len(world.receiver.received):
            return
        push = world.push(number)
        position = int(push.told["slots_list"].split("/")[-2])
        world.assistant(push).select(opened, position, selection(CLOCKS[position]))


def choices(world, opened, position):
    return world.happened(opened).count(("selected", "service", position, ""))


def test_services_that_insist_are_asked_a_few_times_and_then_a_person_is_written_to(world, opened):
    insist(world, opened)
    told = world.happened(opened)
    given_up = [one for one in told if one[0] == "service_failed"]
    assert [(kind, channel, detail) for kind, channel, _, detail in given_up] == [GIVEN_UP]
    assert world.letters() == [("ask", given_up[0][2])]
    assert told[-2:] == [("cleared", "engine", given_up[0][2], ""), given_up[0]]
    assert [choices(world, opened, position) for position in (0, 1)] == [CHOICES, CHOICES]
    assert len(world.receiver.received) == 2 * CHOICES


def test_after_that_a_service_selects_nothing_more(world, opened):
    insist(world, opened)
    ((_, written_to),) = world.letters()
    pushes = [world.push(number) for number in range(len(world.receiver.received))]
    theirs = next(one for one in pushes if one.told["slots_list"].split("/")[-2] == str(written_to))
    before = world.happened(opened)
    for clock in ("12:00", CLOCKS[1 - written_to]):
        answer = world.assistant(theirs).select(opened, written_to, selection(clock))
        assert (answer.status_code, "errors.not_available" in answer.text) == (422, True)
    assert world.happened(opened) == before


def test_where_people_go_on_is_told_once(world, opened):
    insist(world, opened)
    ((_, written_to),) = world.letters()
    client = world.application.client
    for clock in ("12:00", "13:00"):
        client.select(opened, written_to, selection(clock))  # a person, who clears what the other's service chose
        client.select(opened, 1 - written_to, selection("15:00"))
    told = [one for one in world.happened(opened) if one[0] == "service_failed" and one[2] == written_to]
    assert len(told) == 1


def test_after_that_whoever_is_written_to_can_agree(world, opened):
    insist(world, opened)
    ((_, written_to),) = world.letters()
    answer = world.application.client.select(opened, written_to, selection(CLOCKS[1 - written_to]))
    assert answer.json()["status"] == "complete"


def test_what_others_choose_does_not_use_up_the_choices_of_a_service(world):
    world.enable()
    opened = world.open(person("@ada", email="ada@example.org"), person("@karl", sub=world.karl.sub))
    for clock in ("10:00", "12:00", "13:00", "14:00"):
        world.application.client.select(opened, 1, selection(clock))  # Karl himself, and not his service
        world.application.client.select(opened, 0, selection("11:00"))
    world.work()
    assert (world.told(opened).count("cleared"), {who for _, who in world.letters()}) == (7, {0})
    assert "service_failed" not in world.told(opened)


def test_services_whose_sets_of_slots_meet_agree_at_once(world):
    """An application that allows several slots in one selection spares them the search."""
    world.application = world.service.application(max_selected_slots=8)
    for one in (world.grace, world.karl):
        world.service.grant(one.sub, world.application)
    world.enable(world.grace.client, limits={"latest_hour": 12})
    world.enable(limits={"earliest_hour": 13, "latest_hour": 18})  # in Berlin: from eleven
    world.open(person("@grace", sub=world.grace.sub), person("@karl", sub=world.karl.sub))
    world.work()
    for push in list(world.receiver.received):
        slots = world.assistant(push).get(push.told["slots_list"]).json()["slots"]
        chosen = {"selected_slots": [{"slot_id": one["slot_id"]} for one in slots]}
        answer = world.assistant(push).post(push.told["slots_select"], json=chosen)
    assert answer.json()["chosen_slot"]["start"] == "2031-05-05T11:00:00Z"
