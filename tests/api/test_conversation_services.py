"""Bringing, reading and ending conversation services; what is refused."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest

from parley.core import limits
from parley.core.conversation_service import ConversationService, Secret
from parley.store import services as stored
from tests.api.conftest import address, error_keys

PATH = "/v1/conversation_services"
URL = "https://assistant.example/parley"
DEFAULTS = {"earliest_hour": 0, "latest_hour": 24, "minimum_notice_minutes": 0, "pause_minutes": 0}


def enable(client, **body):
    answer = client.post(PATH, json={"callback_url": URL, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()["conversation_service"]


def without_secret(made):
    return {name: value for name, value in made.items() if name != "secret"}


def test_an_account_enables_a_service_and_is_told_its_secret_once(grace):
    made = enable(grace.client)
    assert re.fullmatch(r"csv_[0-9a-f]{24}", made["conversation_service_id"])
    assert len(b64decode(re.fullmatch(r"whsec_(.{44})", made["secret"])[1], validate=True)) == 32
    assert without_secret(made) == {
        "conversation_service_id": made["conversation_service_id"],
        "callback_url": URL,
        "enabled": True,
        "limits": DEFAULTS,
        "created_at": "2031-05-04T12:00:00Z",
    }
    one = grace.client.get(f"{PATH}/{made['conversation_service_id']}").json()
    assert one == {"conversation_service": without_secret(made)}
    assert grace.client.get(PATH).json() == {"conversation_services": [without_secret(made)]}


def test_an_application_brings_a_service_for_a_domain(application):
    made = enable(application.client, domain="People.Example")
    proof = made["domain_proof"]
    assert made["domain"] == "people.example"
    assert re.fullmatch(r"parley-proof-[A-Za-z0-9_-]{43}", proof["token"])
    assert {name: value for name, value in proof.items() if name != "token"} == {
        "dns_name": "_parley.people.example",
        "url": "https://people.example/.well-known/parley-conversation-service",
        "status": "pending",
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"limits": {}}, {}, id="an empty object"),
        pytest.param({"limits": None}, {}, id="null"),
        pytest.param(
            {"limits": {"earliest_hour": 9, "latest_hour": 17}}, {"earliest_hour": 9, "latest_hour": 17}, id="2"
        ),
        pytest.param({"earliest_hour": 9}, {"earliest_hour": 9}, id="beside it"),
        pytest.param({"earliest_hour": 9, "limits": {"earliest_hour": 8}}, {"earliest_hour": 8}, id="both"),
        pytest.param(
            {"earliest_hour": 9, "limits": {"latest_hour": 8, "earliest_hour": 0}}, {"latest_hour": 8}, id="0"
        ),
        pytest.param({"limits": {"latest_hour": 1}}, {"latest_hour": 1}, id="the first hour"),
        pytest.param({"limits": {"earliest_hour": 23}}, {"earliest_hour": 23}, id="the last hour"),
        pytest.param(
            {"limits": {"minimum_notice_minutes": 289440, "pause_minutes": 1440}},
            {"minimum_notice_minutes": 289440, "pause_minutes": 1440},
            id="the highest",
        ),
    ],
)
def test_limits_are_those_given_and_none_for_the_rest(grace, body, expected):
    assert enable(grace.client, **body)["limits"] == {**DEFAULTS, **expected}


FORMAT, RANGE, REQUIRED = "errors.invalid_format", "errors.out_of_range", "errors.required"
CALLBACK, PAIR = "errors.invalid_callback_url", "errors.invalid_time_pair"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"callback_url": None}, {"callback_url": [REQUIRED]}, id="no callback"),
        pytest.param({"callback_url": 7}, {"callback_url": [FORMAT]}, id="a number"),
        pytest.param({"callback_url": "ftp://assistant.example/"}, {"callback_url": [CALLBACK]}, id="another scheme"),
        pytest.param({"callback_url": "assistant"}, {"callback_url": [CALLBACK]}, id="no address"),
        pytest.param({"callback_url": "http://127.0.0.1/"}, {"callback_url": [CALLBACK]}, id="loopback"),
        pytest.param({"callback_url": "http://2130706433/"}, {"callback_url": [CALLBACK]}, id="loopback as a number"),
        pytest.param({"callback_url": "http://[::1]/"}, {"callback_url": [CALLBACK]}, id="loopback of IPv6"),
        pytest.param({"callback_url": "http://[::ffff:10.0.0.1]/"}, {"callback_url": [CALLBACK]}, id="mapped"),
        pytest.param({"callback_url": "http://169.254.169.254/"}, {"callback_url": [CALLBACK]}, id="metadata"),
        pytest.param({"callback_url": "http://localhost/"}, {"callback_url": [CALLBACK]}, id="localhost"),
        pytest.param(
            {"callback_url": "https://a.example:22/"}, {"callback_url": [CALLBACK]}, id="a port of another kind"
        ),
        pytest.param({"callback_url": "https://u:p@a.example/"}, {"callback_url": [CALLBACK]}, id="a password"),
        pytest.param({"callback_url": "https://a.example/\n"}, {"callback_url": [CALLBACK]}, id="a line break"),
        pytest.param({"callback_url": "https://a.example/\0"}, {"callback_url": [FORMAT]}, id="null character"),
        pytest.param(
            {"callback_url": "https://a.example/" + "x" * 2048}, {"callback_url": ["errors.too_long"]}, id="too long"
        ),
        pytest.param({"limits": []}, {"limits": [FORMAT]}, id="limits as a list"),
        pytest.param({"limits": "9"}, {"limits": [FORMAT]}, id="limits as a text"),
        pytest.param({"limits": {"earliest_hour": "9"}}, {"limits.earliest_hour": [FORMAT]}, id="an hour as a text"),
        pytest.param({"limits": {"earliest_hour": 9.5}}, {"limits.earliest_hour": [FORMAT]}, id="half an hour"),
        pytest.param({"limits": {"earliest_hour": True}}, {"limits.earliest_hour": [FORMAT]}, id="a boolean"),
        pytest.param({"limits": {"earliest_hour": -1}}, {"limits.earliest_hour": [RANGE]}, id="before midnight"),
        pytest.param({"limits": {"latest_hour": 25}}, {"limits.latest_hour": [RANGE]}, id="after midnight"),
        pytest.param({"limits": {"latest_hour": 0}}, {"limits.latest_hour": [PAIR]}, id="never"),
        pytest.param({"limits": {"earliest_hour": 24}}, {"limits.latest_hour": [PAIR]}, id="never again"),
        pytest.param(
            {"limits": {"earliest_hour": 17, "latest_hour": 9}}, {"limits.latest_hour": [PAIR]}, id="over midnight"
        ),
        pytest.param(
            {"earliest_hour": 9, "latest_hour": 9}, {"latest_hour": [PAIR]}, id="nothing in between, at the top"
        ),
        pytest.param(
            {"limits": {"minimum_notice_minutes": 289441}}, {"limits.minimum_notice_minutes": [RANGE]}, id="202 days"
        ),
        pytest.param({"limits": {"pause_minutes": 1441}}, {"limits.pause_minutes": [RANGE]}, id="over a day"),
        pytest.param({"pause_minutes": 10**30}, {"pause_minutes": [FORMAT]}, id="a huge number"),
        pytest.param({"domain": "people.example"}, {"domain": ["errors.not_supported"]}, id="a domain"),
        pytest.param(
            {"callback_url": "x", "limits": {"earliest_hour": -1, "pause_minutes": "x"}, "latest_hour": 99},
            {
                "callback_url": [CALLBACK],
                "limits.earliest_hour": [RANGE],
                "limits.pause_minutes": [FORMAT],
                "latest_hour": [RANGE],
            },
            id="everything at once",
        ),
    ],
)
def test_what_an_account_asks_for_wrongly_is_all_told(grace, body, expected):
    answer = grace.client.post(PATH, json={"callback_url": URL, **body})
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert grace.client.get(PATH).json() == {"conversation_services": []}


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        pytest.param(None, REQUIRED, id="none"),
        pytest.param("", REQUIRED, id="empty"),
        pytest.param(7, FORMAT, id="a number"),
        pytest.param("com", FORMAT, id="a single label"),
        pytest.param("localhost", FORMAT, id="localhost"),
        pytest.param("127.0.0.1", FORMAT, id="an IP address"),
        pytest.param("127.1", FORMAT, id="a short IP address"),
        pytest.param("0x7f.0.0.1", FORMAT, id="one in other numbers"),
        pytest.param("[::1]", FORMAT, id="one of IPv6"),
        pytest.param("::1", FORMAT, id="the same bare"),
        pytest.param("people.example.", FORMAT, id="a dot at the end"),
        pytest.param(".people.example", FORMAT, id="a dot at the beginning"),
        pytest.param("people..example", FORMAT, id="two dots"),
        pytest.param("-people.example", FORMAT, id="a hyphen at the beginning"),
        pytest.param("people-.example", FORMAT, id="a hyphen at the end"),
        pytest.param("people.example/", FORMAT, id="a path"),
        pytest.param("people.example:80", FORMAT, id="a port"),
        pytest.param("karl@people.example", FORMAT, id="an address"),
        pytest.param("https://people.example", FORMAT, id="an address of the web"),
        pytest.param("*.example.org", FORMAT, id="a star"),
        pytest.param("people.example\n", FORMAT, id="a line break"),
        pytest.param("people.example\r\nx: y", FORMAT, id="a header"),
        pytest.param("m\u00fcller.example", FORMAT, id="not ASCII"),
        pytest.param("\uff45xample.org", FORMAT, id="what looks like ASCII"),
        pytest.param("a" * 64 + ".example", FORMAT, id="a long label"),
        pytest.param(".".join(["a" * 60] * 5), "errors.too_long", id="a long name"),
    ],
)
def test_what_is_no_domain_is_refused(application, domain, expected):
    answer = application.client.post(PATH, json={"callback_url": URL, "domain": domain})
    assert (answer.status_code, error_keys(answer)) == (422, {"domain": [expected]})


@pytest.mark.parametrize(
    "domain", ["example.org", "a-b.co.uk", "xn--mller-kva.example", "1.example", "a.b.c.d.example"]
)
def test_what_is_a_domain_is_taken(application, domain):
    assert enable(application.client, domain=domain)["domain"] == domain


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"x"', b"\xff", b"[1]"])
def test_a_body_that_is_no_object_is_refused(grace, body):
    assert grace.client.post(PATH, content=body).status_code == 422


def test_a_form_is_understood(grace):
    form = {"callback_url": URL, "limits[earliest_hour]": "9"}
    made = grace.client.post(PATH, data=form).json()["conversation_service"]
    assert made["limits"]["earliest_hour"] == 9


def test_what_was_brought_last_is_listed_first(own_service):
    grace = own_service.person(own_service.application())
    first = enable(grace.client)
    own_service.clock.instant += 1
    second = enable(grace.client)
    listed = grace.client.get(PATH).json()["conversation_services"]
    assert listed == [without_secret(second), without_secret(first)]


def test_what_is_ended_is_no_longer_there(grace):
    made = enable(grace.client)
    path = f"{PATH}/{made['conversation_service_id']}"
    answer = grace.client.delete(path)
    assert (answer.status_code, answer.content) == (202, b"")
    again = grace.client.delete(path), grace.client.get(path), grace.client.post(f"{path}/rotate_secret")
    assert [(one.status_code, one.content) for one in again] == [(404, b"")] * 3
    assert grace.client.get(PATH).json() == {"conversation_services": []}


def test_a_rotation_tells_a_new_secret_and_changes_nothing_else(grace):
    made = enable(grace.client, limits={"earliest_hour": 9})
    path = f"{PATH}/{made['conversation_service_id']}"
    rotated = grace.client.post(f"{path}/rotate_secret").json()["conversation_service"]
    assert rotated["secret"] != made["secret"]
    assert without_secret(rotated) == without_secret(made)
    assert grace.client.get(path).json()["conversation_service"] == without_secret(made)


def test_an_answer_with_a_secret_is_not_to_be_stored(grace):
    made = grace.client.post(PATH, json={"callback_url": URL})
    path = f"{PATH}/{made.json()['conversation_service']['conversation_service_id']}"
    answers = [made, grace.client.post(f"{path}/rotate_secret")]
    assert [one.headers["cache-control"] for one in answers] == ["no-store"] * 2


def test_secrets_are_sealed_where_they_are_kept(service, grace):
    made = enable(grace.client)
    fresh = grace.client.post(f"{PATH}/{made['conversation_service_id']}/rotate_secret").json()["conversation_service"]
    kept = service.dc.db.read(stored.find, made["conversation_service_id"]).secret
    opened = [service.dc.unseal(one) for one in (kept.sealed, kept.previous)]
    assert opened == [fresh["secret"], made["secret"]]
    assert made["secret"] not in repr(kept)


def test_another_accounts_or_applications_looks_like_nothing(service, application, grace):
    own, domains = enable(grace.client), enable(application.client, domain="people.example")
    strangers = [
        service.person(application, address()).client,
        service.grant(grace.sub, service.application()).client,
        service.application().client,
    ]
    assert [one.get(PATH).json() for one in strangers] == [{"conversation_services": []}] * 3
    for made, others in ((own, [*strangers, application.client]), (domains, [*strangers, grace.client])):
        path = f"{PATH}/{made['conversation_service_id']}"
        for client in others:
            tried = [client.get(path), client.delete(path)]
            tried += [client.post(f"{path}/{what}") for what in ("rotate_secret", "prove")]
            assert [(one.status_code, one.content) for one in tried] == [(404, b"")] * 4
    listed = [one.get(PATH).json()["conversation_services"] for one in (grace.client, application.client)]
    assert listed == [[without_secret(own)], [without_secret(domains)]]


@pytest.mark.parametrize("identifier", ["csv_0123456789abcdef01234567", "x", "csv_", "%00", "é", "a" * 500])
def test_what_was_never_there_is_404(grace, identifier):
    assert grace.client.get(f"{PATH}/{identifier}").status_code == 404
    assert grace.client.delete(f"{PATH}/{identifier}").status_code == 404


def test_there_can_be_so_many_and_no_more(service, application, grace):
    secret = Secret(service.dc.seal("x"))

    def fill(tx):
        for number in range(limits.SERVICES - 1):
            stored.insert(
                tx,
                ConversationService(f"csv_{grace.key}-{number}", application.id, grace.key, None, None, URL, secret, 0),
            )

    service.dc.db.write(fill)
    last = enable(grace.client)
    refused = grace.client.post(PATH, json={"callback_url": URL})
    assert (refused.status_code, error_keys(refused)) == (422, {"base": ["errors.too_many"]})
    grace.client.delete(f"{PATH}/{last['conversation_service_id']}")
    enable(grace.client)


def test_enabling_can_be_repeated_with_a_key(grace):
    headers = {"Idempotency-Key": "once"}
    answers = [grace.client.post(PATH, json={"callback_url": URL}, headers=headers).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(grace.client.get(PATH).json()["conversation_services"]) == 1
