"""Everything that can be refused, each with its facts; `wire/errors.py` gives each a status and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from parley.core.periods import Period


class Refusal(Exception):  # noqa: N818  (these are answers, not errors of ours)
    """A request that is answered, and changes nothing."""


class Fault(NamedTuple):
    """One thing wrong with one field: its dotted path, a key for programs, a description for people."""

    path: str
    key: str
    description: str


class Invalid(Refusal):
    """The request's fields are wrong; every fault that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(*faults)
        self.faults = tuple(faults)


class Unauthorized(Refusal):
    """No credential that is known and still good."""


class Forbidden(Refusal):
    """A known credential that does not reach this far."""


class NotFound(Refusal):
    """Nothing there, or somebody else's: the two look the same."""


class TooLarge(Refusal):
    """The body is longer than `limits.BODY_BYTES`."""


class OAuthRefused(Refusal):
    """A refusal of the token endpoints; `error` is a code of RFC 6749 5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class SlotsUnknown(Refusal):
    """Slots of a selection, by their index, that this conversation does not have."""

    def __init__(self, indices: Sequence[int]) -> None:
        super().__init__(*indices)
        self.indices = tuple(indices)


class SlotsTaken(Refusal):
    """Slots of a selection, by their index, that are past or no longer free; `slots` are those that are."""

    def __init__(self, indices: Sequence[int], slots: Sequence[Period] = ()) -> None:
        super().__init__(*indices)
        self.indices = tuple(indices)
        self.slots = tuple(slots)


class NotYourTurn(Refusal):
    """The participant may not do this now."""


class AccountRevoked(Refusal):
    """An account of the conversation no longer lets the application act for it."""


class KeyReused(Refusal):
    """The Idempotency-Key was used before, for another request."""


class KeyInUse(Refusal):
    """A call with this Idempotency-Key is still being carried out."""


class TooManyCalls(Refusal):
    """More calls than are allowed in this time; there will be another one in `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """The service cannot do this now; worth another try after `retry_after` seconds."""

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
