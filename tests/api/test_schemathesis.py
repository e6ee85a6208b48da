"""The served description, taken at its word: generated requests, and every answer compared with what it promises.

Half of the requests follow the schemas and half break them. Most carry credentials and ids of things that exist, and
often only some fields of a request in order are replaced, so that more than the first complaint is reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import address
from tests.api.described import PATHS, undescribed
from tests.conftest import Service
from tests.make import person, proposal, text

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12  # of each kind, for each operation
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def breakable(told: dict[str, Any]) -> bool:
    """Whether a request can be wrong in another way than to be about something that is not there."""
    return "requestBody" in told or any(one["in"] == "query" for one in told.get("parameters", ()))


CASES = [
    pytest.param(path, method, mode, id=f"{method} {path} {mode.value}")
    for path, methods in sorted(PATHS.items())
    for method, told in methods.items()
    for mode in (POSITIVE, NEGATIVE)
    if mode is POSITIVE or breakable(told)
]
QUIET = settings(
    derandomize=True,  # the same requests in every run
    database=None,
    deadline=None,
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class World:
    """One application with something of every kind: its credentials, and what stands in paths and bodies."""

    tokens: dict[str, str]
    paths: dict[str, str]
    known: dict[str, str]

    def identified(self, path: str, name: str) -> str | None:
        """What really stands at this place of a path."""
        if name == "token":
            return self.tokens["participant"] if path.startswith("/c/") else None
        for start, value in self.paths.items():
            if path.startswith(start):
                return {"id": value, "position": "1", "event_uid": self.known["event_uid"]}.get(name)
        return None

    def filled(self, value: Any) -> Any:
        """An example of the document with ids and credentials that exist."""
        if isinstance(value, dict):
            return {name: self.filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        return self.known.get(value, value) if isinstance(value, str) else value


@cache
def document(url: str) -> Any:
    """The document as it is served here."""
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


@pytest.fixture
def described(service: Service) -> Any:
    """The document of the service that is asked."""
    return document(service.url)


@pytest.fixture
def world(service, application) -> World:
    grace = service.person(application, address())
    event = {"event_id": "one", "summary": "Lunch", "start": text("12:00"), "end": text("13:00")}
    grace.client.post(f"/v1/calendars/{grace.calendar}/events", json=event)
    week = [{"day": "monday", "start_time": "09:00", "end_time": "17:00"}]
    rule = {"availability_rule_id": "work", "tzid": "Europe/Berlin", "weekly_periods": week}
    grace.client.post("/v1/availability_rules", json=rule)
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    written = grace.client.get("/v1/events", params={"tzid": "Etc/UTC", "only_managed": "true"}).json()["events"]
    profile = grace.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    link = opened["participants"][1]["page_url"].rpartition("/")[2]
    return World(
        tokens={"application": application.secret, "account": grace.client.token or "", "participant": link},
        paths={
            "/v1/scheduling_conversations": opened["scheduling_conversation_id"],
            "/v1/calendars": grace.calendar,
            "/v1/availability_rules": "work",
            "/v1/profiles": profile,
            "/static": "parley.css",
        },
        known={
            "acc_9ef25a0c42d59036352294cc": grace.sub,
            "cal_b3f4a6d2908e4c17a5d0e9f1": grace.calendar,
            "pro_7c1d3f58a2b94e06d1c7f3a8": profile,
            "$CLIENT_ID": application.id,
            "$API_KEY": application.secret,
            "$REFRESH_TOKEN": grace.refresh_token,
            "event_uid": written[0]["event_uid"],
        },
    )


def adjusted(case: Any, world: World, draw: Any) -> None:
    """Put ids that exist into most paths; and into many bodies an example, with only some fields replaced."""
    if draw(st.integers(0, 3)):
        found = {name: world.identified(case.path, name) for name in case.path_parameters or {}}
        case.path_parameters.update({name: one for name, one in found.items() if one})
    media = next(iter(case.operation.definition.raw.get("requestBody", {}).get("content", {}).values()), {})
    if isinstance(case.body, dict) and isinstance(media.get("example"), dict) and draw(st.booleans()):
        example = world.filled(media["example"])
        names = sorted(case.body, key=str)
        replaced = draw(st.sets(st.sampled_from(names), max_size=2)) if names else set()
        case.body = {**example, **{name: case.body[name] for name in sorted(replaced, key=str)}}


def credential(case: Any, world: World, draw: Any) -> dict[str, str]:
    """A credential that is admitted, rarely one that is not or none."""
    admitted = [next(iter(one)) for one in case.operation.definition.raw["security"]]
    kind = draw(st.sampled_from(admitted * 12 + ["application", "account", "participant", ""]))
    return {"Authorization": f"Bearer {world.tokens[kind]}"} if kind else {}


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_every_answer_is_one_that_the_description_promises(described, world, path, method, mode):
    operation = described[path][method.upper()]
    session = requests.Session()
    session.trust_env = False

    @QUIET
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def ask(case, data):
        adjusted(case, world, data.draw)
        answer = case.call(session=session, headers=credential(case, world, data.draw), allow_redirects=False)
        case.validate_response(answer, checks=CHECKS)
        assert undescribed(PATHS[path][method], answer) == []

    ask()
