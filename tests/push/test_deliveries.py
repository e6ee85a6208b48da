"""Delivering: what counts as success, when it is tried again, what is kept of it; hostile receivers."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pycronofy
import pytest

from parley.actions import applications
from parley.core.limits import ATTEMPTS_KEPT, DELIVERIES_KEPT, DELIVERY_SECONDS
from parley.store import outbox
from tests.conftest import Client


@pytest.fixture
def attempt(service, receiver):
    """Let the clock go on by some seconds; how many calls came since."""

    def later(seconds=0):
        before = len(receiver.received)
        service.clock.instant += seconds
        service.work()
        return len(receiver.received) - before

    return later


def outcomes(delivery):
    return [(one["outcome"], one.get("status")) for one in delivery["attempts"]]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_success(receiver, channel, deliveries, attempt, status):
    receiver.status = status
    made = channel()
    assert attempt() == 1
    (sent,) = deliveries(made)
    assert (sent["state"], outcomes(sent)) == ("delivered", [("delivered", status)])
    assert "next_attempt_at" not in sent
    assert attempt(7 * 86400) == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_anything_else_is_tried_again(receiver, elsewhere, channel, deliveries, attempt, status):
    receiver.status, receiver.headers = status, {"location": elsewhere.url}
    made = channel()
    assert attempt() == 1
    (sent,) = deliveries(made)
    assert (sent["state"], outcomes(sent)) == ("waiting", [("failed", status)])
    assert "2031-05-04T12:00:08Z" <= sent["next_attempt_at"] <= "2031-05-04T12:00:12Z"
    assert elsewhere.received == []


def test_it_is_tried_eleven_times_over_three_days_always_under_the_same_id(receiver, channel, deliveries, attempt):
    receiver.status = 500
    made = channel()
    tried = [
        attempt(),
        *(attempt(seconds) for seconds in (15, 45, 240, 1200, 4400, 13000, 26000, 52000, 87000, 126000)),
    ]
    (sent,) = deliveries(made)
    assert (tried, sent["state"], len(sent["attempts"])) == ([1] * 11, "failed", 11)
    assert attempt(30 * 86400) == 0
    assert {one.headers["webhook-id"] for one in receiver.received} == {sent["delivery_id"]}
    assert len({one.headers["webhook-timestamp"] for one in receiver.received}) == 11
    assert len({one.body for one in receiver.received}) == 1


def test_before_its_time_nothing_is_tried_again(receiver, channel, attempt):
    receiver.status = 500
    channel()
    assert [attempt(), attempt(7), attempt(8), attempt(27), attempt(15)] == [1, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("told", "soonest", "latest"),
    [
        pytest.param("120", 120, 120, id="seconds"),
        pytest.param("Sun, 04 May 2031 12:02:00 GMT", 120, 120, id="a date"),
        pytest.param("1", 8, 12, id="sooner than we would"),
        pytest.param("Sat, 03 May 2031 12:00:00 GMT", 8, 12, id="in the past"),
        pytest.param("99999999999999999999", 86400, 86400, id="in an eternity"),
        pytest.param("Sun, 04 May 9999 12:02:00 GMT", 86400, 86400, id="on a day far off"),
        pytest.param("-5", 8, 12, id="negative"),
        pytest.param("soon", 8, 12, id="in words"),
        pytest.param("٣", 8, 12, id="in other digits"),
    ],
)
def test_a_receiver_that_asks_to_be_left_alone_is(service, receiver, channel, attempt, told, soonest, latest):
    receiver.status, receiver.headers = 503, {"retry-after": told.encode().decode("latin-1")}
    made = channel()
    attempt()
    (name,) = [one.name for one in service.dc.db.read(outbox.listed, 10) if one.kind == "push"]
    (entry,) = service.dc.db.read(outbox.named, name)
    assert soonest <= entry.due_at - service.clock.instant <= latest, made


def test_410_closes_the_channel(service, grace, receiver, channel, attempt, write):
    receiver.status = 410
    made = channel()
    write("lunch")
    attempt()
    assert grace.client.get("/v1/channels").json() == {"channels": []}
    assert grace.client.get(f"/v1/channels/{made}/deliveries").status_code == 404
    before = len(receiver.received)
    write("tea")
    attempt(86400)
    assert (len(receiver.received), service.dc.db.read(outbox.waiting)) == (before, 0)


@pytest.mark.parametrize("is_failed", [True, False], ids=["failed", "delivered"])
def test_a_delivery_can_be_sent_once_more_under_the_same_id(fresh, receiver, channel, deliveries, attempt, is_failed):
    receiver.status = 500 if is_failed else 200
    made = channel()
    for seconds in (0, *[200_000] * 11):
        attempt(seconds)
    receiver.status = 200
    (sent,) = deliveries(made)
    path = f"/v1/channels/{made}/deliveries/{sent['delivery_id']}/redeliver"
    answer = fresh().post(path)
    assert (answer.status_code, answer.content) == (202, b"")
    assert deliveries(made)[0]["state"] == "waiting"
    assert attempt() == 1
    assert receiver.received[-1].headers["webhook-id"] == receiver.received[0].headers["webhook-id"]
    assert receiver.received[-1].body == receiver.received[0].body
    assert deliveries(made)[0]["state"] == "delivered"
    assert len(deliveries(made)[0]["attempts"]) == (12 if is_failed else 2)


def test_a_delivery_that_waits_can_be_hurried(grace, receiver, channel, deliveries, attempt):
    receiver.status = 500
    made = channel()
    attempt()
    receiver.status = 200
    grace.client.post(f"/v1/channels/{made}/deliveries/{deliveries(made)[0]['delivery_id']}/redeliver")
    assert (attempt(), outcomes(deliveries(made)[0])) == (1, [("failed", 500), ("delivered", 200)])


def test_a_delivery_that_is_not_there_cannot_be_sent(grace, channel):
    made = channel()
    answer = grace.client.post(f"/v1/channels/{made}/deliveries/dlv_0123456789abcdef01234567/redeliver")
    assert (answer.status_code, answer.content) == (404, b"")


def test_of_one_delivery_so_many_attempts_are_kept(grace, channel, deliveries, attempt):
    made = channel()
    identifier = deliveries(made)[0]["delivery_id"]
    for _ in range(ATTEMPTS_KEPT + 2):
        attempt(1)
        grace.client.post(f"/v1/channels/{made}/deliveries/{identifier}/redeliver")
    assert len(deliveries(made)[0]["attempts"]) == ATTEMPTS_KEPT
    assert deliveries(made)[0]["attempts"][0]["at"] == "2031-05-04T12:00:03Z"


def test_the_newest_deliveries_are_kept_and_those_before_are_not_sent(service, channel, deliveries, write, attempt):
    made = channel()
    attempt()
    for number in range(DELIVERIES_KEPT + 2):
        write(f"event-{number}")
        attempt(1)
    told = deliveries(made)
    assert ([one["type"] for one in told], told[0]["created_at"]) == (
        ["change"] * DELIVERIES_KEPT,
        "2031-05-04T12:01:41Z",
    )


def test_old_deliveries_are_forgotten_when_another_comes(service, channel, deliveries, write, attempt):
    made = channel()
    attempt(DELIVERY_SECONDS + 1)
    assert len(deliveries(made)) == 1
    write("lunch")
    assert [one["type"] for one in deliveries(made)] == ["change"]


def test_the_dead_receiver_of_many_changes_fills_no_outbox(service, receiver, channel, write, attempt):
    receiver.status = 500
    channel()
    for number in range(DELIVERIES_KEPT + 20):
        write(f"event-{number}")
        attempt(1)
    assert service.dc.db.read(outbox.waiting) <= DELIVERIES_KEPT


def test_who_dies_after_sending_sends_again_under_the_same_id(service, receiver, channel, attempt):
    """The worker has claimed the message, sends it, and never tells."""
    channel()
    (lane,) = service.dc.db.read(outbox.lanes, service.clock.instant, 15)
    service.dc.db.write(lambda tx: outbox.claim(tx, lane, service.clock.instant, 15, 4))
    assert attempt() == 0
    assert attempt(16) == 1


def test_signatures_are_those_of_the_application(application, receiver, channel, attempt):
    channel()
    attempt()
    (sent,) = receiver.received
    library = pycronofy.Client(client_id=application.id, client_secret=application.secret)
    assert library.hmac_valid(sent.headers["cronofy-hmac-sha256"], sent.body.decode())
    assert not library.hmac_valid(sent.headers["cronofy-hmac-sha256"], sent.body.decode() + " ")
    stranger = pycronofy.Client(client_id=application.id, client_secret="another")
    assert not stranger.hmac_valid(sent.headers["cronofy-hmac-sha256"], sent.body.decode())


def standard_signature(secret, sent):
    """As Standard Webhooks 1.0 says it, written out once more."""
    signed = b".".join([sent.headers["webhook-id"].encode(), sent.headers["webhook-timestamp"].encode(), sent.body])
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def test_two_active_secrets_sign_both(service, application, grace, receiver, channel, attempt):
    made = applications.rotate_secret(service.dc, application.id, overlap=3600)
    channel()
    attempt()
    (sent,) = receiver.received
    values = sent.headers["cronofy-hmac-sha256"].split(",")
    secrets = (made.client_secret, application.secret)
    assert (len(values), len(set(values)), " " in sent.headers["cronofy-hmac-sha256"]) == (2, 2, False)
    for secret in secrets:
        library = pycronofy.Client(client_id=application.id, client_secret=secret)
        assert library.hmac_valid(sent.headers["cronofy-hmac-sha256"], sent.body.decode())
    assert set(sent.headers["webhook-signature"].split(" ")) == {standard_signature(one, sent) for one in secrets}
    assert sent.headers["webhook-timestamp"] == str(service.clock.instant)


def test_a_secret_that_has_ended_signs_no_more(service, application, receiver, channel, attempt):
    receiver.status = 500
    made = applications.rotate_secret(service.dc, application.id, overlap=10)
    channel()
    attempt()
    attempt(15)
    told = [one.headers["cronofy-hmac-sha256"].split(",") for one in receiver.received]
    library = pycronofy.Client(client_id=application.id, client_secret=made.client_secret)
    assert [len(one) for one in told] == [2, 1]
    assert library.hmac_valid(told[1][0], receiver.received[1].body.decode())


def test_only_whoever_may_read_sees_deliveries(service, application, grace, channel):
    made = channel()
    without = Client(service.url, service.token(grace, application, "create_event delete_event list_calendars"))
    with without:
        assert without.get(f"/v1/channels/{made}/deliveries").status_code == 403
