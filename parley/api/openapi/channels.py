"""Push channels as described for machines."""

from __future__ import annotations

from parley.api.openapi.shapes import (
    ACCEPTED,
    BOOLEAN,
    CALENDAR,
    CALENDARS,
    CALLBACK,
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
    flag,
    integer,
    one_of,
    record,
    ref,
    text,
)
from parley.core import limits
from parley.core.push import CHANGE, DELIVERED, FAILED, GONE, JOINED, UPDATED, VERIFICATION, WAITING

PUSH, CHANNELS = "Push channels", "/v1/channels"
ID, DELIVERY_ID = "chn_6b2f8c1d7e3a4905b8d2c6f1", "dlv_e7a1c5d92b3f48608c4d1e7b"
OUTCOMES = (
    *(DELIVERED, FAILED, GONE, "timed_out", "unknown_name", "cannot_connect", "certificate_refused"),
    *("broken_answer", "not_allowed", "no_consent"),
)

CALLBACK_URL = text("An http or https URL of a public host.", longest=limits.URL_LENGTH)
FILTERS = {
    "calendar_ids": array(
        text(longest=limits.KEY_LENGTH), "Changes in these calendars only.", least=1, most=limits.CALENDAR_IDS
    ),
    "only_managed": flag("Changes to the application's own events only.", default=False),
}
CONVERSATIONS = record({}, {"enabled": flag(default=False)}, "Whether conversations of the account are told of.")

SCHEMAS: dict[str, Schema] = {
    "NewChannel": record(
        {"callback_url": CALLBACK_URL},
        {"filters": record({}, FILTERS), "scheduling_conversations": CONVERSATIONS},
    ),
    "Channel": record(
        {"channel_id": text(), "callback_url": text(), "filters": record({}, FILTERS)},
        {"scheduling_conversations": CONVERSATIONS},
    ),
    "Attempt": record(
        {
            "at": ref("Time"),
            "outcome": one_of(
                OUTCOMES,
                f"`{DELIVERED}`: a 2xx was answered; `{GONE}`: a 410; `{FAILED}`: another status; else why there was"
                " no answer.",
            ),
        },
        {"status": integer("What was answered.", 100, 999)},
    ),
    "Delivery": record(
        {
            "delivery_id": text("What receivers get as `webhook-id`, the same every time."),
            "type": one_of((VERIFICATION, CHANGE, JOINED, UPDATED)),
            "created_at": ref("Time"),
            "state": one_of((WAITING, DELIVERED, FAILED)),
            "attempts": array(ref("Attempt"), "Oldest first.", most=limits.ATTEMPTS_KEPT),
        },
        {"next_attempt_at": ref("Time", "Only while it waits.")},
    ),
}

CHANNEL = {
    "channel_id": ID,
    "callback_url": "https://app.example/hook",
    "filters": {"calendar_ids": [CALENDAR]},
    "scheduling_conversations": {"enabled": True},
}
DELIVERY = {
    "delivery_id": DELIVERY_ID,
    "type": VERIFICATION,
    "created_at": "2031-05-04T12:00:00Z",
    "state": WAITING,
    "attempts": [],
    "next_attempt_at": "2031-05-04T12:00:00Z",
}
IN_PATH: dict[str, Schema] = {"id": text("The channel's id.", example=ID)}

OPERATIONS: Operations = {
    ("GET", CHANNELS): Operation(
        PUSH,
        "List channels",
        {
            200: Answer(
                "Oldest first.",
                record({"channels": array(ref("Channel"), most=limits.CHANNELS)}),
                {"channels": [CHANNEL]},
            )
        },
    ),
    ("POST", CHANNELS): Operation(
        PUSH,
        "Open a channel",
        {200: Answer("The channel, new or already there.", record({"channel": ref("Channel")}), {"channel": CHANNEL})},
        "Its callback is sent a signed POST whenever something happens to the account. An identical request answers"
        " with the channel that is there.",
        body=Body(
            ref("NewChannel"),
            {
                "callback_url": "https://app.example/hook",
                "filters": {"calendar_ids": [CALENDAR]},
                "scheduling_conversations": {"enabled": True},
            },
        ),
        faults=(REQUIRED, FORMAT, LONG, MANY, BOOLEAN, CALENDARS, CALLBACK),
    ),
    ("DELETE", CHANNELS + "/{id}"): Operation(
        PUSH, "Close a channel", ACCEPTED, "What was still to be sent to it is not sent.", parameters=IN_PATH
    ),
    ("GET", CHANNELS + "/{id}/deliveries"): Operation(
        PUSH,
        "List recent deliveries",
        {
            200: Answer(
                "Newest first.",
                record({"deliveries": array(ref("Delivery"), most=limits.DELIVERIES_KEPT)}),
                {"deliveries": [DELIVERY]},
            )
        },
        parameters=IN_PATH,
    ),
    ("POST", CHANNELS + "/{id}/deliveries/{delivery_id}/redeliver"): Operation(
        PUSH,
        "Send a delivery once more",
        ACCEPTED,
        "At once, under the same `webhook-id`, whatever became of it before.",
        parameters={**IN_PATH, "delivery_id": text("The delivery's id.", example=DELIVERY_ID)},
    ),
}
