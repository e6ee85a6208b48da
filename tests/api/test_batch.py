"""Many requests in one."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.api.event_calls import event, put, read
from tests.api.test_participation import is_free
from tests.make import person, proposal, text

REQUIRED = "errors.required"
PERIOD = {"available_period_id": "mine", "start": text("09:00"), "end": text("17:00")}


def batch(person, *entries):
    answer = person.client.post("/v1/batch", json={"batch": list(entries)})
    assert answer.status_code == 207, answer.text
    return answer.json()["batch"]


def entry(method, url, data=None):
    return {"method": method, "relative_url": url, "data": data or {}}


def write(person, event_id, **changed):
    return entry("POST", f"/v1/calendars/{person.calendar}/events", event(event_id, **changed))


def statuses(told):
    return [one["status"] for one in told]


def keys(told):
    return {path: [one["key"] for one in found] for path, found in told["data"]["errors"].items()}


def periods(person):
    return person.client.get("/v1/available_periods").json()["available_periods"]


def test_entries_are_carried_out_in_order(grace):
    path = f"/v1/calendars/{grace.calendar}/events"
    told = batch(
        grace,
        write(grace, "one"),
        write(grace, "two"),
        entry("DELETE", path, {"event_id": "one"}),
        write(grace, "two", summary="Dinner"),
    )
    assert told == [{"status": 202}] * 4
    assert [one["summary"] for one in read(grace)] == ["Dinner"]


def test_available_periods_and_many_events_may_be_entries(grace):
    put(grace, event())
    told = batch(
        grace,
        entry("POST", "/v1/available_periods", PERIOD),
        entry("DELETE", "/v1/events", {"delete_all": True}),
    )
    assert (statuses(told), len(periods(grace)), read(grace)) == ([202, 202], 1, [])
    assert statuses(batch(grace, entry("DELETE", "/v1/available_periods", {"delete_all": True}))) == [202]
    assert periods(grace) == []


def test_one_that_fails_neither_stops_nor_undoes_the_others(grace):
    told = batch(grace, write(grace, "one"), write(grace, "bad", summary=None, end="x"), write(grace, "two"))
    assert statuses(told) == [202, 422, 202]
    assert keys(told[1]) == {"summary": [REQUIRED], "end": ["errors.invalid_format"]}
    assert {one["event_id"] for one in read(grace)} == {"one", "two"}


@pytest.mark.parametrize(
    ("method", "url", "status", "key"),
    [
        ("POST", "/v1/calendars/cal_0/events", 404, "errors.not_found"),
        ("POST", "/v1/nowhere", 404, "errors.not_found"),
        ("POST", "/", 404, "errors.not_found"),
        ("POST", "/v1/batch", 404, "errors.not_found"),
        ("POST", "/v1/scheduling_conversations", 404, "errors.not_found"),
        ("GET", "/v1/userinfo", 404, "errors.not_found"),
        ("POST", "/oauth/token/revoke", 404, "errors.not_found"),
        ("POST", "/c/x", 404, "errors.not_found"),
        ("POST", "/v1/calendars/a/b/events", 404, "errors.not_found"),
        ("POST", "//evil.example/v1/events", 404, "errors.not_found"),
        ("GET", "/v1/events", 405, "errors.method_not_allowed"),
        ("GET", "/v1/available_periods", 405, "errors.method_not_allowed"),
        ("PUT", "/v1/events", 405, "errors.method_not_allowed"),
    ],
)
def test_what_is_not_possible_is_told_in_its_place(grace, method, url, status, key):
    [told] = batch(grace, entry(method, url))
    assert (told["status"], keys(told)) == (status, {"base": [key]})


def test_a_method_that_is_not_possible_comes_with_those_that_are(grace):
    [told] = batch(grace, entry("GET", f"/v1/calendars/{grace.calendar}/events"))
    assert told["headers"] == {"Allow": "DELETE, POST"}


def test_an_event_named_by_its_uid_is_beyond_the_permission(grace):
    [told] = batch(grace, entry("DELETE", f"/v1/calendars/{grace.calendar}/events", {"event_uid": "x"}))
    assert (told["status"], keys(told)) == (403, {"base": ["errors.forbidden"]})


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("create_event", [202, 403, 202, 403]),
        ("delete_event", [403, 202, 403, 202]),
        ("read_events", [403, 403, 403, 403]),
        ("read_write", [202, 202, 202, 202]),
    ],
)
def test_every_entry_needs_the_scope_of_its_route(service, application, grace, scope, expected):
    path = f"/v1/calendars/{grace.calendar}/events"
    entries = [
        entry("POST", path, event()),
        entry("DELETE", path, {"event_id": "one"}),
        entry("POST", "/v1/available_periods", PERIOD),
        entry("DELETE", "/v1/events", {"delete_all": True}),
    ]
    client = service.client(service.token(grace, application, scope))
    assert statuses(client.post("/v1/batch", json={"batch": entries}).json()["batch"]) == expected


def test_entries_reach_no_further_than_the_caller(service, application, grace):
    karl = service.person(application, address())
    put(karl, event())
    path = f"/v1/calendars/{karl.calendar}/events"
    told = batch(grace, entry("POST", path, event("two")), entry("DELETE", path, {"event_id": "one"}))
    assert statuses(told) == [404, 404]
    assert [one["event_id"] for one in read(karl)] == ["one"]


def test_the_api_key_names_no_account(application):
    assert application.client.post("/v1/batch", json={"batch": []}).status_code == 403


@pytest.mark.parametrize("written", ["{}", "{}/", "{}?more=1"])
@pytest.mark.parametrize("method", ["POST", "post"])
def test_a_url_may_be_written_as_in_a_request(grace, method, written):
    path = f"/v1/calendars/{grace.calendar.replace('_', '%5F')}/events"
    assert statuses(batch(grace, entry(method, written.format(path), event()))) == [202]


def test_what_to_delete_may_stand_in_the_query(grace):
    put(grace, event())
    assert statuses(batch(grace, entry("DELETE", "/v1/events?delete_all=True"))) == [202]
    assert read(grace) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"batch": [REQUIRED]}),
        ({"batch": []}, {"batch": [REQUIRED]}),
        ({"batch": {}}, {"batch": ["errors.invalid_format"]}),
        ({"batch": [entry("POST", "/v1/events")] * 51}, {"batch": ["errors.too_many"]}),
        ({"batch": [1]}, {"batch[0]": ["errors.invalid_format"]}),
        ({"batch": [{}]}, {"batch[0].method": [REQUIRED], "batch[0].relative_url": [REQUIRED]}),
        ({"batch": [entry("POST", "v1/events")]}, {"batch[0].relative_url": ["errors.invalid_format"]}),
        (
            {"batch": [{"method": "POST", "relative_url": "/v1/events", "data": [1]}]},
            {"batch[0].data": ["errors.invalid_format"]},
        ),
    ],
    ids=str,
)
def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(grace, body, expected):
    answer = grace.client.post("/v1/batch", json=body)
    assert (answer.status_code, error_keys(answer)) == (422, expected)


@pytest.mark.parametrize("depth", [900, 940, 950, 960, 970, 980, 990, 1100, 100_000])
def test_no_depth_of_data_is_a_mistake_of_ours(grace, depth):
    data = f'{{"event_id": {"[" * depth}{"]" * depth}}}'
    url = f"/v1/calendars/{grace.calendar}/events"
    body = f'{{"batch": [{{"method": "DELETE", "relative_url": "{url}", "data": {data}}}]}}'
    answer = grace.client.post("/v1/batch", content=body.encode())
    status = answer.json()["batch"][0]["status"] if answer.status_code == 207 else answer.status_code
    assert status == 422


def test_fifty_entries_are_carried_out(grace):
    one = write(grace, "one")
    assert statuses(batch(grace, *[one] * 50)) == [202] * 50


def test_an_entry_needs_no_data(grace):
    told = batch(grace, {"method": "DELETE", "relative_url": f"/v1/calendars/{grace.calendar}/events"})
    assert keys(told[0]) == {"event_id": [REQUIRED]}


def test_a_deletion_in_a_batch_gives_booked_time_back(service, application, grace):
    opened = application.client.open(proposal(person("@g", "auto", sub=grace.sub)))
    service.work()
    path = f"/v1/calendars/{grace.calendar}/events"
    batch(grace, entry("DELETE", path, {"event_id": opened["scheduling_conversation_id"]}))
    assert is_free(application, grace)
