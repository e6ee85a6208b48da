"""Conversation services as JSON: what brings one, how one is told, and what it is pushed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from parley.core import limits
from parley.core.access import Standing
from parley.core.conversation import Conversation
from parley.core.conversation_service import PROOF_NAME, PROOF_PATH, Asked, ConversationService, NewService, Proof
from parley.core.service_limits import HOURS_OF_A_DAY, NAMES, ServiceLimits
from parley.wire.conversations import slots_path, write_conversation
from parley.wire.reading import FORMAT, RANGE, Fields
from parley.wire.writing import encode, present, time_text

ASKED = "scheduling_conversation_action_required"
# RFC 1123 2.1: labels of letters, digits and inner hyphens; at least two, for one alone is nobody's to prove.
LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE | re.ASCII)  # as inet_aton(3) and browsers read one
DOMAIN = re.compile(rf"(?=.{{1,253}}$)(?:{LABEL}\.)+{LABEL}", re.IGNORECASE | re.ASCII)
MOST = {
    "earliest_hour": HOURS_OF_A_DAY,
    "latest_hour": HOURS_OF_A_DAY,
    "minimum_notice_minutes": limits.SERVICE_NOTICE,
    "pause_minutes": limits.SERVICE_PAUSE,
}


def read_service(values: Mapping[str, Any], is_refused: Callable[[str], bool], *, of_account: bool) -> NewService:
    """What a request to bring a service asks for (docs/wire.md 12.1), or every complaint as Invalid.

    `is_refused` says which addresses are never called.
    """
    fields = Fields(values)
    url, domain = fields.callback("callback_url", is_refused), None if of_account else _read_domain(fields)
    asked = NewService(url, _read_limits(fields), domain)
    if of_account and fields.get("domain") is not None:
        fields.fault("domain", "errors.not_supported", "needs the application's API key")
    fields.finish()
    return asked


def _read_domain(fields: Fields) -> str:
    fields.need("domain")
    text = fields.text("domain", limits.EMAIL_LENGTH)
    if text is None:
        return ""
    if not DOMAIN.fullmatch(text) or _is_address(text):
        fields.fault("domain", FORMAT, "must be a domain of at least two labels, in ASCII")
    return text.lower()


def _is_address(text: str) -> bool:
    """Whether it is read as an IP address, however it is written: no top-level domain is a number."""
    return NUMBER.fullmatch(text.rpartition(".")[2]) is not None


def _read_limits(fields: Fields) -> ServiceLimits:
    """The limits under `limits`, or beside it: what is not understood must not be thought to hold."""
    inside = fields.object("limits")
    given = {name: _read_limit(inside if inside.get(name) is not None else fields, name) for name in NAMES}
    found = ServiceLimits(**{name: value for name, value in given.items() if value is not None})
    if found.earliest_hour >= found.latest_hour:
        holder = fields if fields.get("latest_hour") is not None else inside
        holder.fault("latest_hour", "errors.invalid_time_pair", "must be after earliest_hour")
    return found


def _read_limit(fields: Fields, name: str) -> int | None:
    value = fields.integer(name)
    if value is not None and not 0 <= value <= MOST[name]:
        return fields.fault(name, RANGE, f"must be from 0 to {MOST[name]}")
    return value


def write_service(service: ConversationService, secret: str | None = None) -> dict[str, Any]:
    """A service; with its secret where that was just made."""
    return present(
        conversation_service_id=service.id,
        callback_url=service.callback_url,
        secret=secret,
        enabled=service.disabled_at is None,
        limits=write_limits(service.limits),
        domain=service.domain,
        domain_proof=_write_proof(service.domain or "", service.proof) if service.proof else None,
        created_at=time_text(service.created_at),
        disabled_at=time_text(service.disabled_at) if service.disabled_at is not None else None,
    )


def write_limits(told: ServiceLimits) -> dict[str, int]:
    """All limits of a service."""
    return {name: getattr(told, name) for name in NAMES}


def _write_proof(domain: str, proof: Proof) -> dict[str, Any]:
    """Where the token is to be published, and what has been found there."""
    return present(
        token=proof.token,
        dns_name=f"{PROOF_NAME}.{domain}",
        url=f"https://{domain}{PROOF_PATH}",
        status=proof.status,
        proven_at=time_text(proof.proven_at) if proof.proven_at is not None else None,
        checked_at=time_text(proof.checked_at) if proof.checked_at is not None else None,
        failure=proof.failure or None,
    )


def write_push(
    asked: Asked, service: ConversationService, conversation: Conversation, token: str, base_url: str
) -> bytes:
    """What a service is pushed whose participant has to act (docs/conversation-services.md)."""
    standing = Standing(owner=False, position=asked.position, service=service.id)
    links = [""] * len(conversation.participants)  # a service is told none
    told = write_conversation(conversation, standing, base_url, links)
    url = base_url + slots_path(conversation.id, asked.position)
    return encode(
        {
            "notification": {"type": ASKED, "scheduling_conversation_id": conversation.id},
            "conversation_service": {
                "conversation_service_id": service.id,
                "limits": write_limits(service.limits),
            },
            "participant": told["participants"][asked.position],
            "participant_token": token,
            "slots_list": url,
            "slots_select": url,
            "deadline": time_text(asked.deadline),
            "scheduling_conversation": told,
        }
    )
