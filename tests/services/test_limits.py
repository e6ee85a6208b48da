"""The limits of a service, seen from outside: what it is shown, what it is refused, and what stays as it was."""

from __future__ import annotations

import pytest

from tests.make import HOUR, at, person, selection, text


def starts(answer):
    return [one["start"][11:16] for one in answer.json()["slots"]]


def busy(person_, start, end):
    body = {"event_id": f"e{start}", "summary": "Busy", "start": text(start), "end": text(end)}
    assert person_.client.post(f"/v1/calendars/{person_.calendar}/events", json=body).status_code == 202


def test_hours_are_those_of_the_accounts_clock(world, asked):
    """Karl's clock is two hours ahead of UTC, the conversation's zone is behind it."""
    _, opened = asked(earliest_hour=13, latest_hour=16)
    assert starts(world.assistant().slots(opened, 1)) == ["11:00", "12:00", "13:00"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param({}, ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"], id="none"),
        pytest.param({"latest_hour": 12}, ["09:00"], id="latest: the whole slot"),
        pytest.param({"minimum_notice_minutes": 26 * 60}, ["14:00", "15:00", "16:00"], id="notice"),
        pytest.param({"minimum_notice_minutes": 289440}, [], id="too much notice"),
        pytest.param({"earliest_hour": 20}, [], id="no such hour"),
    ],
)
def test_a_listing_keeps_to_the_limits(world, asked, limits, expected):
    _, opened = asked(**limits)
    assert starts(world.assistant().slots(opened, 1)) == expected


def test_a_pause_is_kept_to_the_accounts_meetings(world):
    busy(world.karl, "12:00", "13:00")
    world.enable(limits={"pause_minutes": 20})
    opened = world.open()
    world.work()
    assert starts(world.assistant().slots(opened, 1)) == ["09:00", "10:00", "13:30", "14:30", "15:30"]


def test_a_pause_is_kept_to_what_is_agreed_and_not_written_yet(world):
    world.enable(limits={"pause_minutes": 15})
    first, second = world.open(), world.open()
    world.work()
    pushes = {one.told["notification"]["scheduling_conversation_id"]: one for one in world.receiver.received}
    one, other = (world.assistant(pushes[talk["scheduling_conversation_id"]]) for talk in (first, second))
    assert one.select(first, 1, selection("11:00")).json()["status"] == "complete"
    refused = other.select(second, 1, selection("12:00"))
    assert refused.status_code == 422
    assert "12:00" not in starts(refused)
    assert other.select(second, 1, selection("12:15")).json()["status"] == "complete"


def test_other_peoples_meetings_need_no_pause(world, asked):
    busy(world.grace, "12:00", "13:00")
    _, opened = asked(pause_minutes=20)
    assert starts(world.assistant().slots(opened, 1)) == ["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]


def test_a_selection_outside_is_refused_with_the_slots_inside(world, asked):
    _, opened = asked(earliest_hour=13, latest_hour=16)
    refused = world.assistant().select(opened, 1, selection("10:00"))
    assert refused.status_code == 422
    assert refused.json()["errors"] == {
        "selected_slots[0].slot_id": [
            {"key": "errors.slot_unavailable", "description": "is no longer free; slots holds those that are"}
        ]
    }
    assert starts(refused) == ["11:00", "12:00", "13:00"]
    assert world.told(opened) == ["created", "asked"]


@pytest.mark.parametrize("chosen", ["09:00", "09:45", "10:45", "13:15", "14:00", "16:00"])
def test_no_start_outside_can_be_selected_listed_or_not(world, asked, chosen):
    _, opened = asked(earliest_hour=13, latest_hour=16)
    assert world.assistant().select(opened, 1, selection(chosen)).status_code == 422
    assert world.assistant().again(opened)["status"] == "in_progress"


@pytest.mark.parametrize("chosen", ["11:00", "11:15", "12:45", "13:00"])
def test_every_start_inside_can_be_selected_listed_or_not(world, asked, chosen):
    _, opened = asked(earliest_hour=13, latest_hour=16)
    assert world.assistant().select(opened, 1, selection(chosen)).json()["status"] == "complete"


def test_one_slot_outside_refuses_a_set(world):
    world.application = world.service.application(max_selected_slots=3)
    for one in (world.grace, world.karl):
        world.service.grant(one.sub, world.application)
    world.enable(limits={"latest_hour": 13})
    opened = world.open()
    world.work()
    refused = world.assistant().select(opened, 1, selection("09:00", "10:00", "12:00"))
    assert list(refused.json()["errors"]) == ["selected_slots[2].slot_id"]


def test_what_is_no_slot_at_all_is_told_apart(world, asked):
    _, opened = asked(earliest_hour=13)
    refused = world.assistant().select(opened, 1, selection("03:00"))
    assert refused.json()["errors"]["selected_slots[0].slot_id"][0]["key"] == "errors.not_recognized"


def test_the_limits_of_a_service_clear_no_selection_of_others(world):
    """Ada has chosen a time at which Karl's assistant may not; her choice stands until his choice replaces it."""
    world.enable(limits={"latest_hour": 13})
    opened = world.open(person("@ada"), person("@karl", sub=world.karl.sub))
    world.application.client.select(opened, 0, selection("15:00"))
    world.work()
    assistant = world.assistant()
    assert "15:00" not in starts(assistant.slots(opened, 1))
    assert assistant.select(opened, 1, selection("15:00")).status_code == 422
    told = world.application.client.again(opened)
    assert told["participants"][0]["slots"]["selected"][0]["start"] == text("15:00")
    assert assistant.select(opened, 1, selection("09:00")).status_code == 200
    assert "selected" not in world.application.client.again(opened)["participants"][0]["slots"]


def test_a_selection_of_others_inside_the_limits_is_listed_first(world):
    world.enable(limits={"earliest_hour": 12})
    opened = world.open(person("@ada"), person("@karl", sub=world.karl.sub))
    world.application.client.select(opened, 0, selection("10:15"))
    world.work()
    assert "10:15" in starts(world.assistant().slots(opened, 1))


def test_repeating_what_was_selected_succeeds_whatever_the_limits_are_by_now(world, asked):
    _, opened = asked(minimum_notice_minutes=60)
    assistant = world.assistant()
    assistant.select(opened, 1, selection("10:00"))
    world.service.clock.instant = at("09:30")
    assert assistant.select(opened, 1, selection("10:00")).status_code == 200


def test_the_limits_are_checked_at_the_moment_of_the_selection(world, asked):
    _, opened = asked(minimum_notice_minutes=120)
    assistant = world.assistant()
    assert "09:00" in starts(assistant.slots(opened, 1))
    world.service.clock.instant = at("09:00") - 2 * HOUR + 1
    refused = assistant.select(opened, 1, selection("09:00"))
    assert (refused.status_code, starts(refused)[0]) == (422, "09:15")
