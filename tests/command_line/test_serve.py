"""Starting and ending the service, and what stops it from starting."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from tests.make import proposal

PATH = "/v1/scheduling_conversations"


def client_of(url, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.Client(base_url=url, headers=headers, verify=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_answers_until_it_is_told_to_stop_and_ends_with_0(serving, number):
    service = serving()
    with client_of(service.url) as client:
        assert client.get("/health/ready").status_code == 200
    assert service.stop(number) == 0
    with client_of(service.url) as client, pytest.raises(httpx2.ConnectError):
        client.get("/health/live")


def test_requests_in_hand_are_answered_before_the_service_ends(shell, serving):
    service = serving()
    secret = shell.json("application", "create", "Agenda")["client_secret"]
    with client_of(service.url, secret) as client, ThreadPoolExecutor(8) as pool:
        body = proposal(tzid="Mars")
        asked = [pool.submit(client.post, PATH, json=body) for _ in range(64)]
        answers = [one.result() for one in asked[:32]]
        stopped = service.stop()
        late = [one.exception() or one.result().status_code for one in asked[32:]]
    assert stopped == 0
    assert {one.status_code for one in answers} == {422}
    assert all(one == 422 or isinstance(one, httpx2.TransportError) for one in late)


def test_what_was_answered_is_still_there_after_the_service_was_killed(shell, serving):
    secret = shell.json("application", "create", "Agenda")["client_secret"]
    first = serving()
    with client_of(first.url, secret) as client:
        opened = client.post(PATH, json=soon()).json()
    first.stop(signal.SIGKILL)
    with client_of(serving().url, secret) as client:
        told = client.get(f"{PATH}/{opened['scheduling_conversation_id']}").json()
    assert told["scheduling_conversation_id"] == opened["scheduling_conversation_id"]
    assert tokens(told) == tokens(opened)


def soon():
    """A request to open a conversation about tomorrow."""
    tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    start, end = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (tomorrow, tomorrow + timedelta(hours=8)))
    return proposal(available_periods=[{"start": start, "end": end}])


def tokens(told):
    return [one["page_url"].rpartition("/")[2] for one in told["participants"]]


def test_generated_addresses_begin_with_the_base_url(shell, serving):
    secret = shell.json("application", "create", "Agenda")["client_secret"]
    service = serving(base_url="https://talks.example/parley/")
    with client_of(service.url, secret) as client:
        told = client.post(PATH, json=soon()).json()
    page = told["participants"][0]["page_url"]
    action = told["participants"][0]["possible_actions"]["slots_list"]["url"]
    assert page.startswith("https://talks.example/parley/c/scv_")
    assert action.startswith("https://talks.example/parley/v1/scheduling_conversations/scv_")


def refused(done):
    """The one line that a command which cannot go on says."""
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("parley: ")
    return lines[0]


def test_a_port_in_use_is_told_with_what_to_do(shell):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused(shell.run("serve", "--port", port))
    assert f"port {port} of 127.0.0.1 is in use" in line
    assert "--port" in line


def test_an_address_that_is_nobodys_is_told(shell):
    assert "cannot listen" in refused(shell.run("serve", "--host", "192.0.2.1", "--port", "0"))


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "::"])
def test_listening_everywhere_needs_a_base_url(shell, host):
    assert "PARLEY_BASE_URL" in refused(shell.run("serve", "--host", host, "--port", "0"))


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["application", "list"]])
def test_a_data_folder_that_cannot_be_is_told_with_what_to_do(shell, words):
    (shell.folder / "file").write_text("")
    line = refused(shell.run(*words, data_dir=str(shell.folder / "file" / "data")))
    assert "PARLEY_DATA_DIR" in line


def test_a_second_service_on_the_same_file_is_refused_and_the_first_goes_on(shell, serving):
    first = serving()
    assert "another parley serve" in refused(shell.run("serve", "--port", "0"))
    with client_of(first.url) as client:
        assert client.get("/health/ready").status_code == 200


def test_the_file_is_free_again_when_its_service_was_killed(serving):
    serving().stop(signal.SIGKILL)
    with client_of(serving().url) as client:
        assert client.get("/health/ready").status_code == 200


def garbage(path):
    path.write_bytes(os.urandom(20000))


def damaged(path):
    """A database whose first page alone is in order."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table migrations (name text)")
        connection.commit()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8192))


def foreign(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table applications (anything)")
        connection.commit()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (garbage, ["serve", "--port", "0"]),
        (garbage, ["application", "list"]),
        (damaged, ["serve", "--port", "0"]),
        (foreign, ["serve", "--port", "0"]),
    ],
)
def test_a_file_that_is_not_a_database_of_ours_is_told_and_left_alone(shell, spoil, words):
    shell.data.mkdir()
    path = shell.data / "parley.db"
    spoil(path)
    before = path.read_bytes()
    assert f"cannot use {path} as a database" in refused(shell.run(*words))
    assert spoil is not garbage or path.read_bytes() == before


@pytest.mark.parametrize("key", [b"", b"x" * 44, b"\xff" * 43])
def test_a_key_file_that_holds_no_key_is_told(shell, key):
    shell.data.mkdir()
    (shell.data / "secret.key").write_bytes(key)
    assert "secret.key does not hold a key" in refused(shell.run("application", "create", "Agenda"))


def test_a_full_disk_is_told_in_one_line(shell):
    def no_file_over_50_kilobytes():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    done = shell.run("migrate", before=no_file_over_50_kilobytes)
    *steps, line = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert "disk is full" in line
    assert all(one.startswith("migrate: ") for one in steps)


def test_a_database_of_another_kind_is_told(shell):
    line = refused(shell.run("serve", "--port", "0", database="postgresql://user:hunter2@db.example/parley"))
    assert "PARLEY_DATABASE" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "talks.example"),
        ("log_level", "loud"),
        ("secret_key", "hunter2"),
    ],
)
def test_a_setting_that_cannot_be_is_told_by_its_name(shell, name, value):
    line = refused(shell.run("serve", "--port", "0", **{name: value}))
    assert f"PARLEY_{name.upper()}" in line
    assert name != "secret_key" or value not in line
