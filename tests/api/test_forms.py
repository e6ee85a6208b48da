"""Requests as forms: what is understood as JSON is understood as a form, too."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.api.conftest import error_keys
from tests.api.event_calls import event, put, read
from tests.make import proposal, slot_id, text

CONVERSATIONS = "/v1/scheduling_conversations"


def flat(value, name=""):
    """The fields of a form for a JSON value, nested ones in brackets."""
    if isinstance(value, dict):
        inner = [(f"{name}[{key}]" if name else key, one) for key, one in value.items()]
    elif isinstance(value, list):
        inner = [(f"{name}[{at}]", one) for at, one in enumerate(value)]
    else:
        return [(name, str(value).lower() if isinstance(value, bool) else str(value))]
    return [pair for key, one in inner for pair in flat(one, key)]


def send(client, method, path, told):
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
    return client.request(method, path, content=urlencode(flat(told)), headers=headers)


def test_a_conversation_is_opened_and_a_slot_selected(application):
    asked = proposal(event={"location": {"description": "Room 4"}})
    opened = send(application.client, "POST", CONVERSATIONS, asked).json()
    assert (opened["required_duration"], len(opened["participants"])) == ({"minutes": 60}, 2)
    url = opened["participants"][0]["possible_actions"]["slots_select"]["url"]
    answer = send(application.client, "POST", url, {"selected_slots": [{"slot_id": slot_id("09:00")}]})
    assert answer.json()["participants"][0]["status"] == "waiting"


def test_faults_are_told_at_their_fields(application):
    people = [{"participant_id": "a", "managed_availability": "perhaps"}]
    answer = send(
        application.client, "POST", CONVERSATIONS, proposal(participants=people, required_duration={"hours": "x"})
    )
    assert (answer.status_code, error_keys(answer)) == (
        422,
        {
            "participants[0].managed_availability": ["errors.must_be_boolean"],
            "participants[0].common_name": ["errors.required"],
            "required_duration": ["errors.invalid_format"],
        },
    )


def test_an_event_is_written_and_deleted(grace):
    path = f"/v1/calendars/{grace.calendar}/events"
    told = event(
        start={"time": text("09:00"), "tzid": "Europe/London"},
        reminders=[{"minutes": 30}, {"minutes": 5}],
        event_private=True,
        attendees={"invite": [{"email": "karl@example.org", "display_name": "Karl"}]},
    )
    assert send(grace.client, "POST", path, told).status_code == 202
    [found] = read(grace)
    assert (found["reminders"], found["event_private"]) == ([{"minutes": 30}, {"minutes": 5}], True)
    assert found["attendees"][0]["display_name"] == "Karl"
    assert send(grace.client, "DELETE", path, {"event_id": "one"}).status_code == 202
    assert read(grace) == []


def test_rules_and_periods_are_stored(grace):
    weekly = [{"day": "monday", "start_time": "09:00", "end_time": "17:00"}]
    told = {
        "availability_rule_id": "work",
        "tzid": "Etc/UTC",
        "weekly_periods": weekly,
        "calendar_ids": [grace.calendar],
    }
    assert send(grace.client, "POST", "/v1/availability_rules", told).json()["availability_rule"] == told
    period = {"available_period_id": "p", "start": text("09:00"), "end": text("10:00")}
    assert send(grace.client, "POST", "/v1/available_periods", period).status_code == 202
    assert send(grace.client, "DELETE", "/v1/available_periods", {"delete_all": "True"}).status_code == 202
    assert grace.client.get("/v1/available_periods").json()["available_periods"] == []


def test_availability_is_asked_for(application, grace):
    put(grace, event())
    told = {
        "participants": [{"members": [{"sub": grace.sub}], "required": "all"}],
        "required_duration": {"minutes": 60},
        "query_periods": [{"start": text("08:00"), "end": text("11:00")}],
    }
    answer = send(application.client, "POST", "/v1/availability", told)
    assert [one["start"] for one in answer.json()["available_periods"]] == [text("08:00"), text("10:00")]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_json_is_json_whatever_it_is_called(grace, content_type):
    body = b'  {"available_period_id": "p", "start": "2031-05-05T09:00:00Z", "end": "2031-05-05T10:00:00Z"}'
    answer = grace.client.post("/v1/available_periods", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 202


def test_a_form_of_too_many_fields_is_refused(grace):
    body = "&".join(f"a{at}=1" for at in range(1001))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = grace.client.post("/v1/available_periods", content=body, headers=headers)
    assert (answer.status_code, error_keys(answer)) == (422, {"base": ["errors.invalid_json"]})
