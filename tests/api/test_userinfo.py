"""Who a token stands for, and its calendars."""

from __future__ import annotations

from tests.api.conftest import address


def test_userinfo_tells_the_account_its_authorization_and_its_profile(service, application):
    email = address()
    grace = service.person(application, email, "America/Chicago")
    told = grace.client.get("/v1/userinfo").json()
    profile = told["cronofy.data"]["profiles"][0]
    calendar = profile["profile_calendars"][0]
    assert told == {
        "sub": grace.sub,
        "email": email,
        "name": email.split("@")[0].title(),
        "zoneinfo": "America/Chicago",
        "cronofy.type": "account",
        "cronofy.data": {
            "authorization": {
                "scope": "read_account list_calendars read_events create_event delete_event read_free_busy",
                "status": "active",
            },
            "profiles": [profile],
        },
    }
    assert profile == {
        "provider_name": "cronofy",
        "provider_service": "cronofy",
        "profile_id": profile["profile_id"],
        "profile_name": email,
        "profile_connected": True,
        "profile_initial_sync_required": False,
        "profile_calendars": [calendar],
    }
    assert (grace.sub[:4], profile["profile_id"][:4], calendar["calendar_id"][:4]) == ("acc_", "pro_", "cal_")


def test_the_scope_told_is_that_of_the_token(service, application, grace):
    client = service.client(service.token(grace, application, "read_account create_event"))
    told = client.get("/v1/userinfo").json()["cronofy.data"]["authorization"]
    assert told == {"scope": "read_account create_event", "status": "active"}
