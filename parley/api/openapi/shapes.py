"""What schemas are made of: short words for JSON Schema, and the shapes that every subject uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parley.core import limits
from parley.core.limits import MINUTE
from parley.wire.exchange import JSON as JSON_TYPE
from parley.wire.reading import DATE, INTEGER, TIME

Schema = dict[str, Any]

JSON = JSON_TYPE.partition(";")[0]
HTML = "text/html"
FORM = "application/x-www-form-urlencoded"
GRACE = "acc_9ef25a0c42d59036352294cc"
CALENDAR = "cal_b3f4a6d2908e4c17a5d0e9f1"
PROFILE = "pro_7c1d3f58a2b94e06d1c7f3a8"
CONVERSATION = "scv_5d1f0b62c38e4a97b0c4d6e8"


def ref(name: str, description: str = "") -> Schema:
    """A shared schema."""
    return _told({"$ref": f"#/components/schemas/{name}"}, description)


def text(description: str = "", *, longest: int | None = None, pattern: str = "", example: str = "") -> Schema:
    """A text; one that is bounded is not empty, since an empty text counts as absent."""
    schema: Schema = {"type": "string"}
    if longest is not None:
        schema |= {"minLength": 1, "maxLength": longest}
    if pattern:
        schema["pattern"] = f"^(?:{pattern})$"
    if example:
        schema["examples"] = [example]
    return _told(schema, description)


def ascii_text(description: str, longest: int) -> Schema:
    """A text of printable ASCII characters."""
    return text(description, longest=longest) | {"pattern": "^[ -~]*$"}


def one_of(words: Iterable[str], description: str = "", default: str | None = None) -> Schema:
    """One of a few words."""
    schema: Schema = {"type": "string", "enum": list(words)}
    return _told(schema if default is None else schema | {"default": default}, description)


def flag(description: str = "", default: bool | None = None) -> Schema:
    """A boolean."""
    schema: Schema = {"type": "boolean"}
    return _told(schema if default is None else schema | {"default": default}, description)


def integer(description: str = "", least: int = INTEGER.start, most: int = INTEGER.stop - 1) -> Schema:
    """A whole number."""
    return _told({"type": "integer", "minimum": least, "maximum": most}, description)


def array(of: Schema, description: str = "", *, least: int = 0, most: int | None = None) -> Schema:
    """An array."""
    schema: Schema = {"type": "array", "items": of}
    if least:
        schema["minItems"] = least
    if most is not None:
        schema["maxItems"] = most
    return _told(schema, description)


def record(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, description: str = ""
) -> Schema:
    """An object. In requests further fields are ignored; in answers further ones may come, so it is open in both."""
    schema: Schema = {"type": "object", "properties": {**required, **(optional or {})}, "additionalProperties": True}
    if required:
        schema["required"] = list(required)
    return _told(schema, description)


def either(*schemas: Schema, description: str = "") -> Schema:
    """One or another."""
    return _told({"anyOf": list(schemas)}, description)


def _told(schema: Schema, description: str) -> Schema:
    return schema | {"description": description} if description else schema


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: what it means, and the body, if it has one."""

    description: str
    schema: Schema | None = None
    example: Any = None
    types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries, with an example; forms may hold the same as JSON."""

    schema: Schema
    example: Any
    required: bool = True
    types: tuple[str, ...] = (JSON, FORM)


@dataclass(frozen=True, slots=True)
class Operation:
    """One route in words. Who may use it follows from the route itself.

    `parameters` are those of the path and the query by name, `faults` the keys that a 422 of it can have, `refused`
    further refusals; `missing` says that there is a 404 although the path names nothing.
    """

    subject: str
    summary: str
    answers: Mapping[int, Answer]
    description: str = ""
    parameters: Mapping[str, Schema] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    body: Body | None = None
    faults: tuple[str, ...] = ()
    refused: Mapping[int, Answer] = field(default_factory=dict)
    missing: bool = False


Operations = dict[tuple[str, str], Operation]

ACCEPTED = {202: Answer("Done.")}

KEYS = {
    "errors.required": "Something is missing; also an empty list where one element is needed.",
    "errors.invalid_format": "A wrong JSON type; a text that is no time, duration, address or URL.",
    "errors.invalid_json": "The body is not a JSON object, or not a form where one is sent.",
    "errors.too_long": "A text over its length; with 413, a body over its size.",
    "errors.too_many": "A list over its length, or more stored than an account can have.",
    "errors.out_of_range": "A duration or a time outside its bounds.",
    "errors.must_be_boolean": "Neither `true` nor `false`.",
    "errors.must_be_in_future": "A period that begins in the past.",
    "errors.invalid_time_pair": "An end that is not (far enough) after its start, or of another kind.",
    "errors.tzid_unrecognized": "An unknown time zone.",
    "errors.not_recognized": "A word or number that is not one of those possible; something named that is unknown.",
    "errors.not_unique": "A participant or member who is there already.",
    "errors.not_supported": "What is not possible here, such as `auto` without an account.",
    "errors.duplicate_calendar_name": "The account has a calendar of this name already.",
    "errors.invalid_calendar_ids": "A calendar that is not the account's.",
    "errors.invalid_callback_url": "Not the http or https URL of a public host.",
    "errors.slot_unavailable": "The slot is past or no longer free.",
    "errors.not_available": "The participant cannot do this now.",
    "errors.account_revoked": "An account that takes part has withdrawn its consent.",
    "errors.idempotency_key_reused": "The `Idempotency-Key` belongs to another request.",
    "errors.idempotency_key_in_use": "A request with this `Idempotency-Key` is still being carried out.",
    "errors.forbidden": "With 403, in a batch only.",
    "errors.not_found": "With 404, in a batch only.",
    "errors.method_not_allowed": "With 405, in a batch only.",
    "errors.rate_limited": "Too many calls; try again after `Retry-After` seconds.",
    "errors.unavailable": "Not now; try again after `Retry-After` seconds.",
    "errors.internal": "A mistake of the service.",
}
REQUIRED, FORMAT, LONG, MANY, RANGE, BOOLEAN, ZONE, PAIR, UNKNOWN = (
    f"errors.{name}"
    for name in (
        *("required", "invalid_format", "too_long", "too_many", "out_of_range", "must_be_boolean"),
        *("tzid_unrecognized", "invalid_time_pair", "not_recognized"),
    )
)
CALENDARS, CALLBACK = "errors.invalid_calendar_ids", "errors.invalid_callback_url"

TZID = text("A time zone of the IANA database, exactly as written there.", longest=64, example="Europe/London")
LAST_PAGE = f"Good for {limits.PAGE_TOKEN_SECONDS // 60} minutes and for whoever got it; absent on the last page."
PAGE_TOKEN = text("The last part of the `next_page` that an answer told.")

SCHEMAS: dict[str, Schema] = {
    "Time": text(
        "A time in UTC, in whole seconds; always written exactly like this.",
        pattern=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        example="2031-05-05T09:00:00Z",
    )
    | {"format": "date-time"},
    "Date": text("A day.", pattern=DATE.pattern, example="2031-05-06") | {"format": "date"},
    "TimeText": text(
        "An ISO 8601 time with an offset, in whole seconds. A space may stand for the T; seconds may be missing.",
        pattern=TIME.pattern,
        example="2031-05-05T09:00:00Z",
    ),
    "TimeWithZone": record(
        {"time": either(ref("TimeText"), ref("Date"))}, {"tzid": TZID}, "A time, and the zone that goes with it."
    ),
    "GivenTime": either(ref("TimeText"), ref("TimeWithZone"), description="A time, plain or with a zone."),
    "GivenMoment": either(
        ref("TimeText"), ref("Date"), ref("TimeWithZone"), description="A time or a day, plain or with a zone."
    ),
    "GivenDuration": record(
        {},
        {
            "hours": integer(least=0, most=24),
            "minutes": integer("Under 60 beside hours.", 0, limits.LONGEST_DURATION // MINUTE),
        },
        f"Hours, minutes or both, together 1 to {limits.LONGEST_DURATION // MINUTE} minutes.",
    )
    | {"minProperties": 1, "examples": [{"hours": 1}]},
    "Duration": record({"minutes": integer(least=1, most=limits.LONGEST_DURATION // MINUTE)}),
    "GivenPeriod": record({"start": ref("GivenTime"), "end": ref("GivenTime", "At least 1 minute after start.")}),
    "Period": record({"start": ref("Time"), "end": ref("Time")}),
    "Pages": record(
        {"current": integer(least=1), "total": integer("The same on every page.", 1)},
        {"next_page": text(f"Where the next page is. {LAST_PAGE}")},
    ),
    "Fault": record(
        {
            "key": {"oneOf": [{"const": key, "description": told} for key, told in KEYS.items()]},
            "description": text("For people; may change."),
        }
    ),
    "Errors": record(
        {
            "errors": {
                "type": "object",
                "additionalProperties": array(ref("Fault"), least=1),
                "description": (
                    "From a field's path, such as `participants[0].email`, to what is wrong with it. What concerns no"
                    f" field stands under `base`. Everything is told at once, up to {limits.FAULTS} faults."
                ),
            }
        }
    ),
}


def paged(name: str, of: Schema) -> Schema:
    """The answer of a listing in pages."""
    return record({"pages": ref("Pages"), name: array(of, most=limits.LAST_PAGE_SIZE)})


ONE_PAGE = {"current": 1, "total": 1}
LATER_PAGE = {"current": 2, "total": 2}
