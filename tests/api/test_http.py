"""HTTP itself: bodies, methods, headers and paths, whatever the route."""

from __future__ import annotations

import re
import socket

import pytest

from tests.api.conftest import error_keys
from tests.make import proposal

PATH = "/v1/scheduling_conversations"
JSON = "application/json; charset=utf-8"
MEBIBYTE = 1 << 20


def padded(size):
    """A request of exactly so many bytes that is in order."""
    start = b'{"event_id":"1","summary":"a","start":"2031-05-05T09:00:00Z","end":"2031-05-05T10:00:00Z","pad":"'
    return start + b"x" * (size - len(start) - 2) + b'"}'


@pytest.mark.parametrize(("size", "expected"), [(MEBIBYTE, 202), (MEBIBYTE + 1, 413), (3 * MEBIBYTE, 413)])
@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_a_body_is_at_most_a_mebibyte(grace, size, expected, chunked):
    body = padded(size)
    content = iter([body[:100], body[100:]]) if chunked else body
    answer = grace.client.post(f"/v1/calendars/{grace.calendar}/events", content=content)
    assert answer.status_code == expected
    assert expected == 202 or error_keys(answer) == {"base": ["errors.too_long"]}


NOT_JSON = {
    "half an object": b'{"a":',
    "a trailing comma": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "not a number": b'{"a": NaN}',
    "infinity": b'{"a": Infinity}',
    "too large a number": b'{"a": 1e400}',
    "deep arrays": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "half a surrogate pair": rb'{"tzid": "\ud800"}',
    "half a pair as a name": rb'{"\udfff": 1}',
    "a control character": b'{"a": "\x01"}',
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "two objects": b"{}{}",
    "an array": b"[1]",
    "a text": b'"a"',
    "a number": b"1",
    "null": b"null",
    "a comment": b"{} // nothing",
    "a form": b"a=b",
    "null bytes": b"\0\0",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_a_json_object_is_told_for_the_body_as_a_whole(application, body):
    answer = application.client.post(PATH, content=body)
    assert (answer.status_code, error_keys(answer)) == (422, {"base": ["errors.invalid_json"]})


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b" [ ] \n", b"\t{}\r\n"])
def test_an_empty_array_and_nothing_are_an_empty_object(application, body):
    answer = application.client.post(PATH, content=body)
    assert set(error_keys(answer)) == {"participants", "tzid", "required_duration", "available_periods"}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        pytest.param(b'{"tzid": "Mars", "tzid": "Etc/UTC", "subject": 7}', "subject", id="a name twice"),
        pytest.param(b'{"subject": 1e308}', "subject", id="a large number"),
        pytest.param(b'{"subject": %s}' % (b"9" * 5000), "subject", id="a number of 5000 digits"),
        pytest.param(b'{"subject": -0.0}', "subject", id="minus zero"),
        pytest.param(b'{"required_duration": {"minutes": %s}}' % (b"9" * 400), "required_duration", id="minutes"),
    ],
)
def test_odd_json_is_read_or_refused_and_never_fails(application, body, path):
    answer = application.client.post(PATH, content=body)
    assert answer.status_code == 422
    assert path in error_keys(answer) or "base" in error_keys(answer)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/xml", "nonsense"])
def test_json_is_read_whatever_it_is_said_to_be(application, content_type):
    answer = application.client.post(PATH, json=proposal(), headers={"Content-Type": content_type})
    assert answer.status_code == 200


def test_a_content_encoding_that_is_not_one_is_ignored(application):
    headers = {"Content-Encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3"}
    assert application.client.post(PATH, json=proposal(), headers=headers).status_code == 200


@pytest.mark.parametrize("body", [b"{}", b"[]", b"nonsense", b"\xff"])
def test_a_body_on_get_is_not_looked_at(application, body):
    answer = application.client.request("GET", PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_slash_at_the_end_changes_nothing(application, grace, slashes):
    opened = application.client.open(proposal())
    path = f"{PATH}/{opened['scheduling_conversation_id']}"
    assert application.client.get(path + slashes).json() == opened
    assert application.client.post(PATH + slashes, json=proposal()).status_code == 200
    assert grace.client.get(f"/v1/events{slashes}?tzid=Etc/UTC").status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/nothing", "/v2/events", "/v1/Events", "/v1/events/x/y/z", "/%00", "/v1/%0A", "/é"]
)
def test_an_unknown_path_is_404_and_empty(application, path):
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        answer = application.client.request(method, path)
        assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", PATH, {"GET", "POST"}),
        ("DELETE", f"{PATH}/scv_1", {"GET"}),
        ("PATCH", "/v1/available_periods", {"GET", "POST", "DELETE"}),
        ("GET", "/oauth/token", {"POST"}),
        ("OPTIONS", PATH, {"GET", "POST"}),
        ("GET", "/v1/calendars/cal_1/events", {"POST", "DELETE"}),
    ],
)
def test_a_method_that_is_not_served_is_405_with_those_that_are(service, method, path, allowed):
    answer = service.client().request(method, path)
    assert (answer.status_code, answer.content) == (405, b"")
    assert set(answer.headers["allow"].split(", ")) == allowed


def test_head_answers_like_get_without_a_body(application):
    opened = application.client.open(proposal())
    for path in (PATH, f"{PATH}/{opened['scheduling_conversation_id']}"):
        head, got = application.client.head(path), application.client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length"):
            assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("given", ["a", "Aa0._-", "x" * 64])
def test_a_sane_request_id_is_kept(service, given):
    assert service.client().get("/health/live", headers={"X-Request-Id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", "é", 'a"b', "a,b"])
def test_any_other_request_id_is_replaced(service, given):
    headers = {b"X-Request-Id": given.encode("latin-1")}
    answers = [service.client().get("/health/live", headers=headers).headers["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{8,64}", one) for one in answers)
    assert answers[0] != answers[1]


def test_every_kind_of_answer_has_a_request_id(service, application):
    told = [
        service.client().get("/health/live"),
        service.client().get(PATH),
        application.client.get(f"{PATH}/scv_1"),
        application.client.put(PATH),
        application.client.post(PATH, json={}),
        application.client.post(PATH, content=b"x" * (MEBIBYTE + 1)),
        application.client.get("/nowhere"),
    ]
    assert [one.status_code for one in told] == [200, 401, 404, 405, 422, 413, 404]
    assert len({one.headers["x-request-id"] for one in told}) == len(told)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", f"{PATH}/scv_1", "404 Not Found"),
        ("PUT", PATH, "405 Method Not Allowed"),
        ("GET", "/v1/userinfo", "403 Forbidden"),
        ("POST", PATH, "422 Unprocessable"),
        ("POST", "/oauth/token", "400 Bad Request"),
    ],
)
def test_a_refusal_says_its_status_in_a_header_too(application, method, path, expected):
    answer = application.client.request(method, path, json={})
    assert answer.headers["status"].startswith(expected)
    assert answer.status_code == int(expected[:3])


def test_a_success_says_no_status_in_a_header(application):
    assert "status" not in application.client.get(PATH).headers


def test_json_says_that_it_is_json_and_nothing_says_nothing(application):
    assert application.client.get(PATH).headers["content-type"] == JSON
    assert application.client.post(PATH, json={}).headers["content-type"] == JSON
    empty = application.client.get("/nowhere")
    assert ("content-type" in empty.headers, empty.headers["content-length"]) == (False, "0")


def test_refusals_are_described_for_people_as_well(application):
    told = application.client.post(PATH, json={}).json()["errors"]["tzid"]
    assert told == [{"key": "errors.required", "description": "required"}]


def test_nobody_is_redirected(service, application):
    for path in (f"{PATH}/", "//evil.example/", "/v1//events", "/c"):
        answer = application.client.get(service.url + path)
        assert not answer.is_redirect


def test_what_is_not_http_is_refused_and_the_service_goes_on(service):
    host, port = service.url.removeprefix("http://").split(":")
    for sent in (b"\x16\x03\x01\x02\x00\x01\n\n", b"GET\n\n", b"GET /%ff\xff HTTP/1.1\r\nHost: a\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            assert b" 500 " not in connection.recv(1000)
    assert service.client().get("/health/live").status_code == 200


def test_health_needs_no_token(service):
    client = service.client()
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready", "data_center": "us"}


def test_texts_of_any_script_come_back_as_they_went(application):
    subject = "Grüße 👋🏽 こんにちは \u2028 <script>&amp;"
    assert application.client.open(proposal(subject=subject))["subject"] == subject


def test_answers_are_utf8_and_not_escaped(application):
    assert '"Grüße 👋"'.encode() in application.client.post(PATH, json=proposal(subject="Grüße 👋")).content
