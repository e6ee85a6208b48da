"""The description of the API: complete, a valid OpenAPI document, and true of what the service answers."""

from __future__ import annotations

import json
import re

import pytest
from openapi_spec_validator import validate

from parley.actions import accounts
from parley.api.openapi.document import OPERATIONS, document
from parley.api.openapi.shapes import KEYS
from parley.core.access import ALL_SCOPES
from parley.routes import ROUTES
from tests.api.conftest import address
from tests.api.described import DOCUMENT, PATHS, faults, undescribed
from tests.docs.documents import DOCS, rows, section

EVERY = [(path, method, one) for path, methods in PATHS.items() for method, one in methods.items()]
for_each = pytest.mark.parametrize(("path", "method", "told"), EVERY, ids=[one["operationId"] for *_, one in EVERY])


def test_every_route_is_described_and_the_other_way_round():
    assert sorted(OPERATIONS) == sorted((one.method, one.path) for one in ROUTES)
    assert len(EVERY) == len(ROUTES)


def test_the_document_is_valid_openapi():
    validate(DOCUMENT)


def test_it_is_served_with_the_address_of_the_service(service):
    answer = service.client().get("/openapi.json")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == document(ROUTES, service.url)


def test_operations_have_names_of_their_own():
    names = [one["operationId"] for *_, one in EVERY]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z_]*", one) for one in names)


def test_who_may_use_an_operation_is_told_as_the_route_says():
    for route in ROUTES:
        told = DOCUMENT["paths"][route.path.replace(":path", "")][route.method.lower()]
        admitted = [one for one in ("application", "account", "participant") if getattr(route.access, one)]
        assert [next(iter(one)) for one in told["security"]] == admitted
        scopes = [scope for one in told["security"] for scope in one.get("account", [])]
        assert scopes == ([route.access.scope] if route.access.scope else [])
        assert ("401" in told["responses"] and "403" in told["responses"]) or not admitted
    assert all(f"`{one}`" in DOCUMENT["components"]["securitySchemes"]["account"]["description"] for one in ALL_SCOPES)


def test_the_keys_of_errors_are_those_of_the_page():
    assert set(KEYS) == {row[0] for row in rows(section(DOCS / "wire.md", "7.2 The 422 body"))}


def schemas(value):
    """Every schema that stands in the document."""
    if isinstance(value, dict):
        if value.keys() & {"$ref", "type", "anyOf", "const", "oneOf", "enum"} and not isinstance(
            value.get("type"), dict
        ):
            yield value
        for one in value.values():
            yield from schemas(one)
    elif isinstance(value, list):
        for one in value:
            yield from schemas(one)


def test_every_object_says_whether_it_may_have_more_fields():
    objects = [one for one in schemas(DOCUMENT) if one.get("type") == "object"]
    assert objects
    assert [one for one in objects if "additionalProperties" not in one] == []


def test_every_shared_schema_is_used():
    text = json.dumps(DOCUMENT)
    unused = [name for name in DOCUMENT["components"]["schemas"] if f'"#/components/schemas/{name}"' not in text]
    assert unused == []


@for_each
def test_examples_are_as_the_schemas_say(path, method, told):
    holders = [told.get("requestBody", {}), *told["responses"].values()]
    for media in (one for holder in holders for one in holder.get("content", {}).values()):
        examples = [one["value"] for one in media.get("examples", {}).values()]
        examples += [media["example"]] if "example" in media else []
        assert [fault for one in examples for fault in faults(media["schema"], one)] == []


@for_each
def test_what_is_answered_with_json_has_an_example(path, method, told):
    for status, one in told["responses"].items():
        for kind, media in one.get("content", {}).items():
            if kind == "application/json" and path != "/openapi.json":
                assert "example" in media or "examples" in media, status


@pytest.fixture
def world(service):
    """What the ids and credentials of the examples really are, and a client for each kind of credential."""
    application = service.application("https://app.example/callback")
    grace = service.person(application, address(), "America/Chicago")
    profile = grace.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    real = {
        "acc_9ef25a0c42d59036352294cc": grace.sub,
        "cal_b3f4a6d2908e4c17a5d0e9f1": grace.calendar,
        "pro_7c1d3f58a2b94e06d1c7f3a8": profile,
        "$CLIENT_ID": application.id,
        "$API_KEY": application.secret,
        "$REFRESH_TOKEN": grace.refresh_token,
        "$CODE": accounts.authorize(service.dc, grace.sub, application.id, "https://app.example/callback"),
    }
    clients = {"application": application.client, "account": grace.client, None: service.client()}
    return real, clients


def filled(text, real):
    for example in sorted(real, key=len, reverse=True):
        text = text.replace(example, real[example])
    return text


def ask(world, path, method):
    """Send the example of an operation."""
    real, clients = world
    told = DOCUMENT["paths"][path][method]
    for one in told.get("parameters", ()):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one.get("example", "none")))
    query = {
        one["name"]: one["example"] for one in told.get("parameters", ()) if "example" in one and one["in"] == "query"
    }
    body = next(iter(told.get("requestBody", {}).get("content", {}).values()), {}).get("example")
    client = clients[next(iter(told["security"][0]))] if told["security"] else clients[None]
    kind = "data" if path.startswith("/c/") else "json"
    sent = {} if body is None else {kind: json.loads(filled(json.dumps(body), real))}
    return client.request(method.upper(), filled(path, real), params=query, **sent)


def prepare(world, service):
    """Make what the examples speak of, with the examples themselves."""
    real, _ = world
    opened = ask(world, "/v1/scheduling_conversations", "post").json()
    real["scv_5d1f0b62c38e4a97b0c4d6e8.1.0.4mT"] = opened["participants"][1]["page_url"].rpartition("/")[2]
    real["scv_5d1f0b62c38e4a97b0c4d6e8"] = opened["scheduling_conversation_id"]
    assert ask(world, "/v1/calendars/{id}/events", "post").status_code == 202
    assert ask(world, "/v1/availability_rules", "post").status_code == 200
    assert ask(world, "/v1/available_periods", "post").status_code == 202
    assert ask(world, "/v1/smart_invites", "post").status_code == 200
    grace = world[1]["account"]
    channel = ask(world, "/v1/channels", "post").json()["channel"]["channel_id"]
    (sent,) = grace.get(f"/v1/channels/{channel}/deliveries").json()["deliveries"]
    real |= {"chn_6b2f8c1d7e3a4905b8d2c6f1": channel, "dlv_e7a1c5d92b3f48608c4d1e7b": sent["delivery_id"]}
    made = ask(world, "/v1/conversation_services", "post").json()["conversation_service"]
    real["csv_a4c19e7b02d85f3617c8e9d0"] = made["conversation_service_id"]
    written = grace.get("/v1/events", params={"tzid": "Etc/UTC", "include_managed": "true"}).json()["events"]
    real["c0e5b7a9d1f34826b7a0c9e2@parley"] = written[0]["event_uid"]


PAGED = re.compile(r"/pages/")


@pytest.mark.parametrize(
    ("path", "method", "told"),
    [pytest.param(*one, id=one[2]["operationId"]) for one in EVERY if not PAGED.search(one[0])],
)
def test_the_example_of_an_operation_succeeds_as_told(service, world, path, method, told):
    prepare(world, service)
    if path.endswith("meeting.ics"):
        ask(world, "/c/{token}", "post")
    answer = ask(world, path, method)
    assert answer.status_code < 400, answer.text
    assert undescribed(told, answer) == []
    media = told["responses"][str(answer.status_code)].get("content", {}).get("application/json", {})
    if "example" in media:
        assert shape(answer.json()).keys() >= shape(media["example"]).keys()


def shape(value, path=""):
    """The paths of a value; of lists those of the first element."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    return {path: None} | {key: None for name, one in inner for key in shape(one, f"{path}.{name}")}
