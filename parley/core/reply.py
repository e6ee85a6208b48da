"""What somebody answers to an invitation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from parley.core.event import ANSWERS, Attendee
from parley.core.proposed import Proposed


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a calendar program sends it; `attendees` are those who answer, in a proposal perhaps everybody.

    `sequence` is that of the invitation answered, `stamp` when the answer was written, if it says so.
    """

    uid: str
    attendees: tuple[Attendee, ...] = ()
    sequence: int = 0
    stamp: int | None = None
    comment: str | None = None
    proposed: Proposed | None = None

    @property
    def attendee(self) -> str | None:
        """The address of whoever answers, in lower case."""
        return self.attendees[0].email if self.attendees else None

    @property
    def partstat(self) -> str | None:
        """What whoever answers says: accepted, tentative or declined."""
        return self.status_of(self.attendee or "")

    def status_of(self, address: str) -> str | None:
        """What the attendee of this address says; nothing where that is none of the three answers."""
        found = (one.status for one in self.attendees if one.email == address.lower())
        return next((status for status in found if status in ANSWERS), None)

    def is_anothers(self, address: str | None, others: Collection[str]) -> bool:
        """Whether it names nobody but one of the others who are invited, and not the person of this address."""
        named = [one.email for one in self.attendees]
        return len(named) == 1 and named[0] != (address or "").lower() and named[0] in {one.lower() for one in others}

    def said_by(self, address: str | None) -> str | None:
        """What the person of this address answers; whoever answers alone may do so under another address of theirs."""
        theirs = self.status_of(address) if address else None
        return theirs or (self.partstat if len(self.attendees) == 1 else None)
