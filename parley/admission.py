"""Who comes in: credentials, and how often each may call."""

from __future__ import annotations

from parley.actions.allowances import Allowances
from parley.core import access
from parley.core.access import Access, AccountCaller, ApplicationCaller, Caller, ParticipantCaller
from parley.core.errors import Forbidden, OAuthRefused, Refusal, TooManyCalls, Unauthorized
from parley.data_center import DataCenter
from parley.store import applications, tokens
from parley.store.database import Transaction

UNKNOWN = ("invalid_client", "invalid_grant")  # what the token endpoints say of credentials that nobody has


class Admission:
    """The door of one process."""

    def __init__(self, dc: DataCenter) -> None:
        self.dc = dc
        self.allowances = Allowances(dc)

    def caller(self, wanted: Access, authorization: str, address: str) -> Caller:
        """Whose credential this is; raises Unauthorized, TooManyCalls or Forbidden."""
        scheme, _, token = authorization.partition(" ")
        caller = self._holder(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Unauthorized
        self.allowances.spend(caller, address)
        if not wanted.admits(caller):
            raise Forbidden
        return caller

    def visit(self, address: str, link: str | None) -> None:
        """Let somebody in who needs no credential, or brings it in the body or in a link; raises TooManyCalls."""
        if not self.allowances.rules:
            return
        if link is not None and access.read_link_token(self.dc.secret, link) is None:
            self.allowances.fail(address)
        self.allowances.spend(None, address)

    def reckoned(self, refusal: Refusal, address: str) -> Refusal:
        """The refusal, or TooManyCalls where the address has been refused for its credentials too often."""
        is_unknown = isinstance(refusal, OAuthRefused) and refusal.error in UNKNOWN
        if not is_unknown and not isinstance(refusal, Unauthorized):
            return refusal
        try:
            self.allowances.fail(address)
        except TooManyCalls as instead:
            return instead
        return refusal

    def _holder(self, token: str) -> Caller | None:
        """Whose token this is: a participant's, an account's or an application's."""
        if token.startswith("scv_"):
            participant = access.read_participant_token(self.dc.secret, token)
            return ParticipantCaller(*participant) if participant else None
        holder = _secret_holder if token.startswith("psk_") else _token_holder
        return self.dc.db.read(holder, access.digest(token), self.dc.now())


def _secret_holder(tx: Transaction, digest: str, now: int) -> Caller | None:
    client_id = applications.holder_of(tx, digest, now)
    return ApplicationCaller(client_id) if client_id else None


def _token_holder(tx: Transaction, digest: str, now: int) -> Caller | None:
    row = tokens.by_access_token(tx, digest, now)
    return AccountCaller(*row) if row else None
