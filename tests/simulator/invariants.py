"""What must be so: after an answer, after a refusal, and everywhere after every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from parley.core.conversation import Action, Change, Conversation, Method, Status, Type
from parley.core.errors import Refusal, SlotsTaken, SlotsUnknown
from tests.simulator import judge
from tests.simulator.words import told
from tests.simulator.world import Reading, World


class Violation(Exception):  # noqa: N818  (a finding, not an error of the simulator)
    """A rule that did not hold, in a sentence."""


def check(holds: bool, rule: str, *facts: object) -> None:
    """Raise Violation with the rule, and with what was found instead, unless it holds."""
    if not holds:
        raise Violation(": ".join([rule, *map(told, facts)]))


# After an answer.


def selected(
    reading: Reading, position: int, starts: Sequence[int], after: Conversation, changes: list[Change]
) -> None:
    """A choice stands, is the newest, and everything else follows from it; a repeat changes nothing."""
    before = reading.talk
    if judge.is_repeat(before, position, starts):
        check((after, changes) == (before, []), "a repeat changes nothing")
        return
    check(changes[:1] == [Change(Type.SELECTED, position, tuple(sorted({*starts})))], "a choice is told", changes)
    turn = after.participants[position].turn
    check(turn > max(one.turn for one in before.participants), "a choice is newer than all others")
    people = list(before.participants)
    people[position] = replace(people[position], selected=tuple(sorted({*starts})), turn=turn)
    stands = after.participants[position].selected == people[position].selected
    check(stands, "the newest selection stands", after.participants[position].selected)
    settled(reading, replace(before, participants=tuple(people)), after, changes[1:])


def settled(reading: Reading, asked: Conversation, after: Conversation, changes: list[Change]) -> None:
    """The earliest slot that suits everybody is agreed; if there is none, only what is in the way is cleared."""
    if asked.is_complete:
        check((after, changes) == (asked, []), "complete is final")
        return
    agreed = judge.agreement(asked.participants, reading.selectable)
    check(after.chosen == agreed, "the earliest common slot is chosen, and no other", agreed, after.chosen)
    cleared = judge.in_the_way(asked.participants, reading.selectable) if agreed is None else set()
    for position, (one, then) in enumerate(zip(asked.participants, after.participants, strict=True)):
        if position in cleared:
            check(not then.selected, "a selection that shares nothing with newer ones is cleared", one.selected)
        else:
            check(then.selected == one.selected, "no other selection is cleared", one.selected)
        same = then is one or replace(then, selected=one.selected) == one
        check(same, "nothing else about a participant changes", then)
    same = after is asked or replace(after, participants=asked.participants, chosen=None) == asked
    check(same, "nothing else about a conversation changes", after)
    check_told(changes, agreed, cleared)


def check_told(changes: list[Change], agreed: int | None, cleared: set[int]) -> None:
    """The changes say what became of the conversation, and nothing besides."""
    due = [] if agreed is None else [Change(Type.AGREED, None, (agreed,))]
    due += [Change(Type.CLEARED, position) for position in cleared]
    check(sorted(changes, key=repr) == sorted(due, key=repr), "the changes tell what happened", changes)


def refused(refusal: Refusal, due: type[Refusal] | None, reading: Reading, starts: Sequence[int | None]) -> None:
    """A call is refused for the reason that the documents give, and names the slots it is refused for."""
    check(type(refusal) is due, f"the answer due was {due.__name__ if due else 'a success'}", repr(refusal))
    talk = reading.talk
    good = {SlotsUnknown: judge.existing(talk.periods, talk.duration), SlotsTaken: reading.selectable}.get(
        due or Refusal
    )
    if good is not None and isinstance(refusal, SlotsUnknown | SlotsTaken):
        named = tuple(at for at, start in enumerate(starts) if start not in good)
        check(refusal.indices == named, "a refusal names the slots that are wrong", refusal.indices, named)


# What can be chosen.


def slots(reading: Reading) -> None:
    """What exists and what can be chosen is what the documents say, start by start."""
    talk, availability = reading.talk, reading.availability
    starts = judge.existing(talk.periods, talk.duration)
    for start in starts:
        check(availability.has_slot(start), "a start on the grid, inside a period, exists", start)
        says = availability.is_open(start)
        check(says == (start in reading.selectable), "a slot is selectable when not past and free", start, says)
    for start in (starts[0] - 900, starts[-1] + 900, starts[len(starts) // 2] + 60, starts[0] + 1):
        if start not in starts:
            wrong = availability.has_slot(start) or availability.is_open(start)
            check(not wrong, "a start off the grid or outside the periods does not exist", start)


def listed(most: int, reading: Reading, position: int, found: list[int]) -> None:
    """A listing shows selectable slots, others' selections first of all, and something if there is anything."""
    people = reading.talk.participants
    others = {start for at, one in enumerate(people) if at != position for start in one.selected}
    standing = others & reading.selectable
    check(set(found) <= reading.selectable, "what is listed is selectable", found)
    check(bool(found) == bool(reading.selectable), "where something is selectable, something is listed")
    check(len(found) <= most, "no more is listed than the application may see", len(found))
    shown = standing <= set(found) or (len(standing) > most and set(found) <= standing)
    check(shown, "what others have selected is listed", standing, found)
    due = judge.listing(reading.selectable, standing, reading.talk.duration, most)
    check(found == due, "slots are listed end to end", due, found)


# Everywhere.


class Watch:
    """What holds everywhere after every step; it remembers what was agreed, and what it has looked at already."""

    def __init__(self) -> None:
        self.agreed: dict[str, int] = {}
        self.looked_at: dict[str, Conversation] = {}

    def look(self, world: World) -> None:
        """Look at all conversations and all bookings."""
        for talk in world.talks.values():
            if self.looked_at.get(talk.id) is not talk:
                self.looked_at[talk.id] = talk
                self.complete_is_final(talk)
                check_statuses(world, talk)
                check_history(world, talk)
        check_bookings(world)

    def complete_is_final(self, talk: Conversation) -> None:
        """What is agreed once is agreed for ever."""
        first = self.agreed.get(talk.id)
        check(first in (None, talk.chosen), "complete is final", first, talk.chosen)
        if talk.chosen is not None:
            self.agreed[talk.id] = talk.chosen


def check_statuses(world: World, talk: Conversation) -> None:
    """Everyone stands where they must, is offered what they may do, and somebody can act while nothing is agreed."""
    statuses = [talk.status(one) for one in talk.participants]
    for one, status in zip(talk.participants, statuses, strict=True):
        turn = judge.is_turn(talk, one)
        due = Status.COMPLETE if talk.chosen is not None else Status.NEEDS_ACTION if turn else Status.WAITING
        check(status is due, f"{one.participant_id} of {talk.id} must be {due}", status)
        offered = world.rules.possible_actions(status)
        check(
            offered == ([Action.LIST, Action.SELECT] if turn else []), "only who must act is offered actions", offered
        )
        if talk.chosen is not None:
            check(
                talk.selected(one) == (talk.chosen,), "at completion everyone has the chosen slot", talk.selected(one)
            )
            agreed = one.method is Method.AUTO or talk.chosen in one.selected
            check(agreed, "nobody is bound to a slot that they did not select", one.participant_id)
    if talk.chosen is None and any(one.method is Method.MANUAL for one in talk.participants):
        check(Status.NEEDS_ACTION in statuses, "somebody has the next move", talk.id)


def check_history(world: World, talk: Conversation) -> None:
    """Played again, the history leads to what is stored: no selection is lost without a word."""
    selected: list[tuple[int, ...]] = [()] * len(talk.participants)
    chosen = None
    for change in world.history[talk.id]:
        if change.position is not None:
            selected[change.position] = change.starts
        elif change.type is Type.AGREED:
            check(chosen is None, "a conversation is agreed once", talk.id)
            chosen = change.starts[0]
    stored = [one.selected for one in talk.participants]
    check((selected, chosen) == (stored, talk.chosen), "the history tells what is stored", talk.id)


def check_bookings(world: World) -> None:
    """No two bookings of an account overlap, and each agreement has one for each of its accounts."""
    for account in world.accounts.values():
        taken = sorted(account.bookings.values())
        apart = all(one.end <= other.start for one, other in pairwise(taken))
        check(apart, f"no two bookings of account {account.key} overlap", [one.start for one in taken])
        for name in account.bookings:
            check(world.talks[name].is_complete, "only what is agreed is booked", name)
    for talk in world.talks.values():
        if talk.chosen is None:
            continue
        for key in talk.accounts:
            if (key, talk.id) not in world.released:
                booked = world.accounts[key].bookings.get(talk.id)
                check(booked == talk.slot(talk.chosen), "what is agreed is booked", talk.id, f"account {key}", booked)


def check_quiet(world: World) -> None:
    """When every message is delivered nothing is left to settle: no agreement, no selection that stands in the way."""
    for talk in world.talks.values():
        if talk.chosen is not None:
            continue
        # Time that has passed may come back when a clock is set back, and nobody is told of that.
        starts = frozenset(one for one in judge.selectable(world, talk) if one >= world.latest)
        agreed = judge.agreement(talk.participants, starts)
        check(agreed is None, "what suits everybody is agreed when all messages are delivered", talk.id, agreed)
