"""Deleting many events at once, and what is refused of events that the application did not write."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.api.event_calls import event, put, read
from tests.api.test_participation import is_free
from tests.api.test_reading_events import second_calendar
from tests.make import person, proposal, text

BOOLEAN, CALENDARS, REQUIRED = "errors.must_be_boolean", "errors.invalid_calendar_ids", "errors.required"


@pytest.fixture(params=["body", "query", "form"])
def delete(request):
    """Send what to delete in the body, in the query as pycronofy does, or as a form."""

    def sent(person, told):
        if request.param == "body":
            return person.client.request("DELETE", "/v1/events", json=told)
        flat = {f"{name}[]" if isinstance(value, list) else name: value for name, value in told.items()}
        if request.param == "form":
            return person.client.request("DELETE", "/v1/events", data=flat)
        worded = {name: str(value) if isinstance(value, bool) else value for name, value in flat.items()}
        return person.client.request("DELETE", "/v1/events", params=worded, json={})

    return sent


def test_all_events_of_the_application_are_deleted_and_no_other(service, grace, delete):
    elsewhere = service.grant(grace.sub, service.application())
    put(grace, event("one"), event("two"))
    put(elsewhere, event("theirs"))
    answer = delete(grace, {"delete_all": True})
    assert (answer.status_code, answer.content) == (202, b"")
    assert [one["event_id"] for one in read(elsewhere)] == ["theirs"]
    assert len(read(grace)) == 1
    assert len(read(grace, include_deleted="true")) == 3


@pytest.mark.parametrize("more", [{}, {"delete_all": False}, {"delete_all": True}], ids=str)
def test_named_calendars_are_emptied_and_no_other(grace, delete, more):
    second = second_calendar(grace)
    put(grace, event("first"))
    put(grace, event("second"), calendar_id=second)
    assert delete(grace, {"calendar_ids": [second], **more}).status_code == 202
    assert [one["event_id"] for one in read(grace)] == ["first"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param({}, {"delete_all": [REQUIRED]}, id="nothing"),
        pytest.param({"delete_all": False}, {"delete_all": [REQUIRED]}, id="false"),
        pytest.param({"delete_all": "yes"}, {"delete_all": [BOOLEAN]}, id="a word"),
        pytest.param({"calendar_ids": ["cal_0"]}, {"calendar_ids": [CALENDARS]}, id="unknown calendar"),
        pytest.param(
            {"delete_all": "yes", "calendar_ids": ["cal_0"]},
            {"delete_all": [BOOLEAN], "calendar_ids": [CALENDARS]},
            id="both wrong",
        ),
    ],
)
def test_what_is_wrong_deletes_nothing(grace, delete, told, expected):
    put(grace, event())
    answer = delete(grace, told)
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert len(read(grace)) == 1


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"calendar_ids": []}, {"calendar_ids": [REQUIRED]}),
        ({"calendar_ids": "cal_0"}, {"calendar_ids": ["errors.invalid_format"]}),
        ({"delete_all": "true"}, {"delete_all": [BOOLEAN]}),
        ({"delete_all": 1}, {"delete_all": [BOOLEAN]}),
    ],
    ids=str,
)
def test_json_keeps_to_its_types(grace, told, expected):
    answer = grace.client.request("DELETE", "/v1/events", json=told)
    assert (answer.status_code, error_keys(answer)) == (422, expected)


def test_a_calendar_of_somebody_else_is_not_emptied(service, application, grace, delete):
    other = service.person(application, address())
    put(other, event())
    assert delete(grace, {"calendar_ids": [other.calendar]}).status_code == 422
    assert len(read(other)) == 1


@pytest.mark.parametrize("written", [True, False], ids=["written", "not yet written"])
def test_agreements_events_give_their_time_back(service, application, grace, delete, written):
    opened = application.client.open(proposal(person("@g", "auto", sub=grace.sub)))
    if written:
        service.work()
    assert delete(grace, {"delete_all": True}).status_code == 202
    service.work()
    assert read(grace) == []
    assert is_free(application, grace)
    assert application.client.again(opened)["status"] == "complete"


def test_open_conversations_are_settled_afterwards(service, application, grace, delete):
    put(grace, event("one"), event("two"))
    nine = [{"start": text("09:00"), "end": text("10:00")}]
    opened = application.client.open(proposal(person("@g", "auto", sub=grace.sub), available_periods=nine))
    delete(grace, {"delete_all": True})
    service.work()
    assert application.client.again(opened)["status"] == "complete"


def test_what_another_application_agreed_stays(service, grace, delete):
    other = service.application()
    elsewhere = service.grant(grace.sub, other)
    other.client.open(proposal(person("@g", "auto", sub=grace.sub)))
    delete(grace, {"delete_all": True})
    service.work()
    assert len(read(elsewhere)) == 1
    assert not is_free(other, grace)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("uid", ["evt_external_0123456789abcdef01234567", "whatever"])
def test_an_event_named_by_its_uid_is_beyond_the_permission(grace, method, uid):
    body = {**event(), "event_uid": uid}
    del body["event_id"]
    answer = grace.client.request(method, f"/v1/calendars/{grace.calendar}/events", json=body)
    assert (answer.status_code, answer.content) == (403, b"")


def test_a_uid_beside_an_id_changes_nothing(grace):
    put(grace, event(event_uid="whatever"))
    assert len(read(grace)) == 1


def test_a_uid_in_an_unknown_calendar_is_404(grace):
    answer = grace.client.request("DELETE", "/v1/calendars/cal_0/events", json={"event_uid": "x"})
    assert answer.status_code == 404
