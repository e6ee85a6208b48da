"""Who is calling, how far their credential reaches, and the tokens that are derived instead of stored."""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from parley.core.conversation import Conversation
from parley.core.errors import Forbidden, NotFound

ALL_SCOPES = (
    "read_account",
    "list_calendars",
    "read_events",
    "create_event",
    "delete_event",
    "read_free_busy",
)
MAIL_SUBJECT_BYTES = 12
MAIL_MAC_BYTES = 11
IMPLIED = {"read_write": frozenset(ALL_SCOPES), "read_events": frozenset({"read_free_busy"})}


@dataclass(frozen=True, slots=True)
class ApplicationCaller:
    """The application itself, by its API key (a client secret)."""

    application: str


@dataclass(frozen=True, slots=True)
class AccountCaller:
    """An application acting for one account, by an access token."""

    application: str
    account: int
    sub: str
    scope: str


@dataclass(frozen=True, slots=True)
class ParticipantCaller:
    """A participant of one conversation, by the token of their link."""

    conversation: str
    position: int
    generation: int
    service: str | None = None  # the conversation service that acts for them, and only inside its limits


Caller = ApplicationCaller | AccountCaller | ParticipantCaller


@lru_cache
def granted(scope: str) -> frozenset[str]:
    """The scopes of a space-separated text, with those that they imply."""
    named = frozenset(scope.split())
    return named.union(*(IMPLIED.get(one, frozenset()) for one in named))


@dataclass(frozen=True, slots=True)
class Access:
    """Which callers a route admits, and the scope that it asks of an account's token."""

    application: bool = False
    account: bool = False
    participant: bool = False
    scope: str | None = None

    def admits(self, caller: Caller) -> bool:
        """Whether this caller may use the route at all."""
        match caller:
            case ApplicationCaller():
                return self.application
            case AccountCaller():
                return self.account and (self.scope is None or self.scope in granted(caller.scope))
            case ParticipantCaller():
                return self.participant


@dataclass(frozen=True, slots=True)
class Standing:
    """What a caller is to a conversation: its owner, who acts for everybody, or the participant at `position`.

    `service` is the conversation service that acts for that participant, if one does.
    """

    owner: bool
    position: int | None = None
    service: str | None = None

    def reaches(self, position: int) -> bool:
        """Whether what belongs to the participant at `position` is theirs too."""
        return self.owner or self.position == position


def standing(caller: Caller, conversation: Conversation) -> Standing:
    """What the caller is to the conversation; raises NotFound where they are nothing to it."""
    match caller:
        case ParticipantCaller():
            if caller.conversation == conversation.id and caller.position < len(conversation.participants):
                participant = conversation.participants[caller.position]
                if participant.generation == caller.generation:
                    return Standing(owner=False, position=caller.position, service=caller.service)
        case ApplicationCaller():
            if caller.application == conversation.application:
                return Standing(owner=True)
        case AccountCaller():
            if caller.application == conversation.application:
                return _account_standing(caller.account, conversation)
    raise NotFound


def _account_standing(account: int, conversation: Conversation) -> Standing:
    if account == conversation.creator:
        return Standing(owner=True)
    for position, participant in enumerate(conversation.participants):
        if participant.account == account:
            return Standing(owner=False, position=position)
    raise NotFound


def acting_for(position: int, caller: Caller, conversation: Conversation) -> Standing:
    """The caller's standing when they act for the participant at `position`.

    Raises NotFound where there is no such conversation or participant for them, Forbidden for another's action.
    """
    found = standing(caller, conversation)
    if position >= len(conversation.participants):
        raise NotFound
    if not found.reaches(position):
        raise Forbidden
    return found


class ParticipantToken(NamedTuple):
    """What the token of a participant's link says, or that of the conversation service which acts for them."""

    conversation: str
    position: int
    generation: int
    service: str | None = None


def participant_token(secret: bytes, token: ParticipantToken) -> str:
    """The token's text: its parts and a code that only holders of the secret can make, joined by dots."""
    body = ".".join(str(part) for part in token if part is not None)
    return f"{body}.{code(secret, 'participant', body)}"


def read_participant_token(secret: bytes, text: str) -> ParticipantToken | None:
    """What a token says, or nothing where it is not one of ours."""
    body, _, given = text.rpartition(".")
    parts = body.split(".")
    is_ours = hmac.compare_digest(code(secret, "participant", body).encode(), given.encode())
    if len(parts) not in (3, 4) or not is_ours:
        return None
    return ParticipantToken(parts[0], int(parts[1]), int(parts[2]), parts[3] if len(parts) == 4 else None)


def read_link_token(secret: bytes, text: str) -> ParticipantToken | None:
    """What the token of a participant's link says; a conversation service's is none."""
    token = read_participant_token(secret, text)
    return token if token and token.service is None else None


class Mailbox(NamedTuple):
    """Whom a plus-addressed mail is from, and what it is about: purpose `r` answers, `b` what could not be delivered.

    `subject` is 12 bytes in hexadecimal: a conversation's id without its prefix, or what else was invited to.
    """

    purpose: str
    subject: str
    position: int = 0
    generation: int = 0


def mail_token(secret: bytes, box: Mailbox) -> str:
    """What follows the plus in an address of ours: lower case, at most 41 characters, and nobody can guess it."""
    body = bytes.fromhex(box.subject) + bytes((box.position, box.generation))
    mac = hmac.digest(secret, b"mail\0" + box.purpose.encode() + body, sha256)[:MAIL_MAC_BYTES]
    return box.purpose + b32encode(body + mac).decode().lower().rstrip("=")


def read_mail_token(secret: bytes, text: str) -> Mailbox | None:
    """What stands behind the plus of an address, or nothing where we did not make it."""
    text = text.lower()
    try:
        raw = b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    except ValueError:
        return None
    if len(raw) != MAIL_SUBJECT_BYTES + 2 + MAIL_MAC_BYTES:
        return None
    body = raw[:-MAIL_MAC_BYTES]
    box = Mailbox(text[0], body[:MAIL_SUBJECT_BYTES].hex(), body[-2], body[-1])
    return box if hmac.compare_digest(mail_token(secret, box).encode(), text.encode()) else None


def code(secret: bytes, purpose: str, text: str) -> str:
    """A message authentication code (RFC 2104, SHA-256) for one purpose, as base64url without padding."""
    mac = hmac.digest(secret, f"{purpose}\0{text}".encode(), sha256)
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest(token: str) -> str:
    """What is stored of a random token: its SHA-256, in hexadecimal."""
    return sha256(token.encode()).hexdigest()
