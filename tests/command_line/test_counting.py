"""Several processes count together: what Prometheus reads, and how many calls an application may make."""

from __future__ import annotations

import os
import re
import signal
import tempfile
import time
from pathlib import Path

import httpx2
import pytest

from tests.conftest import empty

PATH = "/v1/scheduling_conversations"


@pytest.fixture
def settings(standing_database):
    empty(standing_database)
    return {"database": standing_database}


@pytest.fixture(autouse=True)
def inside_an_hour():
    """The tests allow so many calls an hour, and take less than a minute."""
    if (left := 3600 - time.time() % 3600) < 60:
        time.sleep(left + 1)


@pytest.fixture
def api_key(shell, settings):
    shell.settings |= settings
    return shell.json("application", "create", "Agenda")["client_secret"]


def calls(url, times, path=PATH, token=None):
    """So many calls, each on a connection of its own, as whichever process takes it."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answers = []
    for _ in range(times):
        with httpx2.Client(verify=False, headers=headers) as client:
            answers.append(client.get(url + path))
    return answers


def told(answer, metric):
    """A number that /metrics tells."""
    found = re.search(rf"^{re.escape(metric)} (\S+)$", answer.text, re.MULTILINE)
    return float(found[1]) if found else None


def children(process):
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def folders():
    return set(Path(tempfile.gettempdir()).glob("parley-metrics-*"))


LISTED = f'parley_http_requests_total{{method="GET",route="{PATH}",status="200"}}'


def test_whichever_process_is_asked_tells_what_all_have_counted(serving, api_key):
    before = folders()
    service = serving("--processes", "2")
    calls(service.url, 40, token=api_key)
    answers = calls(service.url, 12, "/metrics")
    assert {told(one, LISTED) for one in answers} == {40}
    assert {told(one, 'parley_conversations{status="complete"}') for one in answers} == {0}
    assert {told(one, "parley_outbox_depth") for one in answers} == {0}
    assert service.stop() == 0
    assert folders() == before


def test_what_a_process_counted_is_still_told_when_it_was_killed(serving, api_key):
    service = serving("--processes", "2")
    calls(service.url, 20, token=api_key)
    gone = children(service.process.pid)[0]
    os.kill(gone, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while gone in children(service.process.pid) or len(children(service.process.pid)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    calls(service.url, 20, token=api_key)
    assert {told(one, LISTED) for one in calls(service.url, 12, "/metrics")} == {40}


def test_processes_share_the_allowance_of_an_application(serving, api_key):
    service = serving("--processes", "2", rate_limit="100/h")
    answers = calls(service.url, 200, token=api_key)
    served = sum(one.status_code == 200 for one in answers)
    assert 90 <= served <= 110
    assert {one.status_code for one in answers} == {200, 429}
    assert all(1 <= int(one.headers["retry-after"]) <= 3600 for one in answers if one.status_code == 429)


def test_a_proxy_on_this_machine_says_whom_a_page_counts_for(serving):
    service = serving(rate_limit="2/h")
    told = []
    for address in ("192.0.2.1", "192.0.2.2, 192.0.2.1", "192.0.2.1", "192.0.2.2"):
        with httpx2.Client(verify=False, headers={"X-Forwarded-For": address}) as client:
            told.append(client.get(f"{service.url}/c/nobody").status_code)
    assert told == [404, 404, 429, 404]


@pytest.mark.parametrize("text", ["50", "50/d", "fast"])
def test_a_rate_limit_that_cannot_be_is_told_with_an_example(shell, text):
    done = shell.run("serve", "--port", "0", rate_limit=text)
    assert (done.returncode, done.stdout) == (1, "")
    assert "PARLEY_RATE_LIMIT" in done.stderr
    assert "50/s;500/min" in done.stderr
