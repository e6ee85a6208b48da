"""Channels: opening, listing, closing; who may, and what is refused."""

from __future__ import annotations

import pytest

from parley.actions import accounts
from tests.api.conftest import error_keys


def test_a_channel_echoes_what_was_asked_for(grace):
    wishes = {
        "callback_url": "https://app.example/hook?a=b",
        "filters": {"calendar_ids": [grace.calendar], "only_managed": True},
        "scheduling_conversations": {"enabled": True},
    }
    answer = grace.client.post("/v1/channels", json=wishes)
    made = answer.json()["channel"]
    assert made.pop("channel_id").startswith("chn_")
    assert made == wishes


def test_what_was_not_asked_for_is_left_out_and_filters_are_there(grace):
    wishes = {"callback_url": "https://app.example/hook", "scheduling_conversations": {"enabled": False}}
    made = grace.client.post("/v1/channels", json=wishes).json()["channel"]
    assert made == {"channel_id": made["channel_id"], "callback_url": "https://app.example/hook", "filters": {}}


def test_forms_are_understood(grace):
    sent = f"callback_url=https%3A%2F%2Fapp.example%2Fhook&filters[calendar_ids][]={grace.calendar}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    made = grace.client.post("/v1/channels", content=sent, headers=headers).json()["channel"]
    assert made["filters"] == {"calendar_ids": [grace.calendar]}


def test_an_identical_request_is_answered_with_the_channel_that_is_there(service, grace, receiver, channel):
    first = channel(scheduling_conversations={"enabled": True})
    again = channel(scheduling_conversations={"enabled": True}, filters={"only_managed": False})
    other = channel()
    assert (first == again, first == other) == (True, False)
    service.work()
    assert receiver.types == ["verification"] * 2


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        pytest.param({}, {"callback_url": ["errors.required"]}, id="nothing"),
        pytest.param({"callback_url": ""}, {"callback_url": ["errors.required"]}, id="empty"),
        pytest.param({"callback_url": 5}, {"callback_url": ["errors.invalid_format"]}, id="a number"),
        pytest.param(
            {"callback_url": "https://app.example/" + "x" * 2048}, {"callback_url": ["errors.too_long"]}, id="long"
        ),
        pytest.param(
            {"callback_url": "https://app.example/", "filters": {"calendar_ids": []}},
            {"filters.calendar_ids": ["errors.required"]},
            id="no calendar",
        ),
        pytest.param(
            {"callback_url": "https://app.example/", "filters": {"calendar_ids": ["cal_1"], "only_managed": "no"}},
            {
                "filters.calendar_ids": ["errors.invalid_calendar_ids"],
                "filters.only_managed": ["errors.must_be_boolean"],
            },
            id="another's calendar",
        ),
        pytest.param(
            {"filters": 1, "scheduling_conversations": {"enabled": 1}},
            {
                "callback_url": ["errors.required"],
                "filters": ["errors.invalid_format"],
                "scheduling_conversations.enabled": ["errors.must_be_boolean"],
            },
            id="everything at once",
        ),
    ],
)
def test_what_is_wrong_is_told_by_field(grace, body, faults):
    answer = grace.client.post("/v1/channels", json=body)
    assert (answer.status_code, error_keys(answer)) == (422, faults)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "ftp://app.example/hook",
        "http://127.0.0.1/hook",
        "http://localhost/hook",
        "http://2130706433/hook",
        "http://[::ffff:127.0.0.1]/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.7:8080/",
        "https://grace:secret@app.example/",
        "https://app.example:22/",
    ],
)
def test_a_callback_that_is_not_public_is_refused_with_one_text_for_all(grace, url):
    answer = grace.client.post("/v1/channels", json={"callback_url": url})
    told = [{"key": "errors.invalid_callback_url", "description": "must be a public http or https URL"}]
    assert (answer.status_code, answer.json()["errors"]) == (422, {"callback_url": told})


def test_a_name_that_cannot_be_resolved_is_accepted_and_fails_when_it_is_called(service, grace, deliveries):
    body = {"callback_url": "https://nothing.invalid/hook"}
    made = grace.client.post("/v1/channels", json=body).json()["channel"]["channel_id"]
    service.work()
    (sent,) = deliveries(made)
    assert (sent["state"], len(sent["attempts"])) == ("waiting", 1)
    assert sent["attempts"][0]["outcome"] in ("unknown_name", "timed_out")


def test_channels_are_listed_in_the_order_in_which_they_were_opened(service, grace, channel, elsewhere):
    first = channel()
    service.clock.instant += 1
    second = channel(elsewhere)
    assert [one["channel_id"] for one in grace.client.get("/v1/channels").json()["channels"]] == [first, second]


def test_a_closed_channel_is_gone_with_all_that_was_to_be_sent_to_it(service, grace, channel, receiver):
    made = channel()
    closed = grace.client.delete(f"/v1/channels/{made}")
    service.work()
    assert (closed.status_code, closed.content, receiver.received) == (202, b"", [])
    assert grace.client.get("/v1/channels").json() == {"channels": []}
    again = [grace.client.delete(f"/v1/channels/{made}"), grace.client.get(f"/v1/channels/{made}/deliveries")]
    assert [(one.status_code, one.content) for one in again] == [(404, b"")] * 2


def test_the_limit_of_channels_is_128(grace):
    for number in range(128):
        answer = grace.client.post("/v1/channels", json={"callback_url": f"https://app.example/{number}"})
        assert answer.status_code == 200
    refused = grace.client.post("/v1/channels", json={"callback_url": "https://app.example/128"})
    known = grace.client.post("/v1/channels", json={"callback_url": "https://app.example/127"})
    assert (error_keys(refused), known.status_code) == ({"callback_url": ["errors.too_many"]}, 200)


def test_a_channel_is_nobodys_but_of_its_application_and_account(service, application, grace, channel):
    made = channel()
    delivery = grace.client.get(f"/v1/channels/{made}/deliveries").json()["deliveries"][0]["delivery_id"]
    karl = service.person(application, "karl@example.org")
    elsewhere = service.grant(grace.sub, service.application())
    for stranger in (karl.client, elsewhere.client):
        own = stranger.post("/v1/channels", json={"callback_url": "https://other.example/"}).json()["channel"]
        asked = [
            stranger.delete(f"/v1/channels/{made}"),
            stranger.get(f"/v1/channels/{made}/deliveries"),
            stranger.post(f"/v1/channels/{made}/deliveries/{delivery}/redeliver"),
            stranger.post(f"/v1/channels/{own['channel_id']}/deliveries/{delivery}/redeliver"),
        ]
        assert [(one.status_code, one.content) for one in asked] == [(404, b"")] * 4
        assert [one["channel_id"] for one in stranger.get("/v1/channels").json()["channels"]] == [own["channel_id"]]


def test_what_waits_to_be_told_is_not_told_without_consent(service, application, grace, channel, receiver, deliveries):
    receiver.status = 500
    made = channel()
    service.work()
    accounts.revoke(service.dc, application.id, application.secret, token=None, sub=grace.sub)
    receiver.status = 200
    service.clock.instant += 60
    service.work()
    assert receiver.types == ["verification"]
    service.grant(grace.sub, application)
    service.clock.instant += 60
    service.work()
    assert receiver.types == ["verification"] * 2
    (sent,) = deliveries(made)
    assert [one["outcome"] for one in sent["attempts"]] == ["failed", "no_consent", "delivered"]


def test_without_consent_a_channel_is_silent_and_with_it_tells_again(service, application, grace, channel, receiver):
    channel()
    service.work()
    other = service.grant(grace.sub, service.application())
    calendar = other.calendar
    accounts.revoke(service.dc, application.id, application.secret, token=None, sub=grace.sub)

    def written(number):
        event = {"event_id": f"lunch-{number}", "summary": "Lunch", "start": "2031-05-05T12:00:00Z"}
        body = {**event, "end": "2031-05-05T13:00:00Z"}
        assert other.client.post(f"/v1/calendars/{calendar}/events", json=body).status_code == 202
        service.work()
        return receiver.types

    assert written(1) == ["verification"]
    service.grant(grace.sub, application)
    assert written(2) == ["verification", "change"]
