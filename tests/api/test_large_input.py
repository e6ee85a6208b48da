"""Much of everything, sent to a process of its own: calls are answered in time, take little memory, change nothing.

The bodies are just under what a body may have, unless they are there to be over it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.api.described import PATHS, undescribed
from tests.api.test_bad_input import CORPUS, TYPES, WITH_BODY, each
from tests.command_line.conftest import Serving, Shell
from tests.conftest import Client

SECONDS = 2.0
MEBIBYTE = 1 << 20
GROWTH = 64 * MEBIBYTE
KEPT_APART = {"access_tokens", "outbox"}  # tokens are given while the test calls; the worker moves its messages


@dataclass
class Running:
    """A service as a process, a client for each kind of credential, and what its paths lead to."""

    process: Serving
    database: Path
    clients: dict[str | None, Client]
    asked: dict[str, str]
    calendar: str
    conversation: str
    link: str

    def path(self, path: str) -> str:
        """The path with ids that exist."""
        identifier = self.calendar if path.startswith("/v1/calendars") else self.conversation
        return path.format(id=identifier, position=1, event_uid="none", token=self.link)

    def client(self, path: str, method: str) -> Client:
        """A client that the operation admits."""
        security = PATHS[path][method]["security"]
        return self.clients[next(iter(security[0]))] if security else self.clients[None]

    def memory(self, name: str) -> int:
        """The process's resident memory in bytes: VmRSS what it is, VmHWM the most that it was."""
        status = Path(f"/proc/{self.process.process.pid}/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0]) * 1024

    def worked(self) -> float:
        """The seconds that the process has had of a processor; what else the machine does is not counted."""
        fields = Path(f"/proc/{self.process.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget_peak(self) -> None:
        """Let VmHWM begin anew."""
        Path(f"/proc/{self.process.process.pid}/clear_refs").write_text("5")

    def rows(self) -> dict[str, list[Any]]:
        """Everything that is stored."""
        connection = apsw.Connection(str(self.database), flags=apsw.SQLITE_OPEN_READONLY)
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        found = {one: connection.execute(f"select * from {one}").fetchall() for one in tables if one not in KEPT_APART}
        connection.close()
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    shell = Shell(tmp_path_factory.mktemp("large"))
    made = shell.json("application", "create", "Large")
    serving = Serving(shell)
    key, nobody = Client(serving.url, made["client_secret"]), Client(serving.url)
    asked = {name: made[name] for name in ("client_id", "client_secret")} | {"application_calendar_id": "room"}
    token = nobody.post("/v1/application_calendars", json=asked).json()
    account = Client(serving.url, token["access_token"])
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    opened = key.open(
        {
            "participants": [{"sub": token["sub"], "common_name": "Room"}, {"participant_id": "karl"}],
            "tzid": "Etc/UTC",
            "required_duration": {"minutes": 60},
            "available_periods": [{"start": start.isoformat(), "end": (start + timedelta(days=2)).isoformat()}],
        }
    )
    calendar = account.get("/v1/calendars").json()["calendars"][0]["calendar_id"]
    link = opened["participants"][1]["page_url"].rpartition("/")[2]
    clients = {"application": key, "account": account, None: nobody}
    identifier = opened["scheduling_conversation_id"]
    yield Running(serving, shell.data / "parley.db", clients, asked, calendar, identifier, link)
    for client in clients.values():
        client.close()
    serving.stop()
    serving.process.communicate()


def repeated(prefix: str, element: str, suffix: str, size: int = MEBIBYTE) -> bytes:
    """As many elements as go into a body of this size, with commas between them."""
    room = size - len(prefix) - len(suffix)
    count = room // (len(element) + 1)
    return f"{prefix}{','.join([element] * count)}{suffix}".encode()


PERIOD = '{"start":"2031-05-05T09:00:00Z","end":"2031-05-05T10:00:00Z"}'
NAMES = ("participants", "available_periods", "query_periods", "query_slots", "selected_slots", "weekly_periods")
LISTS = (*NAMES, "batch", "calendar_ids", "reminders")
HUNDRED_THOUSAND = "[" + "0," * 99_999 + "0]"
LARGE = {
    "100,000 periods over a mebibyte": f'{{"available_periods":[{",".join([PERIOD] * 100_000)}]}}'.encode(),
    "a mebibyte of periods": repeated('{"available_periods":[', PERIOD, "]}"),
    "100,000 elements of the wrong type": "".join(
        ("{", ",".join(f'"{one}":{HUNDRED_THOUSAND}' for one in LISTS[:4]), "}")
    ).encode(),
    "100,000 in the other lists": "".join(
        ("{", ",".join(f'"{one}":{HUNDRED_THOUSAND}' for one in LISTS[4:]), "}")
    ).encode(),
    "empty lists": repeated('{"participants":[', "[]", "]}"),
    "empty objects": repeated('{"participants":[', "{}", "]}"),
    "objects of one field": repeated('{"participants":[', '{"":0}', "]}"),
    "an object of many fields": ("{" + ",".join(f'"{at}":0' for at in range(95_000)) + "}").encode(),
    "floats": repeated('{"participants":[', "1.5", "]}"),
    "large whole numbers": repeated('{"participants":[', "18446744073709551615", "]}"),
    "a number of a mebibyte": b'{"max_results":' + b"9" * (MEBIBYTE - 20) + b"}",
    "a text of a mebibyte": b'{"summary":"' + b"x" * (MEBIBYTE - 20) + b'"}',
    "an escaped text": b'{"summary":"' + rb"\u0061" * ((MEBIBYTE - 20) // 6) + b'"}',
    "spaces": b" " * (MEBIBYTE - 2) + b"{}",
    "brackets": b"[" * MEBIBYTE,
    "10,000 deep": b'{"participants":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "3 MiB of nothing": b"\0" * (3 * MEBIBYTE),
}
FORMS = {
    "a form of ampersands": b"&" * MEBIBYTE,
    "a form of brackets": b"a" + b"[0]" * (MEBIBYTE // 3 - 3) + b"=1",
    "a form of one field": b"summary=" + b"%61" * (MEBIBYTE // 3 - 3),
    "a form of one array": b"&".join([b"participants[]=a"] * 999),
}
BODIES = {
    **{name: (body, TYPES[".json"]) for name, body in LARGE.items()},
    **{name: (body, TYPES[".form"]) for name, body in FORMS.items()},
    **{one.name: (one.read_bytes(), TYPES[one.suffix]) for one in CORPUS},
}


@each(WITH_BODY)
def test_each_is_answered_soon_with_little_memory_and_changes_nothing(running, path, method, told):
    client, complaints = running.client(path, method), []
    before = running.rows()
    for name, (body, kind) in BODIES.items():
        running.forget_peak()
        memory, began = running.memory("VmRSS"), time.monotonic()
        answer = client.request(method.upper(), running.path(path), content=body, headers={"Content-Type": kind})
        seconds, growth = time.monotonic() - began, running.memory("VmHWM") - memory
        wrong = undescribed(told, answer)
        if answer.status_code >= 500 or (len(body) > MEBIBYTE) != (answer.status_code == 413):
            wrong.append(f"a {answer.status_code}")
        if seconds > SECONDS:
            wrong.append(f"{seconds:.1f} seconds")
        if growth > GROWTH:
            wrong.append(f"{growth // MEBIBYTE} MiB more")
        complaints += [f"{name}: {one}" for one in wrong]
        after = running.rows()
        if answer.status_code >= 400 and after != before:
            complaints.append(f"{name}: a {answer.status_code} that changed something")
        before = after
    assert complaints == []


@pytest.fixture(scope="module")
def hundred(running: Running) -> list[str]:
    """A hundred accounts, each open for a few minutes at a time."""
    subs = []
    for at in range(100):
        asked = {**running.asked, "application_calendar_id": f"room-{at}"}
        token = running.clients[None].post("/v1/application_calendars", json=asked).json()
        with Client(running.process.url, token["access_token"]) as client:
            assert client.post("/v1/availability_rules", json=MANY_HOURS).status_code == 200
        subs.append(token["sub"])
    return subs


HOURS = [(f"{hour:02}:{minute:02}", f"{hour:02}:{minute + 10:02}") for hour in range(8, 18) for minute in (0, 30)]
MANY_HOURS = {
    "availability_rule_id": "many",
    "tzid": "Europe/Berlin",
    "weekly_periods": [
        {"day": day, "start_time": start, "end_time": end}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
        for start, end in HOURS
    ],
}


@pytest.mark.parametrize("required", ["all", 1, 50])
@pytest.mark.parametrize("response_format", ["periods", "slots", "overlapping_slots"])
def test_twenty_groups_of_a_hundred_are_answered_soon(running, hundred, required, response_format):
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    ahead = [start + timedelta(hours=16 * at) for at in range(50)]
    members = [{"sub": one, "managed_availability": True} for one in hundred]
    query = {
        "participants": [{"members": members[at:] + members[:at], "required": required} for at in range(20)],
        "required_duration": {"minutes": 5},
        "query_periods": [{"start": one.isoformat(), "end": (one + timedelta(hours=12)).isoformat()} for one in ahead],
        "start_interval": {"minutes": 5},
        "response_format": response_format,
    }
    assert len(json.dumps(query)) < MEBIBYTE
    began = running.worked()
    answer = running.clients["application"].post("/v1/availability", json=query)
    assert answer.status_code == 200, answer.text
    assert running.worked() - began < SECONDS
