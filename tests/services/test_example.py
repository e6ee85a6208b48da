"""The assistant of examples/ answers a hundred conversations of a real Parley, both in processes of their own."""

from __future__ import annotations

import ast
import json
import os
import random
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import httpx2
import pytest

from parley.core import signature
from tests.command_line.conftest import Serving, Shell
from tests.conftest import Client
from tests.docs.documents import ROOT
from tests.postgresql import Server
from tests.services.conftest import SERVICES

EXAMPLE = ROOT / "examples" / "conversation_service.py"
CONVERSATIONS = "/v1/scheduling_conversations"
PEOPLE, EACH = 10, 10
ZONES = ["Europe/Berlin", "America/Chicago", "Asia/Kolkata", "Pacific/Auckland", "Etc/UTC"]
SECONDS = 60
SEED = 5
NO_LIMITS = {"earliest_hour": 0, "latest_hour": 24, "minimum_notice_minutes": 0, "pause_minutes": 0}


def written(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Assistant:
    """The example, running for one person."""

    def __init__(self):
        self.process = None
        self.port = free_port()

    def start(self, secret):
        environment = {**os.environ, "SECRET": secret, "NO_PROXY": "127.0.0.1"}
        command = [sys.executable, str(EXAMPLE), str(self.port)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == f"listening on port {self.port}\n"

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.communicate()


def free_port():
    """A port that is free, and stays so: below those that the system gives to connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Someone:
    """An account of the running service, with a client of its own."""

    def __init__(self, shell, url, application, name, tzid):
        self.zone = ZoneInfo(tzid)
        self.sub = shell.json("account", "create", f"{name}@example.org", "--tzid", tzid)["sub"]
        token = shell.json("account", "grant", self.sub, application["client_id"])["access_token"]
        self.client = httpx2.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, verify=False
        )
        self.busy = []

    def be_busy(self, chance, days):
        """Random meetings, none so long that a day is full."""
        calendar = self.client.get("/v1/calendars").json()["calendars"][0]["calendar_id"]
        for number, day in enumerate(days):
            start = day + timedelta(minutes=15 * chance.randrange(96))
            end = start + timedelta(minutes=15 * chance.randrange(1, 12))
            body = {"event_id": f"busy-{number}", "summary": "Busy", "start": written(start), "end": written(end)}
            answer = self.client.post(f"/v1/calendars/{calendar}/events", json=body)
            assert answer.status_code == 202, answer.text
            self.busy.append((start, end))


def random_limits(chance):
    earliest = chance.randrange(0, 12)
    return {
        "earliest_hour": earliest,
        "latest_hour": chance.randrange(earliest + 6, 25),
        "minimum_notice_minutes": chance.choice([0, 60, 24 * 60, 3 * 24 * 60]),
        "pause_minutes": chance.choice([0, 10, 30, 60]),
    }


def breaches(someone, limits, meetings, began):
    """What of the agreed meetings lies outside the limits, found with nothing but a calendar and a clock."""
    pause = timedelta(minutes=limits["pause_minutes"])
    found = []
    for start, end in meetings:
        local, last = start.astimezone(someone.zone), (end - timedelta(seconds=1)).astimezone(someone.zone)
        if not (limits["earliest_hour"] <= local.hour and last.hour < limits["latest_hour"]):
            found.append(f"{local} is outside of {limits}")
        if local.date() != last.date() and limits["latest_hour"] - limits["earliest_hour"] < 24:
            found.append(f"{local} goes over midnight")
        if start < began + timedelta(minutes=limits["minimum_notice_minutes"]):
            found.append(f"{local} comes too soon for {limits}")
        found += [
            f"{local} is too near {one}" for one in someone.busy if start < one[1] + pause and one[0] < end + pause
        ]
    found += [
        f"{one} and {next_} are too near" for one, next_ in pairwise(sorted(meetings)) if next_[0] < one[1] + pause
    ]
    return found


def test_the_example_is_short_and_needs_nothing_but_python():
    tree = ast.parse(EXAMPLE.read_text())
    named = {one.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    named |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert len(EXAMPLE.read_text().splitlines()) < 100
    assert named <= sys.stdlib_module_names


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request):
    """Where the service keeps what it knows."""
    if request.param == "sqlite":
        return {}
    server: Server = request.getfixturevalue("server")
    return {"database": server.new_database()}


@pytest.fixture
def assistants():
    made = [Assistant() for _ in range(PEOPLE)]
    yield made
    for one in made:
        one.stop()


@dataclass
class World:
    """A service, its application, an organizer by calendar, and people whose assistants answer for them."""

    api: Client
    organizer: Someone
    people: list[Someone]
    limits: list[dict[str, int]]
    days: list[datetime]
    began: datetime


@contextmanager
def played(shell, assistants, chance):
    """Such a world, for as long as the block lasts."""
    serving, began = Serving(shell), datetime.now(UTC)
    with ExitStack() as running:
        running.callback(serving.process.communicate)
        running.callback(serving.process.terminate)
        days = [began.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=day) for day in range(1, 30)]
        made = shell.json("application", "create", "Example")
        names = ["grace", *(f"karl-{number}" for number in range(PEOPLE))]
        everybody = [Someone(shell, serving.url, made, name, chance.choice(ZONES)) for name in names]
        limits = [random_limits(chance) for _ in assistants]
        api = Client(serving.url, made["client_secret"])
        for client in (api, *(one.client for one in everybody)):
            running.enter_context(client)
        for one in everybody:
            one.be_busy(chance, days)
        for one, assistant, limit in zip(everybody[1:], assistants, limits, strict=True):
            body = {"callback_url": f"http://127.0.0.1:{assistant.port}/", "limits": limit}
            assistant.start(one.client.post(SERVICES, json=body).json()["conversation_service"]["secret"])
        yield World(api, everybody[0], everybody[1:], limits, days, began)


def test_a_hundred_random_conversations_complete_inside_the_limits(tmp_path, settings, assistants):
    chance = random.Random(SEED)
    shell = Shell(tmp_path, {**settings, "outbound_allow": ",".join(f"127.0.0.1:{one.port}" for one in assistants)})
    with played(shell, assistants, chance) as world:
        opened = {open_one(world, chance, someone): someone for _ in range(EACH) for someone in world.people}
        told = completed(world.api, list(opened))
        meetings = {identifier: agreed(one) for identifier, one in told.items()}
        for someone, limits in zip(world.people, world.limits, strict=True):
            theirs = [meetings[identifier] for identifier, whose in opened.items() if whose is someone]
            assert breaches(someone, limits, theirs, world.began) == []
        assert breaches(world.organizer, NO_LIMITS, list(meetings.values()), world.began) == []
        assert mornings(told) > len(told) / 3
        assert {happened(world.api, one) for one in told} == {("agreed", "asked", "created", "selected")}


def agreed(told):
    """From when to when the meeting is."""
    return datetime.fromisoformat(told["chosen_slot"]["start"]), datetime.fromisoformat(told["chosen_slot"]["end"])


def happened(api, identifier):
    """The history of a conversation, without what became of its events; who is quick acts before it stands as asked."""
    told = api.get(f"{CONVERSATIONS}/{identifier}/history").json()["history"]
    return tuple(sorted(one["type"] for one in told if not one["type"].startswith("event_")))


def open_one(world, chance, someone):
    """A conversation about some time in two weeks; its id."""
    first = chance.randrange(len(world.days) - 14)
    body = {
        "participants": [
            {"sub": world.organizer.sub, "common_name": "Grace", "slots": {"selection_method": "auto"}},
            {"sub": someone.sub, "common_name": "Karl"},
        ],
        "tzid": someone.zone.key,
        "required_duration": {"minutes": chance.choice([15, 30, 45, 60])},
        "available_periods": [{"start": written(world.days[first]), "end": written(world.days[first + 14])}],
    }
    return world.api.open(body)["scheduling_conversation_id"]


def completed(api, identifiers):
    """All of the conversations, once they are complete."""
    found, end = {}, time.monotonic() + SECONDS
    while len(found) < len(identifiers) and time.monotonic() < end:
        for identifier in identifiers:
            if identifier not in found:
                told = api.get(f"{CONVERSATIONS}/{identifier}").json()
                if told["status"] == "complete":
                    found[identifier] = told
        time.sleep(0.2)
    assert len(found) == len(identifiers), f"{len(found)} of {len(identifiers)} are complete"
    return found


def mornings(told):
    """How many were agreed for a time before noon of the conversation's zone."""
    return sum(1 for one in told.values() if agreed(one)[0].astimezone(ZoneInfo(one["tzid"])).hour < 12)


def test_the_example_does_nothing_for_a_push_that_is_not_genuine(assistants):
    """A wrong signature, an old one, and one for another body: 401, and no call to anybody."""
    secret = "whsec_" + "A" * 43 + "="
    assistants[0].start(secret)
    now, body = int(time.time()), json.dumps({"participant_token": "x"}).encode()
    good = signature.headers("ask_1", now, body, [secret])
    wrong = [
        (signature.headers("ask_1", now, body, ["whsec_" + "B" * 43 + "="]), body),
        (signature.headers("ask_1", now - 301, body, [secret]), body),
        (good, body + b" "),
        ({**good, "webhook-id": "ask_2"}, body),
        ({**good, "webhook-timestamp": "soon"}, body),
        ({}, body),
    ]
    url = f"http://127.0.0.1:{assistants[0].port}/"
    with httpx2.Client(verify=False) as client:
        assert [client.post(url, content=text, headers=one).status_code for one, text in wrong] == [401] * len(wrong)
        assert (
            client.post(url, content=b"{}", headers=signature.headers("ask_1", now, b"{}", [secret])).status_code == 204
        )
