"""Mail about a conversation: which letters there are, and what each of them is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from parley.core.conversation import Conversation, Status
from parley.core.turns import shard
from parley.core.zones import local

OFFERED = 12  # slots in a letter
OFFERED_DAYS = 4  # among which they are spread, where there are as many
SHARDS = 8  # letters of one application that are sent at once, at most


class Kind(StrEnum):
    """What a letter says."""

    ASK = "ask"  # please choose a time
    REMINDER = "reminder"  # you have not chosen yet
    UNDERSTOOD = "understood"  # this is how we read your answer, and it is saved
    UNCLEAR = "unclear"  # we could not read your answer; here are the times
    AGREED = "agreed"  # the meeting stands
    RAN_OUT = "ran_out"  # to the organizer: no time is left
    NOTED = "noted"  # that none of the times suits you has been told
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

    def lane(self, application: str) -> str:
        """Letters of one lane wait for each other: those about one conversation do, and few wait for others."""
        return f"mail:{application}:{shard(self.conversation, SHARDS)}"


def thread_id(conversation: str) -> str:
    """The Message-ID before the @ that all letters about a conversation refer to."""
    return f"thread.{conversation}"


def matters(letter: Letter, conversation: Conversation) -> bool:
    """Whether what the letter says is still true and worth saying."""
    one = conversation.participants[letter.position]
    match letter.kind:
        case Kind.ASK | Kind.REMINDER:
            return conversation.status(one) is Status.NEEDS_ACTION and letter.number == str(one.turn)
        case Kind.AGREED | Kind.DECLINED:
            return conversation.is_complete
        case Kind.UNDERSTOOD | Kind.RAN_OUT | Kind.NOTED | Kind.NONE_SUIT:
            return not conversation.is_complete  # the agreement is told in a letter of its own
        case Kind.UNCLEAR:
            return True


def offered(starts: Sequence[int], standing: Collection[int], zone: str) -> tuple[int, ...]:
    """Which of the open starts a letter lists, ascending: those that others have chosen, then some on several days."""
    first = [start for start in starts if start in standing][:OFFERED]
    by_day: dict[date, list[int]] = {}
    for start in starts:
        if start not in standing:
            by_day.setdefault(local(zone, start).to_stdlib().date(), []).append(start)
    days = list(by_day.values())
    shares = _shares([len(day) for day in days], OFFERED - len(first))
    spread = [start for day, share in zip(days, shares, strict=True) for start in _spread(day, share)]
    return tuple(sorted([*first, *spread]))


def _shares(lengths: Sequence[int], most: int) -> list[int]:
    """How many of each day's slots are listed: as many on each of the first days, then what else there is room for."""
    each = max(most // OFFERED_DAYS, -(-most // len(lengths))) if lengths else 0
    shares: list[int] = []
    for length in lengths:
        shares.append(min(length, each, most - sum(shares)))
    for at, length in enumerate(lengths):
        shares[at] += min(length - shares[at], most - sum(shares))
    return shares


def _spread(starts: Sequence[int], share: int) -> list[int]:
    """So many of a day's starts, from the first to the last with about as much between them."""
    if share < 2:
        return list(starts[:share])
    return [starts[at * (len(starts) - 1) // (share - 1)] for at in range(share)]


def bounce_text(said: str) -> str:
    """A mail server's refusal as the history tells it: its codes, the word, and what else it said."""
    words = said.split()
    codes = [word for word in words[:2] if word[:1].isdigit()]
    return " ".join([*codes, "bounce"]) + (f": {' '.join(rest)}" if (rest := words[len(codes) :]) else "")
