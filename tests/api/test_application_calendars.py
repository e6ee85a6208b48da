"""Application calendars: accounts that an application makes for itself."""

from __future__ import annotations

import pytest

from tests.api.conftest import error_keys
from tests.make import person, proposal, text

PATH = "/v1/application_calendars"
REQUIRED = "errors.required"


def asked(application, identifier="room", **changed):
    told = {"client_id": application.id, "client_secret": application.secret, "application_calendar_id": identifier}
    return {name: value for name, value in {**told, **changed}.items() if value is not ...}


def test_first_use_makes_an_account_and_later_ones_find_it(service, application):
    client = service.client()
    first, again = (client.post(PATH, json=asked(application)).json() for _ in range(2))
    other = client.post(PATH, json=asked(application, "another room")).json()
    assert first["sub"][:4] == "apc_"
    assert first["sub"] == first["account_id"] == again["sub"] != other["sub"]
    assert (first["scope"], first["token_type"], first["expires_in"]) == ("read_write", "bearer", 3600)
    assert first["linking_profile"]["provider_name"] == "cronofy"
    assert first["application_calendar_id"] == "room"


def test_the_answer_is_not_to_be_stored(service, application):
    answer = service.client().post(PATH, json=asked(application))
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")


def test_the_same_id_of_another_application_is_another_calendar(service, application):
    client = service.client()
    subs = {client.post(PATH, json=asked(one)).json()["sub"] for one in (application, service.application())}
    assert len(subs) == 2


def test_it_has_one_primary_calendar_and_takes_part_in_conversations(service, application):
    told = service.client().post(PATH, json=asked(application)).json()
    room = service.client(told["access_token"])
    calendars = room.get("/v1/calendars").json()["calendars"]
    event = {"event_id": "1", "summary": "Taken", "start": text("09:00"), "end": text("10:00")}
    room.post(f"/v1/calendars/{calendars[0]['calendar_id']}/events", json=event)
    opened = application.client.open(proposal(person("@room", "auto", sub=told["sub"])))
    assert [one["calendar_primary"] for one in calendars] == [True]
    assert opened["chosen_slot"]["start"] == text("10:00")


def test_its_userinfo_has_no_address(service, application):
    told = service.client().post(PATH, json=asked(application)).json()
    info = service.client(told["access_token"]).get("/v1/userinfo").json()
    assert (info["sub"], "email" in info, "name" in info) == (told["sub"], False, False)
    assert info["cronofy.data"]["authorization"]["scope"] == "read_write"


def test_its_tokens_refresh_and_revoke(service, application):
    told = service.client().post(PATH, json=asked(application)).json()
    named = {"client_id": application.id, "client_secret": application.secret}
    renewal = {**named, "grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    fresh = service.client().post("/oauth/token", json=renewal).json()
    assert fresh["application_calendar_id"] == "room"
    service.client().post("/oauth/token/revoke", json={**named, "sub": told["sub"]})
    assert service.client(fresh["access_token"]).get("/v1/calendars").status_code == 401


def test_after_revocation_it_is_found_again(service, application):
    client = service.client()
    before = client.post(PATH, json=asked(application)).json()
    named = {"client_id": application.id, "client_secret": application.secret}
    client.post("/oauth/token/revoke", json={**named, "sub": before["sub"]})
    after = client.post(PATH, json=asked(application)).json()
    assert after["sub"] == before["sub"]
    assert service.client(after["access_token"]).get("/v1/userinfo").status_code == 200


@pytest.mark.parametrize("wrong", [{"client_secret": "psk_0"}, {"client_id": "0"}], ids=["secret", "client id"])
def test_wrong_credentials_are_401(service, application, wrong):
    answer = service.client().post(PATH, json=asked(application, **wrong))
    assert (answer.status_code, answer.content, answer.headers["www-authenticate"]) == (401, b"", "Bearer")


def test_the_secret_of_another_application_is_401(service, application):
    wrong = asked(application, client_secret=service.application().secret)
    assert service.client().post(PATH, json=wrong).status_code == 401


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"client_id": ...}, {"client_id": [REQUIRED]}, id="no client id"),
        pytest.param({"client_secret": None}, {"client_secret": [REQUIRED]}, id="no secret"),
        pytest.param({"identifier": ""}, {"application_calendar_id": [REQUIRED]}, id="empty id"),
        pytest.param({"identifier": 7}, {"application_calendar_id": ["errors.invalid_format"]}, id="a number"),
        pytest.param({"identifier": "\0"}, {"application_calendar_id": ["errors.invalid_format"]}, id="a null"),
        pytest.param({"identifier": "x" * 257}, {"application_calendar_id": ["errors.too_long"]}, id="too long"),
    ],
)
def test_a_mistake_is_refused_at_its_field(service, application, changed, expected):
    answer = service.client().post(PATH, json=asked(application, **changed))
    assert (answer.status_code, error_keys(answer)) == (422, expected)
