"""What a service answers while its database hangs or is gone, and how soon it is itself again."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.postgresql import running

MOST = 5.0  # seconds, for any answer and for the way back
AT_ONCE = 24  # more than there are threads


@pytest.fixture
def server(tmp_path):
    with running(tmp_path, fsync=True) as started:
        yield started


@pytest.fixture
def service(server, serving, shell):
    started = serving(database=server.new_database(), rate_limit="0")
    return started


@pytest.fixture
def key(service, server, shell):
    made = shell.run("application", "create", "Test", "--json", database=_database(service))
    return json.loads(made.stdout)["client_secret"]


def _database(service):
    line = next(one for one in service.log.read_text().splitlines() if "service.ready" in one)
    return json.loads(line)["database"].replace("postgresql://", "postgresql://parley@")


CALLS = [
    ("GET", "/v1/scheduling_conversations/scv_1"),
    ("POST", "/v1/scheduling_conversations"),
    ("GET", "/v1/scheduling_conversations"),
    ("POST", "/v1/availability"),
]


def ask(service, key, method, path):
    """One call on a connection of its own: status, body, headers, and the seconds it took."""
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = httpx2.request(method, service.url + path, headers=headers, content=b"{}", timeout=30, verify=False)
    return answer, time.monotonic() - began


def ask_all(service, key):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(ask, service, key, *CALLS[at % len(CALLS)]) for at in range(AT_ONCE)]
        return [one.result() for one in asked]


def assert_unavailable(service, key):
    for answer, seconds in ask_all(service, key):
        assert answer.status_code == 503
        assert answer.json()["errors"]["base"][0]["key"] == "errors.unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        assert seconds < MOST
    live, seconds = ask(service, key, "GET", "/health/live")
    assert (live.status_code, seconds < 1) == (200, True)
    ready, seconds = ask(service, key, "GET", "/health/ready")
    assert (ready.status_code, seconds < MOST) == (503, True)


def assert_back_soon(service, key):
    began = time.monotonic()
    while ask(service, key, "GET", "/v1/scheduling_conversations")[0].status_code != 200:
        assert time.monotonic() - began < MOST
    answers = [answer.status_code for answer, _ in ask_all(service, key)]
    assert 503 not in answers
    assert ask(service, key, "GET", "/health/ready")[0].status_code == 200


def test_a_frozen_database_is_told_within_five_seconds_and_forgotten_as_soon_as_it_lives(service, server, key):
    assert_back_soon(service, key)
    server.freeze()
    assert_unavailable(service, key)
    assert_unavailable(service, key)
    server.thaw()
    assert_back_soon(service, key)
    assert service.stop() == 0


def test_a_database_that_was_killed_is_told_and_used_again_as_soon_as_it_is_there(service, server, key):
    assert_back_soon(service, key)
    server.kill()
    assert_unavailable(service, key)
    server.start()
    assert_back_soon(service, key)
    assert service.stop() == 0


def test_a_service_ends_although_its_database_hangs(service, server, key):
    server.freeze()
    assert_unavailable(service, key)
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 30
    server.thaw()


def test_a_command_says_so_and_does_not_wait_for_a_database_that_hangs(service, server, shell):
    server.freeze()
    began = time.monotonic()
    done = shell.run("application", "list", database=_database(service))
    assert time.monotonic() - began < 30
    server.thaw()
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
