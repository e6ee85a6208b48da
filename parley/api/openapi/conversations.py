"""Conversations as described for machines."""

from __future__ import annotations

from typing import Any

from parley.api.openapi.shapes import (
    BOOLEAN,
    CONVERSATION,
    FORMAT,
    GRACE,
    LATER_PAGE,
    LONG,
    MANY,
    ONE_PAGE,
    PAGE_TOKEN,
    PAIR,
    RANGE,
    REQUIRED,
    TZID,
    UNKNOWN,
    ZONE,
    Answer,
    Body,
    Operation,
    Operations,
    Schema,
    array,
    ascii_text,
    either,
    flag,
    one_of,
    paged,
    record,
    ref,
    text,
)
from parley.core import limits
from parley.core.conversation import Action, Status, Type
from parley.core.event import ANSWERS
from parley.core.limits import HIGHEST, Limits
from parley.wire.conversations import METHODS
from parley.wire.slots import SLOT_ID

SUBJECT = "Conversations"
PATH = "/v1/scheduling_conversations"
SLOTS = PATH + "/{id}/participants/{position}/slots"
USUAL = Limits()

METHOD = one_of(METHODS, "`auto` means: every slot in which the account is free. It needs an account.", "manual")
SLOT: dict[str, Schema] = {
    "slot_id": text("Treat it as opaque.", pattern=SLOT_ID.pattern, example="slt_1935741600"),
    "start": ref("Time"),
    "end": ref("Time"),
}
CONVERSATION_ID = text("The id of a conversation.", pattern="scv_[0-9a-f]{24}", example=CONVERSATION)

PARTICIPANT = record(
    {
        "managed_availability": flag(),
        "slots": record(
            {"selection_method": one_of(METHODS)},
            {
                "selected": array(
                    ref("Slot"), "What they have selected; absent where nothing is, or where it is hidden."
                )
            },
        ),
        "slot_choice": record({"method": one_of(METHODS, "The same as `slots.selection_method`.")}),
        "status": one_of([one.value for one in Status]),
        "possible_actions": {
            "type": "object",
            "properties": {one.value: record({"url": text()}) for one in Action},
            "additionalProperties": record({"url": text()}),
            "description": "Empty unless the status is `needs_action`, and for whoever may not act for them.",
        },
    },
    {
        "participant_id": text(),
        "sub": text(),
        "email": text(),
        "common_name": text(),
        "page_url": text("Their own page; whoever has this address can answer for them."),
        "invitation_status": one_of(ANSWERS, "How they answered the invitation to the agreement."),
        "email_refused": text("What the mail server said that refused their address."),
        "email_stopped": {"type": "boolean", "description": "Whether they asked for no more mail about this."},
    },
)
BARE: dict[str, Schema] = {
    "scheduling_conversation_id": CONVERSATION_ID,
    "participants": array(ref("Participant"), "In the order of the request; the first is the organizer.", least=1),
    "tzid": text(),
    "required_duration": ref("Duration"),
    "available_periods": array(ref("Period"), least=1),
    "status": one_of(["in_progress", "complete"]),
}
SOMETIMES: dict[str, Schema] = {
    "subject": text(),
    "event": record({}, {"location": ref("Location")}),
    "chosen_slot": ref("ChosenSlot", "What was agreed; there once complete."),
}

SCHEMAS: dict[str, Schema] = {
    "NewParticipant": record(
        {},
        {
            "participant_id": text("The application's own name for them.", longest=limits.KEY_LENGTH),
            "sub": ascii_text("An account that the application may act for.", limits.KEY_LENGTH),
            "email": text("An address; it may be that of an account.", longest=limits.EMAIL_LENGTH)
            | {"format": "email"},
            "common_name": text("Needed for the first participant.", longest=limits.NAME_LENGTH),
            "managed_availability": flag("Only inside the account's rules and available periods.", default=False),
            "slots": record({}, {"selection_method": METHOD}),
        },
        "Somebody who takes part, by `participant_id`, `sub` or `email`.",
    )
    | {"anyOf": [{"required": [one]} for one in ("participant_id", "sub", "email")]},
    "NewConversation": record(
        {
            "participants": array(
                ref("NewParticipant"),
                f"Up to {USUAL.max_participants}, or what the application is allowed.",
                least=1,
                most=HIGHEST.max_participants,
            ),
            "tzid": TZID,
            "required_duration": ref("GivenDuration"),
            "available_periods": array(
                ref("GivenPeriod"),
                f"In the future. Up to {USUAL.max_periods_at_creation}, within {USUAL.max_days} days of the earliest"
                " start, or what the application is allowed.",
                least=1,
                most=HIGHEST.max_periods_at_creation,
            ),
        },
        {
            "subject": text(longest=limits.SUMMARY_LENGTH),
            "event": record({}, {"location": ref("GivenLocation")}),
        },
    ),
    "Participant": PARTICIPANT,
    "Conversation": record(BARE, SOMETIMES, "A conversation, as lists and the look-up tell it."),
    "ConversationEnvelope": record(
        {**BARE, "scheduling_conversation": ref("Conversation", "The same once more.")},
        SOMETIMES,
        "A conversation twice: its fields bare, and the same under `scheduling_conversation`.",
    ),
    "Slot": record(SLOT),
    "ChosenSlot": record({"available_slot_id": text("The same as `slot_id`."), **SLOT}),
    "Slots": record({"slots": array(ref("Slot"), most=HIGHEST.max_listed_slots)}),
    "Selection": record(
        {
            "selected_slots": array(
                record({"slot_id": text("`available_slot_id` is another name for it.", longest=64)}),
                "One, or as many as the application is allowed.",
                least=1,
                most=HIGHEST.max_selected_slots,
            )
        }
    ),
    "HistoryEntry": record(
        {
            "at": ref("Time"),
            "type": one_of([one.value for one in Type]),
            "participant": either({"type": "integer", "minimum": 0}, {"type": "null"}, description="A position."),
            "channel": text("`api`, `page`, or `engine` for what the service does by itself.", example="api"),
        },
        {"slots": array(ref("Slot"), least=1)},
    ),
}

PERIODS = [{"start": "2031-05-05T09:00:00Z", "end": "2031-05-05T12:00:00Z"}]
TEN = {"slot_id": "slt_1935741600", "start": "2031-05-05T10:00:00Z", "end": "2031-05-05T11:00:00Z"}
ROOM = {"location": {"description": "Board Room"}}
ASKED = {
    "participants": [
        {
            "participant_id": "@grace",
            "sub": GRACE,
            "common_name": "Grace Devlin",
            "slots": {"selection_method": "auto"},
        },
        {"participant_id": "@karl", "email": "karl@example.com", "common_name": "Karl Cramer"},
    ],
    "tzid": "America/Chicago",
    "subject": "Roadmap",
    "event": ROOM,
    "required_duration": {"hours": 1},
    "available_periods": PERIODS,
}


def _participant(at: int, method: str, status: str, **more: Any) -> dict[str, Any]:
    url = {"url": f"https://parley.example{SLOTS.format(id=CONVERSATION, position=at)}"}
    selected = {"selected": [TEN]} if status == "complete" else {}
    return {
        **more,
        "managed_availability": False,
        "slots": {"selection_method": method, **selected},
        "slot_choice": {"method": method},
        "status": status,
        "possible_actions": {one.value: url for one in Action} if status == "needs_action" else {},
        "page_url": f"https://parley.example/c/{CONVERSATION}.{at}.0.4mT",
    }


def _told(first: str, second: str) -> dict[str, Any]:
    return {
        "scheduling_conversation_id": CONVERSATION,
        "participants": [
            _participant(0, "auto", first, participant_id="@grace", sub=GRACE, common_name="Grace Devlin"),
            _participant(
                1, "manual", second, participant_id="@karl", email="karl@example.com", common_name="Karl Cramer"
            ),
        ],
        "tzid": "America/Chicago",
        "subject": "Roadmap",
        "event": ROOM,
        "required_duration": {"minutes": 60},
        "available_periods": PERIODS,
        "status": "complete" if second == "complete" else "in_progress",
    }


OPEN = _told("waiting", "needs_action")
AGREED = {**_told("complete", "complete"), "chosen_slot": {"available_slot_id": TEN["slot_id"], **TEN}}
ENVELOPE = "The conversation as it stands now."


def _envelope(example: dict[str, Any], description: str = ENVELOPE) -> dict[int, Answer]:
    told = {**example, "scheduling_conversation": example}
    return {200: Answer(description, ref("ConversationEnvelope"), told)}


LIST = record({"pages": ref("Pages"), "scheduling_conversations": array(ref("Conversation"))})
FOUND = record({"participant": ref("Participant"), "scheduling_conversation": ref("Conversation")})
HISTORY = paged("history", ref("HistoryEntry"))
CREATED = {"at": "2031-05-04T12:00:00Z", "type": "created", "participant": None, "channel": "api"}
CHOSEN = {"at": "2031-05-04T12:03:00Z", "type": "selected", "participant": 1, "channel": "api", "slots": [TEN]}
IN_PATH: dict[str, Schema] = {"id": text(CONVERSATION_ID["description"], example=CONVERSATION)}
POSITION: dict[str, Schema] = {
    "position": text("Which participant, from 0, in the order of the request.", pattern="[0-9]{1,3}", example="1")
}

OPERATIONS: Operations = {
    ("GET", PATH): Operation(
        SUBJECT,
        "List conversations, or find one by a participant's token",
        {
            200: Answer(
                "Without `token` the conversations, newest first; with it the one it belongs to.",
                either(LIST, FOUND),
                {"pages": ONE_PAGE, "scheduling_conversations": [OPEN]},
            )
        },
        "With the API key all of the application; with an account's token those that it opened or takes part in.",
        {"token": text("A participant's token; where there is one, that conversation is found.")},
        missing=True,
    ),
    ("POST", PATH): Operation(
        SUBJECT,
        "Open a conversation",
        _envelope(OPEN, "The conversation; complete already where everybody is `auto` and has a common slot."),
        "Older spellings are understood: `actors`, `actor_id`, `slots.choice_method`, `slot_choice.method` and"
        " `slot_choice_method`.",
        body=Body(ref("NewConversation"), ASKED),
        faults=(
            *(REQUIRED, FORMAT, LONG, MANY, RANGE, BOOLEAN, ZONE, PAIR, UNKNOWN),
            *("errors.must_be_in_future", "errors.not_unique", "errors.not_supported"),
        ),
    ),
    ("GET", PATH + "/pages/{token}"): Operation(
        SUBJECT,
        "The next page of conversations",
        {200: Answer("A page.", LIST, {"pages": LATER_PAGE, "scheduling_conversations": [OPEN]})},
        parameters={"token": PAGE_TOKEN},
    ),
    ("GET", PATH + "/{id}"): Operation(
        SUBJECT,
        "Read a conversation",
        _envelope(OPEN),
        "Who asks as a participant does not see the others' `email`, `sub`, `page_url` and action URLs, nor, before"
        " completion, what they have selected.",
        IN_PATH,
    ),
    ("GET", PATH + "/{id}/history"): Operation(
        SUBJECT,
        "What happened in a conversation",
        {200: Answer("Oldest first.", HISTORY, {"pages": ONE_PAGE, "history": [CREATED, CHOSEN]})},
        "For the API key and the account that opened the conversation; others get 403.",
        IN_PATH,
    ),
    ("GET", PATH + "/{id}/history/pages/{token}"): Operation(
        SUBJECT,
        "The next page of a history",
        {200: Answer("A page.", HISTORY, {"pages": LATER_PAGE, "history": [CHOSEN]})},
        parameters={**IN_PATH, "token": PAGE_TOKEN},
    ),
    ("GET", SLOTS): Operation(
        SUBJECT,
        "List the slots of a participant",
        {200: Answer("Ascending; `[]` where nothing fits and after completion.", ref("Slots"), {"slots": [TEN]})},
        "The address of `possible_actions.slots_list`. Every call computes them anew.",
        {**IN_PATH, **POSITION},
    ),
    ("POST", SLOTS): Operation(
        SUBJECT,
        "Select slots for a participant",
        _envelope(AGREED),
        "The address of `possible_actions.slots_select`. Repeating a selection changes nothing. With"
        " `errors.slot_unavailable` the answer also carries `slots`: those that can be listed now.",
        {**IN_PATH, **POSITION},
        body=Body(ref("Selection"), {"selected_slots": [{"slot_id": TEN["slot_id"]}]}),
        faults=(
            *(REQUIRED, FORMAT, LONG, MANY, UNKNOWN),
            *("errors.account_revoked", "errors.not_available", "errors.slot_unavailable"),
        ),
    ),
}
