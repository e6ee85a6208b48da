"""The document: every route of the service with its words, and with who may use it as the route says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any, Protocol

from parley.api.openapi import (
    accounts,
    availability,
    batch,
    channels,
    conversations,
    events,
    service,
    services,
    shapes,
    smart_invites,
)
from parley.api.openapi.shapes import HTML, JSON, KEYS, Answer, Body, Operation, Operations, Schema
from parley.core import limits
from parley.core.access import ALL_SCOPES, IMPLIED, Access
from parley.wire.idempotency import HEADER, KEY, REPLAYED

SUBJECTS = (conversations, services, accounts, events, availability, channels, smart_invites, batch, service)
OPERATIONS: Operations = {key: words for subject in SUBJECTS for key, words in subject.OPERATIONS.items()}
SCHEMAS: dict[str, Schema] = {name: schema for module in (shapes, *SUBJECTS) for name, schema in module.SCHEMAS.items()}

ABOUT = f"""Scheduling conversations: people find a time, and the meeting stands in their calendars.

- Bodies are JSON objects in UTF-8, or forms with the same names (`participants[0][email]=…`), of at most \
{limits.BODY_BYTES >> 20} MiB. No body and `[]` count as `{{}}`.
- Fields that are not named here are ignored. `null` and an empty text count as absent.
- Answers may have more fields than are named here.
- Every answer has an `X-Request-Id`; send your own, and it is kept.
- A slash at the end of a path changes nothing. `HEAD` is answered like `GET`. Another method is a 405 with `Allow`.
- 5xx, 429, 409 and 413 answers have the same form as a 422."""

IMPLYING = "; ".join(f"`{one}` implies {', '.join(f'`{other}`' for other in sorted(IMPLIED[one]))}" for one in IMPLIED)
CREDENTIALS: dict[str, Schema] = {
    "application": {
        "type": "http",
        "scheme": "bearer",
        "description": "The application's API key, which is its client secret.",
    },
    "account": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token: the application acts for one account. Where a scope is named, the token needs"
        f" it. Scopes: {', '.join(f'`{one}`' for one in ALL_SCOPES)}; {IMPLYING}.",
    },
    "participant": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a participant's link, the last part of `page_url`; good for their conversation.",
    },
}
REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
AGAIN = {REPLAYED[0]: {"$ref": f"#/components/headers/{REPLAYED[0]}"}}
KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Makes the request safe to repeat: for"
    f" {limits.IDEMPOTENCY_SECONDS // limits.HOUR} hours the same request with the same key gets the same answer, and"
    f" does nothing again. A key is the caller's own: 1 to {limits.IDEMPOTENCY_KEY_LENGTH} visible ASCII characters,"
    " bare or as a quoted string.",
    "schema": shapes.text(pattern=KEY.pattern),
}
KEY_FAULTS = (shapes.FORMAT, "errors.idempotency_key_reused")


class Described(Protocol):
    """What the document needs to know of a route."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def access(self) -> Access: ...
    @property
    def batched(self) -> bool: ...
    @property
    def by_address(self) -> bool: ...
    @property
    def keyed(self) -> bool: ...


def document(routes: Iterable[Described], base_url: str) -> dict[str, Any]:
    """The description of these routes at this address; a route without words is left out."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        words = OPERATIONS.get((route.method, route.path))
        if words:
            paths.setdefault(_plain(route.path), {})[route.method.lower()] = _operation(route, words)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parley",
            "version": version("parley"),
            "summary": "Scheduling conversations, self-hosted",
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": name} for name in dict.fromkeys(one.subject for one in OPERATIONS.values())],
        "paths": paths,
        "components": {
            "securitySchemes": CREDENTIALS,
            "headers": {
                "X-Request-Id": {"description": "Also in the log.", "schema": {"type": "string"}},
                REPLAYED[0]: {
                    "description": "There where the answer is that to an earlier request with this key.",
                    "schema": {"type": "string", "const": REPLAYED[1]},
                },
            },
            "responses": RESPONSES,
            "schemas": SCHEMAS,
        },
    }


def _operation(route: Described, words: Operation) -> dict[str, Any]:
    path = _plain(route.path)
    told: dict[str, Any] = {
        "operationId": "_".join([route.method.lower(), *re.findall(r"\w+", path.removeprefix("/v1"))]),
        "tags": [words.subject],
        "summary": words.summary,
        "security": _security(route.access),
    }
    description = " ".join([words.description, "It can be an entry of a batch." if route.batched else ""]).strip()
    if description:
        told["description"] = description
    parameters = [_parameter(name, schema, path, words) for name, schema in words.parameters.items()]
    parameters += [KEY_PARAMETER] if route.keyed else []
    if parameters:
        told["parameters"] = parameters
    if words.body:
        told["requestBody"] = _body(words.body)
    told["responses"] = _responses(path, route, words)
    return told


def _plain(path: str) -> str:
    """The path without what only the web framework needs."""
    return path.replace(":path}", "}")


def _security(access: Access) -> list[dict[str, list[str]]]:
    """Any one of these will do; none, where the route is open."""
    admitted = [name for name in CREDENTIALS if getattr(access, name)]
    return [{name: [access.scope] if name == "account" and access.scope else []} for name in admitted]


def _parameter(name: str, schema: Schema, path: str, words: Operation) -> dict[str, Any]:
    in_path = f"{{{name}}}" in path
    told: dict[str, Any] = {"name": name, "in": "path" if in_path else "query", "required": in_path}
    if name in words.needed:
        told["required"] = True
    if "description" in schema:
        told["description"] = schema["description"]
    plain = {key: value for key, value in schema.items() if key not in ("description", "examples")}
    example = {"example": schema["examples"][0]} if schema.get("examples") else {}
    return {**told, **example, "schema": plain}


def _body(body: Body) -> dict[str, Any]:
    content = {one: {"schema": body.schema} for one in body.types}
    content[body.types[0]]["example"] = body.example
    return {"required": body.required, "content": content}


def _responses(path: str, route: Described, words: Operation) -> dict[str, Any]:
    for_people = path.startswith("/c/")
    told = {str(status): _response(answer, AGAIN if route.keyed else None) for status, answer in words.answers.items()}
    told |= {str(status): _response(answer) for status, answer in words.refused.items()}
    if route.access != Access():
        told |= {"401": _shared("Unauthorized"), "403": _shared("Forbidden")}
    if "404" not in told and ("{" in path or words.missing):
        told["404"] = _shared("NotFound")
    told["413"] = _shared("TooLargePage" if for_people else "TooLarge")
    if route.keyed:
        told["409"] = _shared("KeyInUse")
    faults = words.faults + (KEY_FAULTS if route.keyed else ())
    if faults:
        told["422"] = _unprocessable(words, faults)
    if route.access != Access() or route.by_address:
        told["429"] = _shared("TooManyCallsPage" if for_people else "TooManyCalls")
    told["500"] = _shared("FailedPage" if for_people else "Failed")
    told["503"] = _shared("UnavailablePage" if for_people else "Unavailable")
    return dict(sorted(told.items()))


def _shared(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}


def _response(answer: Answer, headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"description": answer.description, "headers": {**REQUEST_ID, **(headers or {})}}
    if answer.schema is not None:
        media = {"schema": answer.schema} | ({} if answer.example is None else {"example": answer.example})
        told["content"] = dict.fromkeys(answer.types, media)
    return told


def _unprocessable(words: Operation, faults: tuple[str, ...]) -> dict[str, Any]:
    keys = (*faults, "errors.invalid_json") if words.body else faults
    schema: Schema = {
        "$ref": "#/components/schemas/Errors",
        "properties": {
            "errors": {
                "additionalProperties": {"items": {"properties": {"key": {"enum": [k for k in KEYS if k in keys]}}}}
            }
        },
    }
    if "errors.slot_unavailable" in keys:
        schema["properties"]["slots"] = {"type": "array", "items": {"$ref": "#/components/schemas/Slot"}}
    answer = Answer("Something in the request is wrong; nothing was changed.", schema)
    told = _response(answer)
    told["content"][JSON]["examples"] = _refusals(words)
    return told


def _refusals(words: Operation) -> dict[str, Any]:
    found = {}
    if words.faults:
        found["missing"] = _fault(_needed(words), "errors.required", "required")
    else:
        found["another request"] = _fault("base", KEY_FAULTS[-1], "this Idempotency-Key belongs to another request")
    if words.body:
        found["no JSON"] = _fault("base", "errors.invalid_json", "the body is not valid JSON")
    return found


def _needed(words: Operation) -> str:
    """A field or parameter that a request can lack."""
    if not words.body:
        return "tzid"
    schema = words.body.schema
    while "$ref" in schema or "anyOf" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
    required: list[str] = schema.get("required", [])
    return required[0] if required else "delete_all"


def _fault(path: str, key: str, description: str) -> dict[str, Any]:
    return {"value": {"errors": {path: [{"key": key, "description": description}]}}}


def _page(description: str) -> Answer:
    return Answer(description, shapes.text(), types=(HTML,))


def _refusal(description: str, key: str, told: str) -> Answer:
    return Answer(description, shapes.ref("Errors"), _fault("base", key, told)["value"])


NOW, MISTAKE = "Not now (the disk is full, the database is busy); try again later.", "A mistake of the service."
RUNNING = "A request with this `Idempotency-Key` is still being carried out; ask again for what has come of it."
RUNNING_TOLD = "a request with this Idempotency-Key is still being carried out"
OFTEN = "More calls than are allowed in this time; nothing was changed."
LARGE = f"The body is over {limits.BODY_BYTES >> 20} MiB."
RESPONSES: dict[str, Any] = {
    "Unauthorized": _response(
        Answer("No credential, or one that is unknown or expired: refresh, then try again."),
        {"WWW-Authenticate": {"description": "`Bearer`.", "schema": {"type": "string"}}},
    ),
    "Forbidden": _response(Answer("A known credential that does not reach this far.")),
    "NotFound": _response(Answer("Not there, or somebody else's.")),
    "KeyInUse": _response(
        _refusal(RUNNING, "errors.idempotency_key_in_use", RUNNING_TOLD),
        RETRY,
    ),
    "TooLarge": _response(_refusal(LARGE, "errors.too_long", "the body must be at most 1 MiB")),
    "TooLargePage": _response(_page(LARGE)),
    "TooManyCalls": _response(_refusal(OFTEN, "errors.rate_limited", "too many calls; try again later"), RETRY),
    "TooManyCallsPage": _response(_page(OFTEN), RETRY),
    "Failed": _response(_refusal(MISTAKE, "errors.internal", "something went wrong on our side")),
    "FailedPage": _response(_page(MISTAKE)),
    "Unavailable": _response(
        _refusal(NOW, "errors.unavailable", "the service cannot do this now; try again soon"), RETRY
    ),
    "UnavailablePage": _response(_page(NOW), RETRY),
}
