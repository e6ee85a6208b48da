"""Several processes on one database, workers beside them, and how all of them end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import httpx2
import pytest

from parley.store import database, outbox
from tests.command_line.conftest import COMMAND
from tests.conftest import empty
from tests.make import HOUR

SOON = 20  # seconds


@pytest.fixture
def address(standing_database):
    empty(standing_database)
    return standing_database


@pytest.fixture
def db(address):
    opened = database.opened(address)
    yield opened
    opened.close()


def until(happened, seconds=SOON):
    """Wait for something; what it was."""
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return found


def children(process):
    """The ids of the processes that this one has started."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(one) for one in found]


def is_there(process):
    return Path(f"/proc/{process}").exists()


@pytest.fixture
def application(shell):
    """Create an application; a client with its key."""
    clients = []

    def create(**settings):
        done = shell.run("application", "create", "Test", "--json", **settings)
        assert done.returncode == 0, done.stderr
        headers = {"Authorization": f"Bearer {json.loads(done.stdout)['client_secret']}"}
        clients.append(httpx2.Client(headers=headers, verify=False))
        return clients[-1]

    yield create
    for one in clients:
        one.close()


def agree(shell, client, url, **settings):
    """Have an account's conversation agreed at its creation; the conversation."""
    made = shell.run("account", "create", f"{os.urandom(4).hex()}@example.org", "--json", **settings)
    sub = json.loads(made.stdout)["sub"]
    client_id = json.loads(shell.run("application", "list", "--json", **settings).stdout)[0]["client_id"]
    shell.run("account", "grant", sub, client_id, **settings)
    tomorrow = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 24 * HOUR))
    evening = tomorrow.replace("T00", "T20")
    body = {
        "participants": [
            {"participant_id": "@grace", "sub": sub, "common_name": "Grace", "slots": {"selection_method": "auto"}}
        ],
        "tzid": "Etc/UTC",
        "subject": "Review",
        "required_duration": {"minutes": 60},
        "available_periods": [{"start": tomorrow, "end": evening}],
    }
    answer = client.post(f"{url}/v1/scheduling_conversations", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_several_processes_serve_one_port_and_one_that_dies_is_replaced(serving, address):
    service = serving("--processes", "2", database=address)
    first = until(lambda: len(children(service.process.pid)) == 2 and children(service.process.pid))
    os.kill(first[0], signal.SIGKILL)
    second = until(lambda: first[0] not in children(service.process.pid) and len(children(service.process.pid)) == 2)
    assert second
    assert httpx2.get(f"{service.url}/health/ready").status_code == 200
    assert service.stop() == 0
    assert [one for one in first if is_there(one)] == []


def test_processes_end_with_the_one_that_watches_them_even_when_that_is_killed(serving, address):
    service = serving("--processes", "2", database=address)
    served = until(lambda: len(children(service.process.pid)) == 2 and children(service.process.pid))
    service.stop(signal.SIGKILL)
    until(lambda: not any(is_there(one) for one in served))


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        pytest.param(("serve", "--processes", "2"), {}, "several processes need PostgreSQL", id="processes on a file"),
        pytest.param(("work",), {}, "PARLEY_BASE_URL", id="work without a name"),
        pytest.param(
            ("work",), {"base_url": "http://x.example"}, "more of them need PostgreSQL", id="a worker beside a file"
        ),
        pytest.param(
            ("serve", "--processes", "2"),
            {"database": "postgresql://parley@127.0.0.1:1/none"},
            "cannot use the database server",
            id="no server",
        ),
    ],
)
def test_what_cannot_be_started_says_why(shell, words, settings, told):
    done = shell.run(*words, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("parley: ")
    assert told in done.stderr


@pytest.fixture
def worker(shell, address):
    """Start a worker of its own, which ends with the test."""
    running = []

    def start():
        environment = shell.environment(database=address, base_url="http://127.0.0.1:8000")
        running.append(subprocess.Popen([*COMMAND, "work"], env=environment, stderr=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


def test_messages_are_carried_out_by_a_worker_elsewhere(serving, shell, address, db, worker, application):
    service = serving("--no-worker", database=address)
    client = application(database=address)
    talk = agree(shell, client, service.url, database=address)
    assert talk["participants"][0]["status"] == "complete"
    time.sleep(1)
    assert db.read(outbox.waiting) == 1
    at_work = worker()
    until(lambda: db.read(outbox.waiting) == 0)
    history = f"{service.url}/v1/scheduling_conversations/{talk['scheduling_conversation_id']}/history"
    assert [one["type"] for one in client.get(history).json()["history"]][-1] == "event_written"
    at_work.send_signal(signal.SIGTERM)
    assert at_work.wait(SOON) == 0


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_before_a_service_ends_it_says_so_to_whoever_keeps_asking(serving, request, engine):
    settings = {"database": request.getfixturevalue("address")} if engine == "postgresql" else {}
    service = serving(**settings)
    with httpx2.Client(base_url=service.url, verify=False) as balancer:
        for _ in range(4):
            assert balancer.get("/health/ready").status_code == 200
            time.sleep(0.4)
        service.process.send_signal(signal.SIGTERM)
        until(lambda: balancer.get("/health/ready").status_code == 503, seconds=2)
        last = balancer.get("/health/live")
        assert (last.status_code, last.headers["connection"]) == (200, "close")
    assert service.process.wait(SOON) == 0


def test_no_call_fails_while_one_service_takes_over_from_another(serving, address, application):
    """A client that does what a balancer does: it asks who is ready, and sends calls there."""
    first, second = (serving(database=address, rate_limit="0") for _ in range(2))
    client = application(database=address)
    ready, failed, asked, over = [first.url, second.url], [], [], threading.Event()

    def balance():
        while not over.wait(0.3):
            ready[:] = [one for one in (first.url, second.url) if _is_ready(one)]
            asked.append(time.monotonic())

    def call():
        while not over.is_set():
            for url in list(ready):
                told = _told(client, f"{url}/v1/scheduling_conversations")
                failed.extend([told] if told != 200 else [])

    threads = [threading.Thread(target=one) for one in (balance, call, call)]
    for one in threads:
        one.start()
    until(lambda: asked and asked[-1] - asked[0] > 2)  # so that the first one knows that somebody asks
    ended = first.stop()
    time.sleep(1)
    over.set()
    for one in threads:
        one.join()
    assert (ended, failed, ready) == (0, [], [second.url])


def _is_ready(url):
    try:
        return httpx2.get(f"{url}/health/ready", timeout=2).status_code == 200
    except httpx2.TransportError:
        return False


def _told(client, url):
    try:
        return client.get(url).status_code
    except httpx2.TransportError as cause:
        return repr(cause)
