"""Requests that mean no good: every one is answered, in time, in the form that the description promises.

A refusal changes nothing. The files of `tests/data/bad_input` are bodies as they go over the wire, each sent to every
route that takes one; after that every field of every request is replaced by each value of `tests.api.nasty`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.commits import counted
from tests.api.conftest import address
from tests.api.described import PATHS, undescribed
from tests.api.nasty import TEXTS, VALUES, full, merged, places, replaced
from tests.conftest import Client, Service
from tests.make import person, proposal, text

CORPUS = sorted((Path(__file__).parent.parent / "data" / "bad_input").iterdir())
TYPES = {
    ".json": "application/json",
    ".form": "application/x-www-form-urlencoded",
    ".bin": "application/octet-stream",
}
SECONDS = 2.0
EVERY = [(path, method, one) for path, methods in PATHS.items() for method, one in methods.items()]
WITH_BODY = [one for one in EVERY if "requestBody" in one[2]]
WITH_JSON = [one for one in WITH_BODY if "application/json" in one[2]["requestBody"]["content"]]
WITH_PARAMETERS = [one for one in EVERY if "parameters" in one[2]]
FITTING = {
    "calendar_ids": ["cal_b3f4a6d2908e4c17a5d0e9f1"],
    "availability_rule_ids": ["work"],
    "required_duration": {"hours": 1, "minutes": 0},
    "start": text("09:00"),
    "end": text("17:00"),
}
ALTERNATIVES = {"/v1/availability": ("available_periods", "query_slots")}  # instead of query_periods


def each(operations: list[tuple[str, str, dict[str, Any]]]) -> pytest.MarkDecorator:
    names = [one[2]["operationId"] for one in operations]
    return pytest.mark.parametrize(("path", "method", "told"), operations, ids=names)


@dataclass
class World:
    """A service with something of every kind, and an eye on its database."""

    clients: dict[str | None, Client]
    known: dict[str, str]
    paths: dict[str, str]
    commits: Callable[[], int]
    complaints: list[str] = field(default_factory=list)

    def path(self, path: str, **given: str) -> str:
        """The path with ids that exist, where no others are given."""
        start = next((one for one in self.paths if path.startswith(one)), "")
        values = {"id": self.paths.get(start, "none"), "position": "1", "event_uid": self.known["uid"], "name": "none"}
        values["delivery_id"] = self.known["delivery"]
        values["token"] = self.known["link"] if path.startswith("/c/") else "none"
        return path.format(**{**values, **given})

    def send(self, case: str, path: str, method: str, **request: Any) -> Any:
        """Send a request of an operation, and note whatever is wrong with the answer."""
        told = PATHS[path][method]
        client = self.clients[next(iter(told["security"][0]))] if told["security"] else self.clients[None]
        before, began = self.commits(), time.monotonic()
        answer = client.request(method.upper(), request.pop("url", None) or self.path(path), **request)
        seconds, after = time.monotonic() - began, self.commits()
        wrong = undescribed(told, answer)
        if answer.status_code >= 500:
            wrong.append(f"a {answer.status_code}")
        if answer.status_code == 422 and not path.startswith("/c/") and not answer.json()["errors"]:
            wrong.append("a 422 without a reason")
        if answer.status_code >= 400 and after != before:
            wrong.append(f"a {answer.status_code} that changed something")
        if seconds > SECONDS:
            wrong.append(f"{seconds:.1f} seconds")
        self.complaints += [f"{case}: {one}" for one in wrong]
        return answer


@pytest.fixture
def world(service: Service) -> Iterator[World]:
    application = service.application()
    grace = service.person(application, address())
    event = {"event_id": "one", "summary": "Lunch", "start": text("12:00"), "end": text("13:00")}
    assert grace.client.post(f"/v1/calendars/{grace.calendar}/events", json=event).status_code == 202
    week = [{"day": "monday", "start_time": "09:00", "end_time": "17:00"}]
    rule = {"availability_rule_id": "work", "tzid": "Europe/Berlin", "weekly_periods": week}
    assert grace.client.post("/v1/availability_rules", json=rule).status_code == 200
    channel = grace.client.post("/v1/channels", json={"callback_url": "https://app.example/hook"}).json()["channel"]
    (sent,) = grace.client.get(f"/v1/channels/{channel['channel_id']}/deliveries").json()["deliveries"]
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    written = grace.client.get("/v1/events", params={"tzid": "Etc/UTC", "only_managed": "true"}).json()["events"]
    profile = grace.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    known = {
        "acc_9ef25a0c42d59036352294cc": grace.sub,
        "cal_b3f4a6d2908e4c17a5d0e9f1": grace.calendar,
        "pro_7c1d3f58a2b94e06d1c7f3a8": profile,
        "$CLIENT_ID": application.id,
        "$API_KEY": application.secret,
        "$REFRESH_TOKEN": grace.refresh_token,
        "uid": written[0]["event_uid"],
        "delivery": sent["delivery_id"],
        "link": opened["participants"][1]["page_url"].rpartition("/")[2],
    }
    paths = {
        "/v1/scheduling_conversations": opened["scheduling_conversation_id"],
        "/v1/channels": channel["channel_id"],
        "/v1/calendars": grace.calendar,
        "/v1/availability_rules": "work",
        "/v1/profiles": profile,
    }
    clients = {"application": application.client, "account": grace.client, None: service.client()}
    with counted(service.dc.db) as commits:
        before = commits()
        service.application()
        assert commits() != before  # it would be seen
        yield World(clients, known, paths, commits)


def in_order(world: World, path: str, told: dict[str, Any], *without: str) -> dict[str, Any]:
    """A request with every field of its schema that is in order."""
    media = told["requestBody"]["content"]["application/json"]
    body = merged(full(media["schema"]), media["example"])
    found = json.dumps(fitting({name: one for name, one in body.items() if name not in without}), ensure_ascii=False)
    for example, real in world.known.items():
        found = found.replace(f'"{example}"', f'"{real}"').replace(f"/{example}/", f"/{real}/")
    return json.loads(found)


def fitting(value: Any) -> Any:
    """The value with those fields changed that must fit to others, or to what is there."""
    if isinstance(value, list):
        return [fitting(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: fitting(one) for name, one in value.items()} | {n: one for n, one in FITTING.items() if n in value}
    return {name: one for name, one in found.items() if (name, one) != ("sub", "text")}


@each(WITH_JSON)
def test_what_is_replaced_is_in_order_otherwise(world, path, method, told):
    answer = world.send("in order", path, method, json=in_order(world, path, told, *ALTERNATIVES.get(path, ())))
    assert (answer.status_code < 400, world.complaints) == (True, []), answer.text


@each(WITH_JSON)
def test_nothing_comes_of_a_nasty_value_in_any_field(world, path, method, told):
    bodies = [in_order(world, path, told, *ALTERNATIVES.get(path, ()))]
    for name in ALTERNATIVES.get(path, ()):
        bodies.append(in_order(world, path, told, "query_periods", *({*ALTERNATIVES[path]} - {name})))
    for body in bodies:
        for place in places(body):
            for name, value in VALUES.items():
                content = json.dumps(replaced(body, place, value))
                world.send(f"{'.'.join(map(str, place))} is {name}", path, method, content=content)
    assert world.complaints == []


@each(WITH_PARAMETERS)
def test_nothing_comes_of_a_nasty_parameter(world, path, method, told):
    in_path = [one["name"] for one in told["parameters"] if one["in"] == "path"]
    in_query = [one["name"] for one in told["parameters"] if one["in"] == "query"]
    needed = {"tzid": "Etc/UTC"} if "tzid" in in_query else {}
    for name, value in TEXTS.items():
        value = value[:4000]  # a request line that is longer never reaches the service
        for one in in_path:
            if value and ("/" not in value or path.startswith("/v1/availability_rules")):
                world.send(f"{one} is {name}", path, method, url=world.path(path, **{one: quote(value, safe="")}))
        for one in in_query:
            world.send(f"{one} is {name}", path, method, params={**needed, one: value})
            world.send(f"{one} is {name} twice", path, method, params={**needed, one: [value, value], f"{one}[0]": "x"})
    assert world.complaints == []


@each(WITH_BODY)
def test_nothing_comes_of_a_nasty_body(world, path, method, told):
    for file in CORPUS:
        headers = {"Content-Type": TYPES[file.suffix]}
        world.send(file.name, path, method, content=file.read_bytes(), headers=headers)
    assert world.complaints == []


NAMES = ["a null inside", "control characters", "bidi controls", "line separators", "markup", "combining characters"]


@pytest.mark.parametrize("name", NAMES)
def test_pages_and_files_stand_names_that_are_meant_to_break_them(service, application, name):
    words = TEXTS[name].replace("\0", "")[:256]
    people = [person("@grace", common_name=words), person("@karl", common_name=words)]
    opened = application.client.open(proposal(*people, subject=words, event={"location": {"description": words}}))
    browser = service.client()
    links = [one["page_url"] for one in opened["participants"]]
    for link in links:
        page = browser.get(link)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert browser.post(link, data={"slot": "slt_1935738000"}).status_code == 303
    meeting = browser.get(f"{links[0]}/meeting.ics")
    assert meeting.status_code == 200
    assert not any(one < " " and one not in "\t\r\n" for one in meeting.text)
