"""The calendars of an account."""

from __future__ import annotations

from tests.api.conftest import address


def test_an_account_has_one_primary_calendar_that_can_be_written(grace):
    told = grace.client.get("/v1/calendars").json()
    calendar = told["calendars"][0]
    assert told == {"sub": grace.sub, "calendars": [calendar]}
    assert calendar == {
        "provider_name": "cronofy",
        "profile_id": calendar["profile_id"],
        "profile_name": grace.email,
        "calendar_id": calendar["calendar_id"],
        "calendar_name": "Calendar",
        "calendar_readonly": False,
        "calendar_deleted": False,
        "calendar_primary": True,
        "calendar_integrated_conferencing_available": False,
        "calendar_attachments_available": False,
        "permission_level": "sandbox",
    }


def test_userinfo_and_calendars_agree(grace):
    profile = grace.client.get("/v1/userinfo").json()["cronofy.data"]["profiles"][0]
    calendar = grace.client.get("/v1/calendars").json()["calendars"][0]
    assert calendar["profile_id"] == profile["profile_id"]
    assert [calendar["calendar_id"]] == [one["calendar_id"] for one in profile["profile_calendars"]]


def test_every_application_sees_the_same_calendar_of_an_account(service, application, grace):
    elsewhere = service.grant(grace.sub, service.application())
    stranger = service.person(application, address())
    assert grace.calendar == elsewhere.calendar != stranger.calendar
