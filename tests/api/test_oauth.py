"""Refreshing and revoking tokens."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.make import person, proposal

TOKEN, REVOKE, USERINFO = "/oauth/token", "/oauth/token/revoke", "/v1/userinfo"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.fixture(params=["json", "form"])
def send(request, service, application):
    """Send fields to a path with the application's credentials, as JSON or as a form."""
    client = service.client()
    named = {"client_id": application.id, "client_secret": application.secret}

    def sent(path, **fields):
        told = {name: value for name, value in {**named, **fields}.items() if value is not ...}
        if request.param == "json":
            return client.post(path, json=told)
        return client.post(path, content=urlencode(told), headers=FORM)

    return sent


def refresh(send, grace, **changed):
    return send(TOKEN, **{"grant_type": "refresh_token", "refresh_token": grace.refresh_token, **changed})


def test_a_refresh_gives_a_new_access_token_and_the_same_refresh_token(service, send, grace):
    answer = refresh(send, grace)
    told = answer.json()
    assert told == {
        "token_type": "bearer",
        "access_token": told["access_token"],
        "expires_in": 3600,
        "refresh_token": grace.refresh_token,
        "scope": "read_account list_calendars read_events create_event delete_event read_free_busy",
        "account_id": grace.sub,
        "sub": grace.sub,
        "linking_profile": {
            "provider_name": "cronofy",
            "profile_id": told["linking_profile"]["profile_id"],
            "profile_name": grace.email,
        },
    }
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    tokens = (grace.client.token, told["access_token"])
    assert [service.client(one).get(USERINFO).status_code for one in tokens] == [200, 200]


def test_a_refresh_works_again_and_again(send, grace):
    given = {refresh(send, grace).json()["access_token"] for _ in range(3)}
    assert len(given) == 3


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        pytest.param({"grant_type": ...}, "invalid_request", id="no grant type"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="another grant type"),
        pytest.param({"grant_type": "authorization_code"}, "invalid_request", id="no code"),
        pytest.param({"refresh_token": ...}, "invalid_request", id="no token"),
        pytest.param({"refresh_token": ""}, "invalid_request", id="empty token"),
        pytest.param({"refresh_token": "prt_0"}, "invalid_grant", id="unknown token"),
        pytest.param({"client_id": ...}, "invalid_request", id="no client id"),
        pytest.param({"client_secret": ...}, "invalid_request", id="no secret"),
        pytest.param({"client_secret": "psk_0"}, "invalid_client", id="wrong secret"),
        pytest.param({"client_id": "0"}, "invalid_client", id="wrong client id"),
        pytest.param({"client_id": "0", "refresh_token": "prt_0"}, "invalid_client", id="both wrong"),
    ],
)
def test_what_is_wrong_with_a_refresh_is_told_as_oauth_does(send, grace, changed, error):
    answer = refresh(send, grace, **changed)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_an_access_token_is_not_a_refresh_token(send, grace):
    assert refresh(send, grace, refresh_token=grace.client.token).json() == {"error": "invalid_grant"}


def test_another_application_cannot_refresh(service, grace, send):
    other = service.application()
    answer = refresh(send, grace, client_id=other.id, client_secret=other.secret)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_a_secret_of_one_application_is_none_of_another(service, grace, send):
    answer = refresh(send, grace, client_secret=service.application().secret)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        pytest.param(b"", {}, id="nothing"),
        pytest.param(b"[]", {}, id="an empty array"),
        pytest.param(b"{", {}, id="half an object"),
        pytest.param(b"[1]", {}, id="an array"),
        pytest.param(b"a=b", {}, id="a form that is not said to be one"),
        pytest.param(b"{}", FORM, id="JSON said to be a form"),
        pytest.param(b"\xff\xfe=1", FORM, id="a form that is not UTF-8"),
        pytest.param(b"&".join([b"a=b"] * 200), FORM, id="a form of 200 fields"),
        pytest.param(b'{"grant_type": {"a": 1}}', {}, id="an object for a text"),
        pytest.param(b'{"grant_type": "refresh_token", "client_id": ["a"]}', {}, id="a list for a text"),
    ],
)
@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_a_body_that_cannot_be_read_is_an_invalid_request(service, path, content, headers):
    answer = service.client().post(path, content=content, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def naming(grace, given):
    """The fields that revoke by this kind of name."""
    return {
        "access token": {"token": grace.client.token},
        "refresh token": {"token": grace.refresh_token},
        "refresh_token field": {"refresh_token": grace.refresh_token},
        "sub": {"sub": grace.sub},
        "with more": {"token": grace.refresh_token, "request_pii_erasure": "true"},
    }[given]


@pytest.mark.parametrize("given", ["access token", "refresh token", "refresh_token field", "sub", "with more"])
def test_revoking_ends_the_refresh_token_and_all_its_access_tokens(service, send, grace, given):
    later = service.client(refresh(send, grace).json()["access_token"])
    answer = send(REVOKE, **naming(grace, given))
    assert (answer.status_code, answer.content) == (200, b"")
    assert [one.get(USERINFO).status_code for one in (grace.client, later)] == [401, 401]
    assert refresh(send, grace).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"token": "pat_0"}, id="unknown token"),
        pytest.param({"sub": "acc_0"}, id="unknown sub"),
        pytest.param({"token": "scv_0.0.0.0"}, id="a participant's token"),
    ],
)
def test_revoking_what_is_not_there_is_answered_like_success(send, grace, fields):
    answer = send(REVOKE, **fields)
    assert (answer.status_code, answer.content) == (200, b"")
    assert grace.client.get(USERINFO).status_code == 200


def test_revoking_twice_is_answered_like_once(send, grace):
    answers = [send(REVOKE, token=grace.refresh_token) for _ in range(2)]
    assert [(one.status_code, one.content) for one in answers] == [(200, b"")] * 2


def test_of_token_and_sub_the_token_wins(service, application, send, grace):
    again = service.grant(grace.sub, application)
    send(REVOKE, token=again.refresh_token, sub=grace.sub)
    assert [one.client.get(USERINFO).status_code for one in (grace, again)] == [200, 401]


def test_revoking_by_sub_ends_every_authorization_of_this_application_only(service, application, send, grace):
    again = service.grant(grace.sub, application)
    elsewhere = service.grant(grace.sub, service.application())
    send(REVOKE, sub=grace.sub)
    assert [one.client.get(USERINFO).status_code for one in (grace, again, elsewhere)] == [401, 401, 200]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        pytest.param({"token": ...}, "invalid_request", id="neither token nor sub"),
        pytest.param({"client_secret": "psk_0"}, "invalid_client", id="wrong secret"),
        pytest.param({"client_id": ...}, "invalid_request", id="no client id"),
    ],
)
def test_revoking_with_something_wrong_ends_nothing(send, grace, changed, error):
    answer = send(REVOKE, **{"token": grace.refresh_token, **changed})
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert grace.client.get(USERINFO).status_code == 200


@pytest.mark.parametrize("given", ["access token", "refresh token", "sub"])
def test_another_application_cannot_revoke(service, send, grace, given):
    other = service.application()
    answer = send(REVOKE, client_id=other.id, client_secret=other.secret, **naming(grace, given))
    assert answer.status_code == 200
    assert grace.client.get(USERINFO).status_code == 200


def test_a_revoked_account_is_no_longer_one_of_the_application(application, send, grace):
    send(REVOKE, sub=grace.sub)
    answer = application.client.post("/v1/scheduling_conversations", json=proposal(person("@g", sub=grace.sub)))
    assert answer.json()["errors"]["participants[0].sub"][0]["key"] == "errors.not_recognized"


def test_an_expired_access_token_still_revokes_and_a_refresh_goes_on(own_service):
    application = own_service.application()
    grace = own_service.person(application)
    named = {"client_id": application.id, "client_secret": application.secret}
    own_service.clock.instant += 7200
    renewal = {"grant_type": "refresh_token", "refresh_token": grace.refresh_token}
    fresh = own_service.client(own_service.client().post(TOKEN, json={**named, **renewal}).json()["access_token"])
    assert [one.get(USERINFO).status_code for one in (grace.client, fresh)] == [401, 200]
    own_service.client().post(REVOKE, json={**named, "token": fresh.token})
    assert fresh.get(USERINFO).status_code == 401
