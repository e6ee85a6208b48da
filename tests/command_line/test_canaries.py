"""Secrets and personal data are planted wherever any can come in, and looked for in logs, metrics and refusals."""

from __future__ import annotations

import json
import re
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import apsw
import httpx2
import psycopg
import pytest

from tests.command_line.conftest import Serving, Shell
from tests.conftest import ENGINES
from tests.make import proposal
from tests.postgresql import running

PATH = "/v1/scheduling_conversations"
WORD = "canary"  # in everything that we may choose ourselves
KEY = urlsafe_b64encode(b"canary-secret-key-of-32-bytes-ok").decode()
EMAIL, KARL = f"{WORD}-grace@example.org", f"{WORD}-karl@example.org"
TOMORROW = time.gmtime(time.time() + 86400)
MORNING, EVENING = (time.strftime(f"%Y-%m-%dT{hour}:00:00Z", TOMORROW) for hour in ("08", "18"))
IN_SLOT = {"start": MORNING, "end": MORNING.replace("T08", "T09")}


@dataclass
class World:
    """A service that logs all it can, what was planted in it, and what it has shown."""

    shell: Shell
    service: Serving
    breaking: Any
    client: httpx2.Client
    secrets: dict[str, str]
    refusals: list[httpx2.Response] = field(default_factory=list)

    def ask(self, method: str, path: str, token: str | None = None, **request: Any) -> httpx2.Response:
        """Send a request with canaries in its address and its head; what is refused is kept."""
        headers = {"X-Request-Id": f"{WORD} <x>", "Idempotency-Key": f"{WORD}-{time.monotonic_ns()}", "Cookie": WORD}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        query = {"tzid": "Etc/UTC", "q": WORD, "email": KARL} | request.pop("params", {})
        answer = self.client.request(
            method, path, headers=headers | request.pop("headers", {}), params=query, **request
        )
        is_their_own = answer.status_code == 422 and path.startswith("/c/")  # the page of whom the data is about
        if answer.status_code >= 400 and not is_their_own:
            self.refusals.append(answer)
        return answer

    def shown(self) -> dict[str, str]:
        """All that may be read by those whom the data is none of their business, by where it stands."""
        told = {f"{one.request.method} {one.url.path} {one.status_code}": _whole(one) for one in self.refusals}
        log = self.service.log.read_text()
        return {"log": log, "metrics": self.ask("GET", "/metrics").text, "output": self.output(), **told}

    def output(self) -> str:
        """What the service has printed; it must have ended."""
        return (self.service.process.stdout.read() if self.service.process.poll() is not None else "") or ""


def _whole(answer: httpx2.Response) -> str:
    return f"{dict(answer.headers)} {answer.text}"


def leaks(world: World, shown: dict[str, str]) -> list[str]:
    """Where anything of what was planted stands."""
    chosen = re.compile(rf".{{0,20}}{WORD}.{{0,20}}")
    found = [
        f"{name} in {where}" for where, text in shown.items() for name, one in world.secrets.items() if one in text
    ]
    return found + [f"{match} in {where}" for where, text in shown.items() for match in chosen.findall(text)]


class Sqlite:
    """A file, and how others make it fail."""

    def __init__(self, shell: Shell) -> None:
        self.settings: dict[str, str] = {}
        self.path = shell.data / "parley.db"

    def connected(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(10_000)
        return connection

    def refuse_events(self) -> None:
        """Have no event written any more, with an error that tells all of it."""
        with closing(self.connected()) as connection:
            connection.execute(
                "create trigger no_more before insert on events begin select raise(abort, new.document); end"
            )

    def lose_conversations(self) -> None:
        """Have no table of conversations any more."""
        with closing(self.connected()) as connection:
            connection.execute("alter table conversations rename to gone")

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Somebody else writes, without end."""
        with closing(self.connected()) as connection:
            connection.execute("begin exclusive")
            yield
            connection.execute("rollback")


class Postgresql:
    """A server, and how others make it fail."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.address = server.new_database()
        self.settings = {"database": self.address.replace("parley@", f"parley:{WORD}-password@")}

    def _run(self, sql: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(sql)

    def refuse_events(self) -> None:
        """Have no event written any more, with an error that tells all of it."""
        self._run("alter table events add constraint no_more check (length(document) < 0) not valid")

    def lose_conversations(self) -> None:
        """Have no table of conversations any more."""
        self._run("alter table conversations rename to gone")

    @contextmanager
    def gone(self) -> Iterator[None]:
        """The server answers nothing, and then is not there at all."""
        self.server.freeze()
        yield
        self.server.kill()


@pytest.fixture(params=ENGINES)
def breaking(request, shell, tmp_path):
    """A database of the test's own."""
    if request.param == "sqlite":
        yield Sqlite(shell)
        return
    with running(tmp_path) as server:
        yield Postgresql(server)


@pytest.fixture
def world(shell, serving, breaking):
    shell.settings |= {"secret_key": KEY, **breaking.settings}
    service = serving(log_level="debug")
    made = shell.json("application", "create", f"{WORD} Agenda", "--redirect-uri", f"https://{WORD}.example/back")
    sub = shell.json("account", "create", EMAIL, "--name", f"{WORD} Grace")["sub"]
    given = shell.json("account", "grant", sub, made["client_id"])
    redirect = ["--redirect-uri", f"https://{WORD}.example/back"]
    code = shell.json("account", "authorize", sub, made["client_id"], *redirect)["code"]
    secrets = {"client secret": made["client_secret"], "code": code, "secret key": KEY, "sub": sub}
    secrets |= {name: given[name] for name in ("access_token", "refresh_token")}
    with httpx2.Client(base_url=service.url, verify=False, timeout=30) as client:
        yield World(shell, service, breaking, client, {**secrets, "client_id": made["client_id"]})


def everyday(world: World) -> None:
    """What succeeds, and what is refused, with canaries in every field."""
    api_key, token = world.secrets["client secret"], world.secrets["access_token"]
    talk = open_talk(world)
    select = talk["participants"][1]["possible_actions"]["slots_select"]["url"]
    slots = world.ask("GET", select, api_key).json()["slots"]
    calendar = world.ask("GET", "/v1/calendars", token).json()["calendars"][0]["calendar_id"]
    events = f"/v1/calendars/{calendar}/events"
    event = {"event_id": f"{WORD}-event", "summary": f"{WORD} lunch", "description": WORD, **IN_SLOT}
    named = {"client_id": world.secrets["client_id"], "client_secret": api_key}
    rule = {"availability_rule_id": f"{WORD}-rule", "tzid": WORD, "weekly_periods": [{"day": WORD}]}
    link = f"/c/{world.secrets['link 1']}"
    calls = [
        ("GET", PATH, None, {}, 401),
        ("GET", PATH, f"pat_{WORD}", {}, 401),
        ("GET", PATH, world.secrets["link 0"], {}, 403),
        ("GET", PATH, api_key, {"params": {"token": world.secrets["link 0"]}}, 200),
        ("PUT", PATH, api_key, {}, 405),
        ("POST", PATH, api_key, {"content": b'{"tzid": "' + api_key.encode()}, 422),
        (
            "POST",
            PATH,
            api_key,
            {"json": proposal(tzid=WORD, subject=f"{WORD}\0", participants=[{"email": WORD}])},
            422,
        ),
        ("POST", PATH, api_key, {"content": WORD.encode() * 200_000}, 413),
        ("POST", PATH, api_key, {"json": {}, "headers": {"Idempotency-Key": f"{WORD} é.".encode()}}, 422),
        ("GET", f"{PATH}/{WORD}", api_key, {}, 404),
        ("GET", f"/{WORD}/{world.secrets['link 0']}", None, {}, 404),
        ("POST", select, api_key, {"json": {"selected_slots": [{"slot_id": WORD}]}}, 422),
        ("POST", events, token, {"json": event}, 202),
        ("POST", events, token, {"json": {**event, "start": WORD, "tzid": WORD}}, 422),
        ("POST", "/v1/availability_rules", token, {"json": rule}, 422),
        ("GET", f"/v1/availability_rules/{WORD}-rule", token, {}, 404),
        ("POST", "/v1/calendars", token, {"json": {"profile_id": WORD, "name": WORD}}, 422),
        ("POST", "/v1/batch", token, {"json": {"batch": [{"method": WORD, "relative_url": f"/{WORD}"}]}}, 207),
        ("POST", "/oauth/token", None, {"json": {**named, "grant_type": WORD}}, 400),
        ("POST", "/oauth/token", None, {"json": {**named, **refresh(f"prt_{WORD}")}}, 400),
        ("POST", "/oauth/token", None, {"json": {**named, "client_secret": WORD, **refresh(WORD)}}, 400),
        ("POST", "/oauth/token", None, {"json": {**named, **exchange(world.secrets["code"])}}, 200),
        ("POST", "/oauth/token", None, {"json": {**named, **exchange(world.secrets["code"])}}, 400),
        ("POST", "/v1/application_calendars", None, {"json": {**named, "client_secret": WORD}}, 422),
        ("GET", link, None, {"params": {"zone": WORD, "slot": WORD}}, 200),
        ("POST", link, None, {"data": {"slot": WORD, "zone": WORD}}, 422),
        ("PUT", link, None, {}, 405),
        ("GET", f"{link}{WORD}", None, {}, 404),
        ("GET", f"{link}/meeting.ics", None, {}, 404),
        ("POST", link, None, {"data": {"slot": slots[-1]["slot_id"]}}, 303),
        ("GET", "/v1/events", token, {}, 200),
    ]
    for method, path, credential, request, status in calls:
        answer = world.ask(method, path, credential, **request)
        assert answer.status_code == status, (method, path, answer.text)
    not_http(world.service.url, f"GET {link} HTTP/9\r\nAuthorization: Bearer {api_key}\r\n\r\n")


def refresh(token):
    return {"grant_type": "refresh_token", "refresh_token": token}


def exchange(code):
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": f"https://{WORD}.example/back"}


def open_talk(world: World) -> dict[str, Any]:
    """A conversation with canaries in every text; the tokens of its links are planted, too."""
    grace = {"sub": world.secrets["sub"], "common_name": f"{WORD} Grace", "slots": {"selection_method": "auto"}}
    karl = {"email": KARL, "common_name": f"{WORD} Karl"}
    body = proposal(
        grace,
        karl,
        subject=f"{WORD} subject",
        event={"location": {"description": f"{WORD} street"}},
        available_periods=[{"start": MORNING, "end": EVENING}],
    )
    answer = world.ask("POST", PATH, world.secrets["client secret"], json=body)
    assert answer.status_code == 200, answer.text
    talk = answer.json()
    for at, one in enumerate(talk["participants"]):
        world.secrets[f"link {at}"] = one["page_url"].rpartition("/")[2]
    return talk


def not_http(url, sent):
    host, port = url.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=5)) as connection:
        connection.sendall(sent.encode())
        connection.recv(1000)


def lines(world: World, event: str) -> list[dict[str, Any]]:
    """Lines of the log that tell of this."""
    told = [json.loads(line) for line in world.service.log.read_text().splitlines()]
    return [one for one in told if one["event"] == event]


def until(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_leaks_from_what_succeeds_and_what_is_refused(world):
    everyday(world)
    assert leaks(world, world.shown()) == []
    assert {one["status"] for one in lines(world, "http")} >= {200, 202, 207, 303, 400, 401, 403, 404, 405, 413, 422}


def test_nothing_leaks_when_the_database_refuses_what_it_is_given(world):
    everyday(world)
    world.breaking.refuse_events()
    token = world.secrets["access_token"]
    talk = open_talk(world)
    calendar = world.ask("GET", "/v1/calendars", token).json()["calendars"][0]["calendar_id"]
    event = {"event_id": f"{WORD}-1", "summary": f"{WORD} lunch", **IN_SLOT}
    assert world.ask("POST", f"/v1/calendars/{calendar}/events", token, json=event).status_code == 500
    select = talk["participants"][1]["possible_actions"]["slots_select"]["url"]
    slot = world.ask("GET", select, world.secrets["client secret"]).json()["slots"][-1]
    picked = {"selected_slots": [{"slot_id": slot["slot_id"]}]}
    assert world.ask("POST", select, world.secrets["client secret"], json=picked).json()["status"] == "complete"
    until(lambda: lines(world, "worker.failed"))
    world.breaking.lose_conversations()
    page = world.ask("GET", f"/c/{world.secrets['link 1']}")
    assert (page.status_code, "That did not work" in page.text) == (500, True)
    assert world.ask("GET", PATH, world.secrets["client secret"]).status_code == 500
    assert leaks(world, world.shown()) == []
    failed = lines(world, "http.failed")
    assert len(failed) >= 3
    assert all(one["request_id"] and "parley" in one["exception"] for one in failed)


def test_nothing_leaks_while_the_database_is_gone_and_when_the_service_ends(world):
    talk = open_talk(world)
    select = talk["participants"][1]["possible_actions"]["slots_select"]["url"]
    api_key = world.secrets["client secret"]
    with world.breaking.gone():
        page = world.ask("POST", f"/c/{world.secrets['link 1']}", data={"slot": WORD})
        assert (page.status_code, "That did not work" in page.text) == (503, True)
        assert world.ask("POST", select, api_key, json={"selected_slots": [{"slot_id": WORD}]}).status_code == 503
        shown = world.shown()
    world.ask("POST", select, api_key, json={"selected_slots": [{"slot_id": WORD}]})
    world.ask("GET", PATH, f"pat_{WORD}")
    world.service.stop()
    shown |= {"log": world.service.log.read_text(), "output": world.output()}
    shown |= {f"later {at}": _whole(one) for at, one in enumerate(world.refusals)}
    assert leaks(world, shown) == []


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("user:canary@[::1/parley", id="no address"),
        pytest.param("user:can%ary-canary@127.0.0.1:1/parley", id="a sign that means something else"),
        pytest.param("user:x@canary@127.0.0.1:1/parley", id="an unescaped @"),
        pytest.param("user:canary/2@127.0.0.1:1/parley", id="an unescaped slash"),
        pytest.param("user:canary@127.0.0.1:1/parley", id="nobody there"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(shell, address):
    done = shell.run("serve", "--port", "0", database=f"postgresql://{address}")
    assert (done.returncode, done.stdout) == (1, "")
    assert "PARLEY_DATABASE" in done.stderr
    assert WORD not in done.stderr
