"""Further calendars of an account."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.api.event_calls import event, put, read
from tests.api.test_accounts import profile
from tests.api.test_participation import is_free
from tests.make import person, proposal

REQUIRED, FORMAT, TOO_LONG = "errors.required", "errors.invalid_format", "errors.too_long"


def create(person, **changed):
    body = {"profile_id": profile(person), "name": "Travel", **changed}
    return person.client.post("/v1/calendars", json=body)


def test_a_calendar_is_told_and_listed_behind_the_primary_one(grace):
    answer = create(grace)
    told = answer.json()["calendar"]
    assert (answer.status_code, told) == (
        200,
        {
            "provider_name": "cronofy",
            "profile_id": profile(grace),
            "profile_name": grace.email,
            "calendar_id": told["calendar_id"],
            "calendar_name": "Travel",
            "calendar_readonly": False,
            "calendar_deleted": False,
            "calendar_primary": False,
            "calendar_integrated_conferencing_available": False,
            "calendar_attachments_available": False,
            "permission_level": "sandbox",
        },
    )
    listed = grace.client.get("/v1/calendars").json()["calendars"]
    assert (listed[0]["calendar_primary"], listed[1]) == (True, told)


def test_a_color_is_kept(grace):
    assert create(grace, color="#49BED8").json()["calendar"]["calendar_color"] == "#49BED8"
    assert grace.client.get("/v1/calendars").json()["calendars"][1]["calendar_color"] == "#49BED8"


def test_a_name_is_given_once(service, application, grace):
    karl = service.person(application, address())
    assert [create(one).status_code for one in (grace, karl)] == [200, 200]
    for name in ("Travel", "Calendar"):
        again = create(grace, name=name)
        assert (again.status_code, error_keys(again)) == (422, {"name": ["errors.duplicate_calendar_name"]})
    assert create(grace, name="travel").status_code == 200


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"profile_id": "pro_0"}, {"profile_id": ["errors.not_recognized"]}),
        ({"profile_id": None}, {"profile_id": [REQUIRED]}),
        ({"profile_id": 1, "name": ""}, {"profile_id": [FORMAT], "name": [REQUIRED]}),
        ({"name": "x" * 257}, {"name": [TOO_LONG]}),
        ({"name": "a\0"}, {"name": [FORMAT]}),
        ({"color": ["red"]}, {"color": [FORMAT]}),
    ],
    ids=str,
)
def test_a_mistake_is_told(grace, changed, expected):
    answer = create(grace, **changed)
    assert (answer.status_code, error_keys(answer)) == (422, expected)


def test_the_profile_of_another_account_is_not_known(service, application, grace):
    other = profile(service.person(application, address()))
    assert error_keys(create(grace, profile_id=other)) == {"profile_id": ["errors.not_recognized"]}


def test_an_account_has_at_most_a_hundred(grace):
    named = {"profile_id": profile(grace)}
    made = [grace.client.post("/v1/calendars", json={**named, "name": str(at)}).status_code for at in range(99)]
    assert set(made) == {200}
    assert error_keys(create(grace)) == {"name": ["errors.too_many"]}


def test_its_events_block_like_any_others(application, grace):
    made = create(grace).json()["calendar"]["calendar_id"]
    put(grace, event(), calendar_id=made)
    assert not is_free(application, grace)
    assert read(grace)[0]["calendar_id"] == made


def test_agreements_are_written_into_the_primary_calendar(service, application, grace):
    create(grace, name="A")
    application.client.open(proposal(person("@g", "auto", sub=grace.sub)))
    service.work()
    assert read(grace)[0]["calendar_id"] == grace.calendar
