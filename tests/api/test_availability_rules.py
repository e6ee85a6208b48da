"""Availability Rules over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.conftest import address, error_keys
from tests.make import person, proposal, text

PATH = "/v1/availability_rules"
REQUIRED, FORMAT, TOO_MANY = "errors.required", "errors.invalid_format", "errors.too_many"


def rule(**changed):
    told = {"availability_rule_id": "work", "tzid": "Etc/UTC", "weekly_periods": [weekly()], **changed}
    return {name: value for name, value in told.items() if value is not ...}


def weekly(**changed):
    told = {"day": "monday", "start_time": "13:00", "end_time": "15:00", **changed}
    return {name: value for name, value in told.items() if value is not ...}


def starts(client, opened):
    return [one["start"] for one in client.slots(opened, 0).json()["slots"]]


def test_a_rule_is_answered_read_and_listed_as_it_was_written(grace):
    full = rule(calendar_ids=[grace.calendar], weekly_periods=[weekly(), weekly(day="sunday", end_time="24:00")])
    put = grace.client.post(PATH, json=full)
    assert (put.status_code, put.json()) == (200, {"availability_rule": full})
    assert grace.client.get(f"{PATH}/work").json() == {"availability_rule": full}
    assert grace.client.get(PATH).json() == {"availability_rules": [full]}


def test_writing_a_rule_again_replaces_it(grace):
    grace.client.post(PATH, json=rule())
    grace.client.post(PATH, json=rule(tzid="Asia/Tokyo"))
    assert [one["tzid"] for one in grace.client.get(PATH).json()["availability_rules"]] == ["Asia/Tokyo"]


def test_a_deleted_rule_is_gone(grace):
    grace.client.post(PATH, json=rule())
    deleted = grace.client.delete(f"{PATH}/work")
    assert (deleted.status_code, deleted.content) == (202, b"")
    assert grace.client.get(PATH).json() == {"availability_rules": []}
    assert [grace.client.get(f"{PATH}/work").status_code, grace.client.delete(f"{PATH}/work").status_code] == [404, 404]


@pytest.mark.parametrize("identifier", ["a/b", "a b", "pages/1", "x?y#z", "%2F", "~" * 64])
def test_any_ascii_id_can_be_written_read_and_deleted(grace, identifier):
    path = f"{PATH}/{quote(identifier, safe='')}"
    grace.client.post(PATH, json=rule(availability_rule_id=identifier))
    assert grace.client.get(path).json()["availability_rule"]["availability_rule_id"] == identifier
    assert grace.client.delete(path).status_code == 202


VIOLATIONS = {
    "id absent": (rule(availability_rule_id=...), {"availability_rule_id": [REQUIRED]}),
    "id too long": (rule(availability_rule_id="x" * 65), {"availability_rule_id": ["errors.too_long"]}),
    "id not ASCII": (rule(availability_rule_id="é"), {"availability_rule_id": [FORMAT]}),
    "id of two lines": (rule(availability_rule_id="a\nb"), {"availability_rule_id": [FORMAT]}),
    "id a number": (rule(availability_rule_id=7), {"availability_rule_id": [FORMAT]}),
    "tzid absent": (rule(tzid=...), {"tzid": [REQUIRED]}),
    "tzid unknown": (rule(tzid="Mars"), {"tzid": ["errors.tzid_unrecognized"]}),
    "hours absent": (rule(weekly_periods=...), {"weekly_periods": [REQUIRED]}),
    "hours empty": (rule(weekly_periods=[]), {"weekly_periods": [REQUIRED]}),
    "hours an object": (rule(weekly_periods=weekly()), {"weekly_periods": [FORMAT]}),
    "hours too many": (rule(weekly_periods=[weekly()] * 101), {"weekly_periods": [TOO_MANY]}),
    "hours a text": (rule(weekly_periods=["monday"]), {"weekly_periods[0]": [FORMAT]}),
    "calendars empty": (rule(calendar_ids=[]), {"calendar_ids": [REQUIRED]}),
    "calendars a text": (rule(calendar_ids="cal_1"), {"calendar_ids": [FORMAT]}),
    "calendar unknown": (rule(calendar_ids=["cal_0"]), {"calendar_ids": ["errors.invalid_calendar_ids"]}),
    "calendar a number": (rule(calendar_ids=[7]), {"calendar_ids[0]": [FORMAT]}),
}
WRONG_HOURS = {
    "day absent": (weekly(day=...), "day", REQUIRED),
    "day unknown": (weekly(day="Monday"), "day", "errors.not_recognized"),
    "day a number": (weekly(day=1), "day", FORMAT),
    "start absent": (weekly(start_time=...), "start_time", REQUIRED),
    "end absent": (weekly(end_time=...), "end_time", REQUIRED),
    "start a number": (weekly(start_time=9), "start_time", FORMAT),
    "start with one digit": (weekly(start_time="9:00"), "start_time", FORMAT),
    "start with seconds": (weekly(start_time="09:00:00"), "start_time", "errors.too_long"),
    "start at 24": (weekly(start_time="24:00"), "start_time", FORMAT),
    "start at minute 60": (weekly(start_time="09:60"), "start_time", FORMAT),
    "end at 24:15": (weekly(end_time="24:15"), "end_time", FORMAT),
    "end at the start": (weekly(end_time="13:00"), "end_time", "errors.invalid_time_pair"),
    "end before the start": (weekly(end_time="12:00"), "end_time", "errors.invalid_time_pair"),
}
VIOLATIONS |= {
    name: (rule(weekly_periods=[weekly(day="friday"), hours]), {f"weekly_periods[1].{path}": [key]})
    for name, (hours, path, key) in WRONG_HOURS.items()
}


@pytest.mark.parametrize(("body", "expected"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_mistake_is_refused_at_its_field(grace, body, expected):
    answer = grace.client.post(PATH, json=body)
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert grace.client.get(PATH).json() == {"availability_rules": []}


def test_every_mistake_is_told_at_once(grace):
    answer = grace.client.post(PATH, json={"weekly_periods": [{}], "calendar_ids": []})
    assert error_keys(answer) == {
        "availability_rule_id": [REQUIRED],
        "tzid": [REQUIRED],
        "weekly_periods[0].day": [REQUIRED],
        "weekly_periods[0].start_time": [REQUIRED],
        "weekly_periods[0].end_time": [REQUIRED],
        "calendar_ids": [REQUIRED],
    }


def test_calendars_that_are_null_count_as_absent(grace):
    told = grace.client.post(PATH, json=rule(calendar_ids=None)).json()
    assert told == {"availability_rule": rule()}


def test_calendars_of_somebody_else_are_not_recognized(service, application, grace):
    other = service.person(application, address())
    answer = grace.client.post(PATH, json=rule(calendar_ids=[other.calendar]))
    assert error_keys(answer) == {"calendar_ids": ["errors.invalid_calendar_ids"]}


def test_an_account_has_at_most_a_hundred_rules(grace):
    for number in range(100):
        assert grace.client.post(PATH, json=rule(availability_rule_id=f"rule {number}")).status_code == 200
    one_more = grace.client.post(PATH, json=rule(availability_rule_id="one more"))
    assert error_keys(one_more) == {"availability_rule_id": [TOO_MANY]}
    assert grace.client.post(PATH, json=rule(availability_rule_id="rule 1", tzid="Asia/Tokyo")).status_code == 200


@pytest.mark.parametrize(("managed", "first"), [(True, text("13:00")), (False, text("09:00"))])
def test_rules_count_where_availability_is_managed(application, grace, managed, first):
    grace.client.post(PATH, json=rule())
    people = [person("@grace", sub=grace.sub, managed_availability=managed)]
    assert starts(application.client, application.client.open(proposal(*people)))[0] == first


def test_rules_of_another_application_do_not_count(service, application, grace):
    service.grant(grace.sub, service.application()).client.post(PATH, json=rule())
    people = [person("@grace", sub=grace.sub, managed_availability=True)]
    assert starts(application.client, application.client.open(proposal(*people)))[0] == text("09:00")
    assert grace.client.get(PATH).json() == {"availability_rules": []}


@pytest.mark.parametrize("name", ["a/b", "a%2Fb", "?", "#", "..x", " a "])
def test_a_rule_is_found_under_whatever_it_is_called(grace, name):
    assert grace.client.post(PATH, json=rule(availability_rule_id=name)).status_code == 200
    url = f"{PATH}/{quote(name, safe='')}"
    assert grace.client.get(url).json()["availability_rule"]["availability_rule_id"] == name
    assert grace.client.delete(url).status_code == 202
