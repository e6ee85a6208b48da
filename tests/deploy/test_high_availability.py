"""What the fail-over example counts and compares; a fail-over itself takes a minute and is run by hand."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.api.conftest import sqlite_service
from tests.deploy.conftest import DEPLOY
from tests.make import person, proposal, selection

__all__ = ["sqlite_service"]

HERE = DEPLOY / "high-availability"


@pytest.fixture(scope="module")
def example():
    """The modules of the example, which are found where its program stands."""
    sys.path.insert(0, str(HERE))
    names = ("cluster", "load", "machine", "reading_back", "report")
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    sys.path.remove(str(HERE))
    for name in names:
        del sys.modules[name]


def test_what_is_missing_is_told_with_the_line_that_installs_it():
    words = [sys.executable, str(HERE / "failover.py")]
    done = subprocess.run(words, env={"PATH": "/nowhere"}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "apt-get install --no-install-recommends patroni etcd-server" in done.stderr


def test_the_address_names_both_nodes_and_takes_the_one_that_leads(example, tmp_path):
    nodes = tuple(example.cluster.Node(f"node-{one}", tmp_path, 5430 + one, 8000 + one) for one in (1, 2))
    address = example.cluster.Cluster(None, nodes, "s", "p", True).address
    assert address == "postgresql://parley:p@127.0.0.1:5431,127.0.0.1:5432/parley?target_session_attrs=read-write"


def test_an_outage_is_the_longest_time_without_an_acknowledgement_that_ends_after_the_kill(example):
    kinds = [("200", 1), ("200", 20), ("200", 21), ("503", 22), ("503", 26), ("200", 29), ("200", 30)]
    answers = [example.load.Answer(kind, done - 1, done) for kind, done in kinds]
    assert example.load.Ledger(answers).outage(21.5) == (21, 29)


@pytest.fixture
def agreed(example, sqlite_service):
    """A conversation of two people with calendars, complete, as a writer has written it down; and a client."""
    service = sqlite_service
    application = service.application()
    people = [service.person(application, f"{name}-{application.id}@example.org") for name in ("grace", "karl")]
    body = proposal(person("@grace", "auto"), person("@karl"))
    for participant, one in zip(body["participants"], people, strict=True):
        participant["sub"] = one.sub
    opened = application.client.open(body)
    told = application.client.select(opened, 1, selection("10:00")).json()
    service.work()
    persons = tuple(example.load.Person(one.sub, one.client.token) for one in people)
    written = example.load.Conversation(opened["scheduling_conversation_id"], persons, told["chosen_slot"]["start"])
    client = example.load.Client(int(service.url.rpartition(":")[2]), application.secret)
    yield written, client
    client.close()


def test_what_stands_as_it_was_acknowledged_is_not_lost(example, agreed):
    conversation, client = agreed
    found = example.reading_back.compare([conversation], client, patience=0)
    assert (found.conversations, found.selections, found.lost, found.doubled) == (1, 1, [], [])


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"id": "scv_000000000000000000000000"}, id="a conversation that is not there"),
        pytest.param({"start": "2031-05-05T11:00:00Z"}, id="another slot"),
    ],
)
def test_what_does_not_stand_as_it_was_acknowledged_is_lost(wrong, example, agreed):
    conversation, client = agreed
    for name, value in wrong.items():
        setattr(conversation, name, value)
    assert len(example.reading_back.compare([conversation], client, patience=0).lost) == 1


def test_an_event_that_is_in_one_calendar_only_is_lost(example, agreed, sqlite_service):
    conversation, client = agreed
    karl = sqlite_service.client(conversation.people[1].token)
    calendar = karl.get("/v1/calendars").json()["calendars"][0]["calendar_id"]
    karl.request("DELETE", f"/v1/calendars/{calendar}/events", json={"event_id": conversation.id})
    assert len(example.reading_back.compare([conversation], client, patience=0).lost) == 1


def test_nothing_that_was_started_outlives_its_machine(example):
    those_in = example.machine.those_in
    with example.machine.machine(None, keep=False) as box:
        first = box.start("one", ["sh", "-c", "setsid sleep 61 & sleep 62"])
        other = box.start("other", ["sleep", "63"])
        started = box.until(
            "all four run", 10, lambda: those_in(box.folder) if len(those_in(box.folder)) == 4 else None
        )
        assert {first, other} < set(started)
    assert not box.folder.exists()
    assert [one for one in started if os.path.exists(f"/proc/{one}/cwd")] == []
