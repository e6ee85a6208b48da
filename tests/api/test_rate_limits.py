"""What happens to calls beyond the allowance, and to whoever tries tokens out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.api.conftest import error_keys
from tests.make import proposal, selection, text

PATH = "/v1/scheduling_conversations"


@pytest.fixture
def limited(serve, dc, clock):
    """Start a service with other limits than none."""

    def start(rules="50/s;500/min"):
        return serve(replace(dc, settings=dc.settings.model_copy(update={"rate_limit": rules})), clock)

    return start


def statuses(calls):
    """How often each status was answered."""
    told = [one.status_code for one in calls]
    return {status: told.count(status) for status in sorted(set(told))}


def from_address(client, address):
    """The client as a proxy on this machine passes its calls on."""
    client.headers["X-Forwarded-For"] = address
    return client


def test_the_fifty_first_call_of_a_second_is_refused_and_one_of_the_next_is_not(limited, clock):
    service = limited()
    client = service.application().client
    assert statuses(client.get(PATH) for _ in range(53)) == {200: 50, 429: 3}
    clock.instant += 1
    assert client.get(PATH).status_code == 200


def test_a_refused_call_says_so_in_the_form_of_all_refusals(limited, clock):
    service = limited("2/min")
    clock.instant += 20
    client = service.application().client
    statuses(client.get(PATH) for _ in range(3))
    answer = client.get(PATH, headers={"X-Request-Id": "mine"})
    assert (answer.status_code, error_keys(answer)) == (429, {"base": ["errors.rate_limited"]})
    told = {name: answer.headers[name] for name in ("retry-after", "x-request-id", "status", "content-type")}
    assert told == {
        "retry-after": "40",
        "x-request-id": "mine",
        "status": "429 Too Many Requests",
        "content-type": "application/json; charset=utf-8",
    }


def test_a_refused_call_changes_nothing(limited, clock):
    client = limited("3/min").application().client
    answers = [client.post(PATH, json=proposal()) for _ in range(6)]
    clock.instant += 60
    assert statuses(answers) == {200: 3, 429: 3}
    assert len(client.get(PATH).json()["scheduling_conversations"]) == 3


def test_all_accounts_of_an_application_call_for_it(limited):
    service = limited("40/min")
    application = service.application()
    grace, karl = (service.person(application, f"{name}@example.org") for name in ("grace", "karl"))
    other = service.application()
    told = [statuses(one.client.get("/v1/userinfo") for _ in range(30)).get(200, 0) for one in (grace, karl)]
    assert told == [30, 10]
    assert application.client.get(PATH).status_code == 429
    assert other.client.get(PATH).status_code == 200


def test_a_batch_is_one_call(limited):
    service = limited("2/min")
    grace = service.person(service.application())
    path = "/v1/available_periods"
    one = {"available_period_id": "mine", "start": text("09:00"), "end": text("17:00")}
    entries = [{"method": "POST", "relative_url": path, "data": one}] * 20
    answer = grace.client.post("/v1/batch", json={"batch": entries})
    assert [entry["status"] for entry in answer.json()["batch"]] == [202] * 20


def test_what_asks_no_credential_is_never_refused(limited):
    client = limited("1/min").client()
    paths = ["/health/live", "/health/ready", "/metrics", "/", "/docs", "/openapi.json", "/static/parley.css"]
    assert statuses(client.get(path) for path in paths for _ in range(4)) == {200: 4 * len(paths)}


def links(service, application):
    """The links of a conversation that two are asked for, as paths."""
    opened = application.client.open(proposal())
    return opened, [f"/c/{one['page_url'].rpartition('/')[2]}" for one in opened["participants"]]


def test_pages_count_for_the_address_and_not_for_the_application(limited):
    service = limited("8/min")
    application = service.application()
    _, (page, other) = links(service, application)
    home, office = (from_address(service.client(), address) for address in ("192.0.2.1", "192.0.2.2"))
    assert statuses(home.get(page) for _ in range(9)) == {200: 8, 429: 1}
    refused = home.post(other)
    assert (refused.status_code, refused.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert refused.headers["retry-after"] == "60"
    assert "That did not work" in refused.text
    assert [office.get(page).status_code, application.client.get(PATH).status_code] == [200, 200]


def test_participants_tokens_count_for_the_address_too(limited):
    service = limited("4/min")
    opened, (page, _) = links(service, service.application())
    token = page.rpartition("/")[2]
    client = from_address(service.client(token), "192.0.2.1")
    assert statuses(client.slots(opened, 0) for _ in range(3)) == {200: 3}
    assert statuses(client.get(page) for _ in range(3)) == {200: 1, 429: 2}
    assert client.select(opened, 0, selection("09:00")).status_code == 429


def test_credentials_in_a_body_count_for_the_address(limited):
    service = limited("3/min")
    application = service.application()
    grace = service.person(application)
    named = {"client_id": application.id, "client_secret": application.secret, "grant_type": "refresh_token"}
    client, body = service.client(), {**named, "refresh_token": grace.refresh_token}
    assert statuses(client.post("/oauth/token", json=body) for _ in range(5)) == {200: 3, 429: 2}


def wrong_bearer(service, application):
    return lambda client: client.get(PATH, headers={"Authorization": "Bearer pat_wrong"}), 401


def wrong_link(service, application):
    return lambda client: client.get("/c/scv_0123456789abcdef01234567.0.0.wrong"), 404


def wrong_refresh_token(service, application):
    named = {"client_id": application.id, "client_secret": application.secret, "grant_type": "refresh_token"}
    return lambda client: client.post("/oauth/token", json={**named, "refresh_token": "prt_wrong"}), 400


def wrong_secret(service, application):
    named = {"client_id": application.id, "client_secret": "psk_wrong", "application_calendar_id": "room"}
    return lambda client: client.post("/v1/application_calendars", json=named), 401


@pytest.mark.parametrize("wrong", [wrong_bearer, wrong_link, wrong_refresh_token, wrong_secret])
def test_fifty_wrong_tokens_a_minute_are_told_to_be_wrong_and_good_ones_are_served(limited, clock, wrong):
    service = limited("10000/min")
    application = service.application()
    call, status = wrong(service, application)
    client = from_address(service.client(), "192.0.2.1")
    good = from_address(application.client, "192.0.2.1")
    assert statuses(call(client) for _ in range(55)) == {status: 50, 429: 5}
    assert good.get(PATH).status_code == 200
    assert call(from_address(service.client(), "192.0.2.2")).status_code == status
    clock.instant += 60
    assert call(client).status_code == status


def test_a_page_that_was_refused_for_its_token_says_when_to_come_back(limited):
    client = limited("10000/min").client()
    for _ in range(50):
        client.get("/c/nobody")
    answer = client.get("/c/nobody")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
