"""The domain of a conversation service is to be looked at: whether its application's token is published there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import dns.exception
import dns.resolver
import msgspec

from parley import outbound
from parley.actions import services
from parley.core.conversation_service import PROOF_NAME, PROOF_PATH
from parley.core.limits import OUTBOUND_SECONDS
from parley.data_center import DataCenter
from parley.errands import DONE
from parley.store import services as stored
from parley.store.outbox import Message

MISSING = "the token stands neither in the TXT record nor on the page"


@dataclass(frozen=True, slots=True)
class Places:
    """Where tokens are looked for: who answers questions about names (nobody: the machine's own), and on which page."""

    resolver: dns.resolver.Resolver | None = None
    page: str = f"https://{{domain}}{PROOF_PATH}"


def run(dc: DataCenter, message: Message, still_holds: Callable[[], bool]) -> str:
    """Look once, and record what was found."""
    return look(dc, message, Places())


def look(dc: DataCenter, message: Message, places: Places) -> str:
    """As `run`, at these places."""
    service_id = msgspec.json.decode(message.document, type=str)
    service = dc.db.read(stored.find, service_id)
    failure = MISSING
    if service and service.proof and service.domain:
        failure = missing(service.domain, service.proof.token, places, dc.settings.outbound_allowed)
    services.record_proof(dc, message, service_id, failure)
    return DONE


def missing(domain: str, token: str, places: Places, allowed: frozenset[str]) -> str:
    """Why the domain does not prove to be the token's; empty where it does."""
    if token in _records(f"{PROOF_NAME}.{domain}.", places.resolver):
        return ""
    try:
        answer = outbound.get(places.page.format(domain=domain), allowed)
    except (outbound.Refused, outbound.Failed) as cause:
        return f"{MISSING} ({cause})"
    lines = [line.strip() for line in answer.body.decode(errors="replace").splitlines()]
    return "" if answer.status == 200 and token in lines else f"{MISSING} (status {answer.status})"


def _records(name: str, resolver: dns.resolver.Resolver | None) -> list[str]:
    """The texts of the name's TXT records; none where there are none, or nobody answers."""
    try:
        found = (resolver or dns.resolver.Resolver()).resolve(name, "TXT", lifetime=OUTBOUND_SECONDS, search=False)
    except dns.exception.DNSException:
        return []
    return [b"".join(one.strings).decode(errors="replace").strip() for one in found]
