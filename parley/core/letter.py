"""Mail about a conversation: which letters there are, and what each of them is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a letter says."""

    ASK = "ask"  # please choose a time
    REMINDER = "reminder"  # you have not chosen yet
    UNDERSTOOD = "understood"  # this is how we read your answer, and it is saved
    UNCLEAR = "unclear"  # we could not read your answer; here are the times
    AGREED = "agreed"  # the meeting stands
    RAN_OUT = "ran_out"  # to the organizer: no time is left
    NONE_SUIT = "none_suit"  # to the organizer: none of the times suits somebody
    DECLINED = "declined"  # to the organizer: somebody has declined the invitation


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to the participant at `position`; letters of the same kind are told apart by `number`.

    `starts` are the slots listed in it, numbered from 1 in this order, `zone` is the one that they are told in.
    `reason` says why an answer was not acted upon. `answers` is the Message-ID, with its brackets, of the mail that
    this one answers. `about` is the position of the participant whom the letter speaks of.
    """

    kind: Kind
    conversation: str
    position: int
    number: str = "0"
    starts: tuple[int, ...] = ()
    zone: str = "Etc/UTC"
    reason: str = ""
    answers: str | None = None
    about: int | None = None
    references: tuple[str, ...] = field(default=())

    @property
    def message_id(self) -> str:
        """Its Message-ID before the @: the same whenever the same is written."""
        return f"{self.kind.value}.{self.conversation}.{self.position}.{self.number}"


def thread_id(conversation: str) -> str:
    """The Message-ID before the @ that all letters about a conversation refer to."""
    return f"thread.{conversation}"
