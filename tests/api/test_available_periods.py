"""Available Periods over HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import error_keys
from tests.make import person, proposal, text

PATH = "/v1/available_periods"
ONE, THREE = text("13:00"), text("15:00")
REQUIRED, FORMAT, PAIR = "errors.required", "errors.invalid_format", "errors.invalid_time_pair"


def period(identifier="one", start=ONE, end=THREE, **more):
    told = {"available_period_id": identifier, "start": start, "end": end, **more}
    return {name: value for name, value in told.items() if value is not ...}


def stored(client, **query):
    return client.get(PATH, params=query).json()["available_periods"]


def test_a_period_is_accepted_with_an_empty_answer_and_listed(grace):
    answer = grace.client.post(PATH, json=period())
    assert (answer.status_code, answer.content) == (202, b"")
    assert grace.client.get(PATH).json() == {"pages": {"current": 1, "total": 1}, "available_periods": [period()]}


def test_writing_a_period_again_moves_it(grace):
    grace.client.post(PATH, json=period())
    grace.client.post(PATH, json=period(start=text("10:00"), end=text("11:00")))
    assert stored(grace.client) == [period(start=text("10:00"), end=text("11:00"))]


def test_times_may_be_given_with_their_zone(grace):
    start = {"time": "2031-05-05T15:00:00+02:00", "tzid": "Europe/Paris"}
    assert grace.client.post(PATH, json=period(start=start, tzid="Europe/Paris")).status_code == 202
    assert stored(grace.client) == [period()]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        pytest.param({"available_period_id": "one"}, ["two"], id="one"),
        pytest.param({"available_period_id": "none"}, ["one", "two"], id="unknown"),
        pytest.param({"delete_all": True}, [], id="all"),
        pytest.param({"delete_all": True, "available_period_id": "one"}, [], id="all, with an id"),
        pytest.param({"delete_all": False, "available_period_id": "one"}, ["two"], id="not all"),
    ],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/"], ids=["", "slash"])
def test_periods_are_deleted_one_by_one_or_all(grace, body, left, path):
    for name in ("one", "two"):
        grace.client.post(PATH, json=period(name))
    answer = grace.client.request("DELETE", path, json=body)
    assert (answer.status_code, answer.content) == (202, b"")
    assert [one["available_period_id"] for one in stored(grace.client)] == left


VIOLATIONS = {
    "id absent": (period(...), {"available_period_id": [REQUIRED]}),
    "id too long": (period("x" * 65), {"available_period_id": ["errors.too_long"]}),
    "id not ASCII": (period("é"), {"available_period_id": [FORMAT]}),
    "start absent": (period(start=...), {"start": [REQUIRED]}),
    "end absent": (period(end=...), {"end": [REQUIRED]}),
    "start a date": (period(start="2031-05-05"), {"start": [FORMAT]}),
    "start without offset": (period(start="2031-05-05T13:00:00"), {"start": [FORMAT]}),
    "zone of start unknown": (
        period(start={"time": text("13:00"), "tzid": "Mars"}),
        {"start.tzid": ["errors.tzid_unrecognized"]},
    ),
    "end with a fraction": (period(end="2031-05-05T15:00:00.25Z"), {"end": [FORMAT]}),
    "end at the start": (period(end=text("13:00")), {"end": [PAIR]}),
    "end 59 seconds later": (period(end="2031-05-05T13:00:59Z"), {"end": [PAIR]}),
    "longer than a leap year": (period(end="2032-05-05T13:00:01Z"), {"end": ["errors.out_of_range"]}),
    "tzid unknown": (period(tzid="Mars"), {"tzid": ["errors.tzid_unrecognized"]}),
    "nothing": ({}, {"available_period_id": [REQUIRED], "start": [REQUIRED], "end": [REQUIRED]}),
}


@pytest.mark.parametrize(("body", "expected"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_mistake_is_refused_at_its_field(grace, body, expected):
    answer = grace.client.post(PATH, json=body)
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert stored(grace.client) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({}, {"available_period_id": [REQUIRED]}, id="nothing"),
        pytest.param({"delete_all": False}, {"available_period_id": [REQUIRED]}, id="not all"),
        pytest.param({"delete_all": "true", "available_period_id": "one"}, {"delete_all": ["errors.must_be_boolean"]},
                     id="all a text"),
        pytest.param({"available_period_id": 7}, {"available_period_id": [FORMAT]}, id="id a number"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_deletion_deletes_nothing(grace, body, expected):
    grace.client.post(PATH, json=period())
    answer = grace.client.request("DELETE", PATH, json=body)
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert len(stored(grace.client)) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({}, 2, id="no bounds"),
        pytest.param({"from": text("15:00"), "tzid": "Etc/UTC"}, 1, id="from its end on"),
        pytest.param({"from": "2031-05-05T14:59:59Z", "tzid": "Etc/UTC"}, 2, id="from a second before"),
        pytest.param({"to": text("13:00"), "tzid": "Etc/UTC"}, 0, id="up to its start"),
        pytest.param({"to": "2031-05-05T13:00:01Z", "tzid": "Etc/UTC"}, 1, id="up to a second later"),
        pytest.param({"from": "2031-05-06", "to": "2031-05-07", "tzid": "Etc/UTC"}, 1, id="a day"),
        pytest.param({"from": "2031-05-05", "to": "2031-05-06", "tzid": "Pacific/Kiritimati"}, 0, id="a day elsewhere"),
    ],
)
def test_a_listing_can_be_bounded(grace, query, found):
    grace.client.post(PATH, json=period())
    grace.client.post(PATH, json=period("two", text("13:00", 1), text("15:00", 1)))
    assert len(stored(grace.client, **query)) == found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"from": text("09:00")}, {"tzid": [REQUIRED]}, id="from without zone"),
        pytest.param({"to": text("09:00")}, {"tzid": [REQUIRED]}, id="to without zone"),
        pytest.param({"from": "x", "to": "y", "tzid": "z"}, {"from": [FORMAT], "to": [FORMAT],
                     "tzid": ["errors.tzid_unrecognized"]}, id="all wrong"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_bounds_is_told(grace, query, expected):
    answer = grace.client.get(PATH, params=query)
    assert (answer.status_code, error_keys(answer)) == (422, expected)


def test_periods_come_in_pages_by_start(grace):
    for number in range(120, 0, -1):
        day = number // 24
        grace.client.post(PATH, json=period(str(number), text(f"{number % 24:02}:00", day), text("23:59", day + 1)))
    first = grace.client.get(PATH).json()
    last = grace.client.get(first["pages"]["next_page"]).json()
    names = [one["available_period_id"] for told in (first, last) for one in told["available_periods"]]
    assert names == [str(number) for number in range(1, 121)]
    assert (first["pages"]["total"], last["pages"]) == (2, {"current": 2, "total": 2})


def test_periods_that_come_while_pages_are_read_are_on_the_last(grace):
    for number in range(101):
        grace.client.post(PATH, json=period(str(number)))
    url = grace.client.get(PATH).json()["pages"]["next_page"]
    for number in range(120):
        grace.client.post(PATH, json=period(f"late {number}", text("13:00", 1), text("15:00", 1)))
    last = grace.client.get(url).json()
    assert (last["pages"], len(last["available_periods"])) == ({"current": 2, "total": 2}, 121)


def test_periods_count_where_availability_is_managed(application, grace):
    grace.client.post(PATH, json=period())
    people = [person("@grace", sub=grace.sub, managed_availability=True)]
    opened = application.client.open(proposal(*people))
    starts = [one["start"] for one in application.client.slots(opened, 0).json()["slots"]]
    assert starts == [text("13:00"), text("14:00")]
