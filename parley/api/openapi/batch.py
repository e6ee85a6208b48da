"""Many requests in one, as described for machines."""

from __future__ import annotations

from parley.api.openapi.shapes import (
    CALENDAR,
    FORMAT,
    LONG,
    MANY,
    REQUIRED,
    Answer,
    Body,
    Operation,
    Operations,
    Schema,
    array,
    record,
    ref,
    text,
)
from parley.core import limits

EVENTS = f"/v1/calendars/{CALENDAR}/events"

SCHEMAS: dict[str, Schema] = {
    "BatchEntry": record(
        {
            "method": text(longest=limits.ID_LENGTH, example="POST"),
            "relative_url": text("A path, with a query where one is needed.", longest=limits.URL_LENGTH)
            | {"pattern": "^/"},
        },
        {"data": {"type": "object", "additionalProperties": True, "description": "The body."}},
    ),
    "Batch": record({"batch": array(ref("BatchEntry"), least=1, most=limits.BATCH_ENTRIES)}),
    "BatchResult": record(
        {"status": {"type": "integer", "description": "That of the entry.", "examples": [202]}},
        {
            "headers": {"type": "object", "additionalProperties": text()},
            "data": {"type": "object", "additionalProperties": True, "description": "The answer's body, if any."},
        },
    ),
}

LUNCH = {"event_id": "lunch-7", "summary": "Lunch", "start": "2031-05-08T12:00:00Z", "end": "2031-05-08T13:00:00Z"}
MISSING = {"errors": {"event_id": [{"key": "errors.required", "description": "required"}]}}

OPERATIONS: Operations = {
    ("POST", "/v1/batch"): Operation(
        "Batch",
        "Carry out many requests",
        {
            207: Answer(
                "What became of each entry, in the order of the request.",
                record({"batch": array(ref("BatchResult"), least=1, most=limits.BATCH_ENTRIES)}),
                {"batch": [{"status": 202}, {"status": 422, "data": MISSING}]},
            )
        },
        "In order and each on its own: one that fails neither stops nor undoes the others. Each needs the scope of its"
        " own operation; the descriptions of those say which can be entries.",
        body=Body(
            ref("Batch"),
            {
                "batch": [
                    {"method": "POST", "relative_url": EVENTS, "data": LUNCH},
                    {"method": "DELETE", "relative_url": EVENTS, "data": {}},
                ]
            },
        ),
        faults=(REQUIRED, FORMAT, LONG, MANY),
    ),
}
