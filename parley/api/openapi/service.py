"""What is open to everybody, as described for machines: pages, this description, and how the service is doing."""

from __future__ import annotations

from parley.api.openapi.shapes import (
    CONVERSATION,
    FORM,
    HTML,
    Answer,
    Body,
    Operation,
    Operations,
    Schema,
    record,
    ref,
    text,
)

PAGES, SERVICE = "Pages", "Service"
CALENDAR_TYPE = "text/calendar"
FILE_TYPES = ("text/css", "text/javascript", "image/svg+xml")

TOKEN: dict[str, Schema] = {
    "token": text("A participant's token: the last part of `page_url`.", example=f"{CONVERSATION}.1.0.4mT")
}
PAGE = Answer("A page.", text(), types=(HTML,))
NOT_VALID = {404: Answer("The link is not valid; a page says so.", text(), types=(HTML,))}
SCHEMAS: dict[str, Schema] = {
    "Choice": record(
        {"slot": text("The id of a slot; several of it where the application is allowed more than one.")},
        {"zone": text("In which time zone the page goes on to show times.")},
    )
}

OPERATIONS: Operations = {
    ("GET", "/c/{token}"): Operation(
        PAGES,
        "A participant's page",
        {200: PAGE},
        "Opening it changes nothing.",
        {
            **TOKEN,
            "zone": text("The time zone to show times in.", example="Europe/London"),
            "slot": text("Ids of slots to show as picked, with commas between them."),
        },
        refused=NOT_VALID,
    ),
    ("POST", "/c/{token}"): Operation(
        PAGES,
        "Choose on the page",
        {303: Answer("Chosen; on to the page that shows it.")},
        parameters=TOKEN,
        body=Body(ref("Choice"), {"slot": "slt_1935741600"}, types=(FORM,)),
        refused={
            **NOT_VALID,
            422: Answer("Nothing was chosen; the page says why and shows what can be.", text(), types=(HTML,)),
        },
    ),
    ("GET", "/c/{token}/meeting.ics"): Operation(
        PAGES,
        "The agreed meeting as a calendar file",
        {200: Answer("iCalendar.", text(), types=(CALENDAR_TYPE,))},
        parameters=TOKEN,
        refused=NOT_VALID,
    ),
    ("GET", "/"): Operation(PAGES, "What this service is", {200: PAGE}),
    ("GET", "/docs"): Operation(PAGES, "This description, for people", {200: PAGE}),
    ("GET", "/static/{name}"): Operation(
        PAGES,
        "What the pages are made of",
        {200: Answer("The file.", text(), types=FILE_TYPES)},
        parameters={"name": text("A file's name.", example="parley.css")},
    ),
    ("GET", "/openapi.json"): Operation(
        SERVICE,
        "This description, for machines",
        {200: Answer("An OpenAPI 3.1 document.", record({"openapi": text(example="3.1.0")}))},
    ),
    ("GET", "/health/live"): Operation(
        SERVICE,
        "Whether the process runs",
        {200: Answer("It does.", record({"status": {"const": "live"}}), {"status": "live"})},
    ),
    ("GET", "/health/ready"): Operation(
        SERVICE,
        "Whether the service can answer",
        {
            200: Answer(
                "The database answers.",
                record({"status": {"const": "ready"}, "data_center": text()}),
                {"status": "ready", "data_center": "us"},
            )
        },
        "503 where it cannot.",
    ),
    ("GET", "/metrics"): Operation(
        SERVICE,
        "What the service counts, for Prometheus",
        {200: Answer("Counters, histograms and gauges.", text(), types=("text/plain",))},
    ),
}
