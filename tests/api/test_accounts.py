"""The account of a token, its profile, and how it takes back its consent."""

from __future__ import annotations

import pytest

from tests.api.conftest import address
from tests.make import person, proposal, selection

SCOPES = "read_account list_calendars read_events create_event delete_event read_free_busy"


def profile(person):
    return person.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]


def revoke(person, profile_id):
    return person.client.post(f"/v1/profiles/{profile_id}/revoke")


def test_an_account_is_told(service, application):
    grace = service.person(application, address(), tzid="Europe/London")
    assert grace.client.get("/v1/account").json() == {
        "account": {
            "account_id": grace.sub,
            "email": grace.email,
            "name": grace.email.split("@")[0].title(),
            "default_tzid": "Europe/London",
            "scope": SCOPES,
        }
    }


def test_an_application_calendar_has_no_address(service, application):
    named = {"client_id": application.id, "client_secret": application.secret, "application_calendar_id": "room"}
    given = service.client().post("/v1/application_calendars", json=named).json()
    client = service.client(given["access_token"])
    assert client.get("/v1/account").json()["account"] == {
        "account_id": given["sub"],
        "default_tzid": "Etc/UTC",
        "scope": "read_write",
    }
    assert client.get("/v1/profiles").json()["profiles"][0]["profile_name"] == "room"


def test_a_profile_is_told_as_in_userinfo(grace):
    [told] = grace.client.get("/v1/profiles").json()["profiles"]
    in_userinfo = grace.client.get("/v1/userinfo").json()["cronofy.data"]["profiles"][0]
    assert told == {
        "provider_name": "cronofy",
        "provider_service": "cronofy",
        "profile_id": in_userinfo["profile_id"],
        "profile_name": grace.email,
        "profile_connected": True,
    }
    assert told.items() <= in_userinfo.items()


def test_revoking_a_profile_ends_every_authorization_of_this_application_only(service, application, grace):
    again = service.grant(grace.sub, application)
    elsewhere = service.grant(grace.sub, service.application())
    answer = revoke(grace, profile(grace))
    assert (answer.status_code, answer.content) == (202, b"")
    left = [one.client.get("/v1/account").status_code for one in (grace, again, elsewhere)]
    assert left == [401, 401, 200]


@pytest.mark.parametrize("scope", ["read_free_busy", "create_event"])
def test_any_token_may_take_back_its_own_consent(service, application, grace, scope):
    client = service.client(service.token(grace, application, scope))
    assert client.post(f"/v1/profiles/{profile(grace)}/revoke").status_code == 202


def test_another_accounts_profile_is_404(service, application, grace):
    karl = service.person(application, address())
    answers = [revoke(grace, one) for one in (profile(karl), "pro_0")]
    assert [(one.status_code, one.content) for one in answers] == [(404, b"")] * 2
    assert [one.client.get("/v1/account").status_code for one in (grace, karl)] == [200, 200]


def test_after_that_its_open_conversations_cannot_be_agreed(application, grace):
    opened = application.client.open(proposal(person("@g", sub=grace.sub)))
    revoke(grace, profile(grace))
    answer = application.client.select(opened, 0, selection("09:00"))
    assert answer.json()["errors"]["base"][0]["key"] == "errors.account_revoked"
