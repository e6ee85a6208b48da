"""The description of the API as tests read it: its objects are closed, so that a field which it does not name shows."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from parley.api.openapi import document
from parley.routes import ROUTES

DOCUMENT = document(ROUTES, "https://parley.example")
PATHS: dict[str, dict[str, Any]] = DOCUMENT["paths"]
JSON = "application/json"


def closed(value: Any) -> Any:
    """The schemas with no other fields than those that are named."""
    if isinstance(value, list):
        return [closed(one) for one in value]
    if not isinstance(value, dict):
        return value
    shut = {name: closed(one) for name, one in value.items()}
    if shut.get("properties") and shut.get("additionalProperties") is True:
        shut["additionalProperties"] = False
    return shut


SHUT = {"components": {"schemas": closed(DOCUMENT["components"]["schemas"])}}


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value by a schema of the document; a field that is not named is wrong, too."""
    validator = Draft202012Validator({**closed(schema), **SHUT})
    return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(value)]


def undescribed(told: dict[str, Any], answer: Any) -> list[str]:
    """What of an answer (of httpx2, or of schemathesis, whose headers are lists) its operation does not describe."""
    response = told["responses"].get(str(answer.status_code))
    if response is None:
        return [f"a {answer.status_code}"]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    given = answer.headers.get("content-type", "")
    kind = (given if isinstance(given, str) else given[0]).partition(";")[0]
    if kind not in response.get("content", {"": None}):
        return [f"a {answer.status_code} of {kind or 'nothing'}"]
    schema = response["content"][kind]["schema"] if kind == JSON else {}
    return faults(schema, answer.json()) if schema and schema != OPEN_DOCUMENT else []


OPEN_DOCUMENT = PATHS["/openapi.json"]["get"]["responses"]["200"]["content"][JSON]["schema"]
