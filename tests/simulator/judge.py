"""The rules once more, read from the documents and not from the code: plain, and without calling the core's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from parley.core.conversation import Conversation, Method, Participant
from parley.core.errors import NotYourTurn, Refusal, SlotsTaken, SlotsUnknown
from parley.core.periods import Period

if TYPE_CHECKING:
    from tests.simulator.world import Account, Reading, World

QUARTER = 900


@lru_cache(maxsize=64)
def existing(periods: tuple[Period, ...], duration: int) -> tuple[int, ...]:
    """Every start that a slot can have: quarter hours and starts of periods, with the whole slot inside the periods."""
    first, last = min(one.start for one in periods), max(one.end for one in periods)
    grid = {*range(first // QUARTER * QUARTER, last, QUARTER), *(one.start for one in periods)}
    return tuple(start for start in sorted(grid) if is_covered(periods, start, start + duration))


def is_covered(periods: Sequence[Period], start: int, end: int) -> bool:
    """Whether the periods together hold every second from start to end."""
    while start < end:
        reached = [one.end for one in periods if one.start <= start < one.end]
        if not reached:
            return False
        start = max(reached)
    return True


def selectable(world: World, talk: Conversation) -> frozenset[int]:
    """The starts that exist, are not past, and for which everyone with an account is free."""
    starts = [one for one in existing(talk.periods, talk.duration) if one >= world.now]
    for one in talk.participants:
        if one.account is not None and starts:
            hours = world.accounts[one.account].opened.get(talk.application) if one.managed_availability else None
            starts = are_free(world.accounts[one.account], hours, starts, talk.duration)
    return frozenset(starts)


def are_free(account: Account, hours: tuple[Period, ...] | None, starts: list[int], duration: int) -> list[int]:
    """Those of the slots that touch nothing the account is busy with and lie inside its hours, where it keeps any."""
    first, last = starts[0], starts[-1] + duration
    taken = [(begin, end) for begin, end in account.taken if begin < last and first < end]
    return [
        start
        for start in starts
        if not any(start < end and begin < start + duration for begin, end in taken)
        and (not hours or is_covered(hours, start, start + duration))
    ]


def listing(starts: Iterable[int], standing: Iterable[int], duration: int, most: int) -> list[int]:
    """What is listed of the selectable starts: others' standing selections, and the rest end to end."""
    first = sorted({*standing} & {*starts})[:most]
    rest: list[int] = []
    end = 0
    for start in sorted(starts):
        if start >= end:
            end = start + duration
            rest += [] if start in first else [start]
    return sorted(first + rest[: most - len(first)])


def is_turn(talk: Conversation, participant: Participant) -> bool:
    """Whether they are asked to choose."""
    return talk.chosen is None and participant.method is Method.MANUAL and not participant.selected


def is_repeat(talk: Conversation, position: int, starts: Sequence[int | None]) -> bool:
    """Whether the call says what is already so."""
    return set(starts) == set(talk.participants[position].selected) or (
        talk.chosen is not None and talk.chosen in starts
    )


def refusal(reading: Reading, position: int, starts: Sequence[int | None]) -> type[Refusal] | None:
    """How the call must be refused, if it must."""
    talk = reading.talk
    if not set(starts) <= set(existing(talk.periods, talk.duration)):
        return SlotsUnknown
    if is_repeat(talk, position, starts):
        return None
    if not is_turn(talk, talk.participants[position]):
        return NotYourTurn
    return None if set(starts) <= reading.selectable else SlotsTaken


def agreement(people: Sequence[Participant], starts: frozenset[int]) -> int | None:
    """The earliest selectable start that everyone who is asked has selected."""
    common = set(starts)
    for one in people:
        if one.method is Method.MANUAL:
            common &= set(one.selected)
    return min(common, default=None)


def in_the_way(people: Sequence[Participant], starts: frozenset[int]) -> set[int]:
    """The positions of selections that share no selectable start with the newer ones that are kept."""
    kept, cleared = set(starts), set()
    for position in sorted(range(len(people)), key=lambda at: -people[at].turn):
        shared = kept & set(people[position].selected)
        if shared:
            kept = shared
        elif people[position].selected:
            cleared.add(position)
    return cleared
