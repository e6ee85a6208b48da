"""Codes that are exchanged for tokens."""

from __future__ import annotations

import threading
from urllib.parse import urlencode

import pytest

from parley.actions import accounts
from parley.actions.applications import Impossible
from parley.core.access import digest
from tests.api.conftest import address
from tests.conftest import Application, Clock, Person, Service

URI, OTHER_URI = "https://app.example/callback", "https://app.example/other"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Given:
    """An application with a code for Grace, and the call that exchanges it."""

    def __init__(self, service: Service, application: Application, grace: Person) -> None:
        self.service, self.application, self.grace = service, application, grace
        self.code = accounts.authorize(service.dc, grace.sub, application.id, URI)

    def exchange(self, *, form: bool = False, **changed):
        named = {
            "grant_type": "authorization_code",
            "client_id": self.application.id,
            "client_secret": self.application.secret,
            "code": self.code,
            "redirect_uri": URI,
            **changed,
        }
        told = {name: value for name, value in named.items() if value is not ...}
        client = self.service.client("None")  # pycronofy sends this where it has no token
        if form:
            return client.post("/oauth/token", content=urlencode(told), headers=FORM)
        return client.post("/oauth/token", json=told)


@pytest.fixture
def given(service):
    application = service.application(URI, OTHER_URI)
    return Given(service, application, service.person(application, address()))


def status(service, token):
    return service.client(token).get("/v1/account").status_code


def refused(answer, error="invalid_grant"):
    return (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_a_code_gives_tokens_for_its_account(service, given, form):
    answer = given.exchange(form=form)
    told = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (told["sub"], told["account_id"], told["expires_in"]) == (given.grace.sub, given.grace.sub, 3600)
    assert told["linking_profile"]["profile_name"] == given.grace.email
    assert status(service, told["access_token"]) == 200


def test_the_refresh_token_that_comes_with_it_is_good(given):
    renewed = given.exchange(grant_type="refresh_token", refresh_token=given.exchange().json()["refresh_token"])
    assert renewed.status_code == 200


def test_a_code_is_good_once_and_a_second_use_ends_what_it_gave(service, given):
    first = given.exchange().json()
    assert refused(given.exchange())
    assert status(service, first["access_token"]) == 401
    assert refused(given.exchange(grant_type="refresh_token", refresh_token=first["refresh_token"]))
    assert given.grace.client.get("/v1/account").status_code == 200


def test_a_second_use_ends_it_whatever_its_redirect_uri(service, given):
    first = given.exchange().json()
    assert refused(given.exchange(redirect_uri=OTHER_URI))
    assert status(service, first["access_token"]) == 401


def test_of_many_who_use_a_code_at_once_at_most_one_gets_tokens(given):
    answers, start = [], threading.Barrier(6)

    def use():
        start.wait()
        answers.append(given.exchange().status_code)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [200, 400, 400, 400, 400, 400]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        pytest.param({"code": ...}, "invalid_request", id="no code"),
        pytest.param({"code": ""}, "invalid_request", id="empty code"),
        pytest.param({"code": ["a"]}, "invalid_request", id="a list for a code"),
        pytest.param({"code": "pcd_0"}, "invalid_grant", id="unknown code"),
        pytest.param({"redirect_uri": ...}, "invalid_request", id="no redirect URI"),
        pytest.param({"redirect_uri": OTHER_URI}, "invalid_grant", id="another of its redirect URIs"),
        pytest.param({"redirect_uri": URI + "/"}, "invalid_grant", id="a slash more"),
        pytest.param({"client_id": ...}, "invalid_request", id="no client id"),
        pytest.param({"client_secret": ...}, "invalid_request", id="no secret"),
        pytest.param({"client_secret": "psk_0"}, "invalid_client", id="wrong secret"),
        pytest.param({"client_id": "0"}, "invalid_client", id="wrong client id"),
    ],
)
def test_a_mistake_is_told_and_leaves_the_code_good(given, changed, error):
    assert refused(given.exchange(**changed), error)
    assert given.exchange().status_code == 200


def test_another_application_gets_nothing_and_ends_nothing(service, given):
    other = service.application(URI)
    theirs = {"client_id": other.id, "client_secret": other.secret}
    assert refused(given.exchange(**theirs))
    first = given.exchange().json()
    assert refused(given.exchange(**theirs))
    assert status(service, first["access_token"]) == 200


@pytest.mark.parametrize(("later", "expected"), [(599, 200), (600, 400)])
def test_a_code_is_good_for_ten_minutes(own_service, later, expected):
    application = own_service.application(URI)
    given = Given(own_service, application, own_service.person(application))
    own_service.clock.instant += later
    assert given.exchange().status_code == expected


def test_a_used_code_is_still_recognised_after_it_has_expired(serve, dc, clock: Clock):
    service = serve(dc, clock)
    application = service.application(URI)
    given = Given(service, application, service.person(application))
    first = given.exchange().json()
    clock.instant += 3000
    Given(service, application, given.grace)
    assert refused(given.exchange())
    assert status(service, first["access_token"]) == 401


def test_only_the_digest_is_kept(service, given):
    kept = service.dc.db.read(lambda tx: [row[0] for row in tx.all("select digest from codes")])
    assert digest(given.code) in kept
    assert given.code not in kept


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"sub": "acc_0"}, "there is no account acc_0", id="account"),
        pytest.param({"client_id": "0"}, "there is no application 0", id="application"),
        pytest.param({"redirect_uri": "https://evil.example/"}, "is no redirect URI", id="redirect URI"),
    ],
)
def test_a_code_is_not_made_for_what_is_unknown(service, given, changed, why):
    named = {"sub": given.grace.sub, "client_id": given.application.id, "redirect_uri": URI, **changed}
    with pytest.raises(Impossible, match=why):
        accounts.authorize(service.dc, **named)
