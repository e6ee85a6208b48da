"""Conversation services as described for machines."""

from __future__ import annotations

from typing import Any

from parley.api.openapi.shapes import (
    ACCEPTED,
    FORMAT,
    LONG,
    MANY,
    PAIR,
    RANGE,
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
from parley.core.service_limits import HOURS_OF_A_DAY
from parley.wire.services import DOMAIN

SUBJECT = "Conversation services"
PATH = "/v1/conversation_services"
SERVICE = "csv_a4c19e7b02d85f3617c8e9d0"

LIMITS: dict[str, Schema] = {
    "earliest_hour": integer("Slots begin no earlier on the account's clock.", 0, HOURS_OF_A_DAY) | {"default": 0},
    "latest_hour": integer("Slots end no later on the account's clock; after earliest_hour.", 0, HOURS_OF_A_DAY)
    | {"default": HOURS_OF_A_DAY},
    "minimum_notice_minutes": integer("Slots begin no sooner than this from now.", 0, limits.SERVICE_NOTICE)
    | {"default": 0},
    "pause_minutes": integer(
        "At least this is between a slot and the account's other meetings.", 0, limits.SERVICE_PAUSE
    )
    | {"default": 0},
}
BESIDE = "The same as in `limits`, which goes first."

SCHEMAS: dict[str, Schema] = {
    "ServiceLimits": record({}, LIMITS, "What the service may list and select for the participant."),
    "NewConversationService": record(
        {"callback_url": text("Where it is pushed what is to be done; a public address.", longest=limits.URL_LENGTH)},
        {
            "limits": ref("ServiceLimits"),
            "domain": text(
                "With the API key, which needs it: the service is for the addresses of this domain.",
                longest=limits.EMAIL_LENGTH,
                pattern=DOMAIN.pattern,
            ),
            **{name: {**schema, "description": BESIDE} for name, schema in LIMITS.items()},
        },
    ),
    "DomainProof": record(
        {
            "token": text("To be published."),
            "dns_name": text("A TXT record of this name holds the token, or else"),
            "url": text("the page at this address does, on a line of its own."),
            "status": one_of(("pending", "proven", "failed"), "The service counts once it is `proven`."),
        },
        {"proven_at": ref("Time"), "checked_at": ref("Time"), "failure": text("What the last check found instead.")},
    ),
    "ConversationService": record(
        {
            "conversation_service_id": text(pattern="csv_[0-9a-f]{24}", example=SERVICE),
            "callback_url": text(),
            "enabled": flag("False once it has answered a push with 410."),
            "limits": ref("ServiceLimits"),
            "created_at": ref("Time"),
        },
        {
            "secret": text("What pushes are signed with; told when it is made, and never again."),
            "domain": text(),
            "domain_proof": ref("DomainProof"),
            "disabled_at": ref("Time"),
        },
    ),
    "ConversationServiceEnvelope": record({"conversation_service": ref("ConversationService")}),
}

GIVEN_LIMITS = {"earliest_hour": 9, "latest_hour": 18, "minimum_notice_minutes": 120, "pause_minutes": 15}
ASKED = {"callback_url": "https://assistant.example/parley", "domain": "people.example", "limits": GIVEN_LIMITS}
TOLD: dict[str, Any] = {
    "conversation_service_id": SERVICE,
    "callback_url": ASKED["callback_url"],
    "enabled": True,
    "limits": GIVEN_LIMITS,
    "domain": "people.example",
    "domain_proof": {
        "token": "parley-proof-0a9Zq…",
        "dns_name": "_parley.people.example",
        "url": "https://people.example/.well-known/parley-conversation-service",
        "status": "pending",
    },
    "created_at": "2031-05-04T12:00:00Z",
}
IN_PATH: dict[str, Schema] = {"id": text("The id of a conversation service.", example=SERVICE)}
OWN = "With an account's token those of the account, with the API key those of domains."


def _one(description: str, **more: str) -> dict[int, Answer]:
    return {200: Answer(description, ref("ConversationServiceEnvelope"), {"conversation_service": {**TOLD, **more}})}


WITH_SECRET = {"secret": "whsec_Zm9yIGV4YW1wbGUsIDMyIHJhbmRvbSBieXRlcy4uLi4="}

OPERATIONS: Operations = {
    ("GET", PATH): Operation(
        SUBJECT,
        "List conversation services",
        {
            200: Answer(
                "The newest first.",
                record({"conversation_services": array(ref("ConversationService"), most=limits.SERVICES)}),
                {"conversation_services": [TOLD]},
            )
        },
        OWN,
    ),
    ("POST", PATH): Operation(
        SUBJECT,
        "Enable a conversation service",
        _one("The service, with its secret.", **WITH_SECRET),
        "It is asked instead of the participant: with an account's token for the account, by its `sub` and its address;"
        " with the API key for the addresses of a domain, once that is proven. An account's newest service is asked,"
        " and goes before its domain's.",
        body=Body(ref("NewConversationService"), ASKED),
        faults=(
            *(REQUIRED, FORMAT, LONG, MANY, RANGE, PAIR),
            *("errors.invalid_callback_url", "errors.not_supported"),
        ),
    ),
    ("GET", PATH + "/{id}"): Operation(SUBJECT, "Read a conversation service", _one("The service."), OWN, IN_PATH),
    ("DELETE", PATH + "/{id}"): Operation(
        SUBJECT,
        "End a conversation service",
        ACCEPTED,
        "Its tokens end at once; a participant for whom it was asked is asked over the next channel.",
        IN_PATH,
    ),
    ("POST", PATH + "/{id}/rotate_secret"): Operation(
        SUBJECT,
        "Give a conversation service a new secret",
        _one("The service, with its new secret.", **WITH_SECRET),
        f"For {limits.SERVICE_SECRET_OVERLAP // limits.HOUR} hours pushes are signed with the one before as well.",
        IN_PATH,
    ),
    ("POST", PATH + "/{id}/prove"): Operation(
        SUBJECT,
        "Have the domain of a conversation service looked at",
        _one("The service; the look is taken within seconds."),
        "What is found stands in `domain_proof` when the service is read. An account's service has nothing to prove.",
        IN_PATH,
    ),
}
