"""Rules that are wrong in one way each, to see that the simulator notices; each names the rule that it breaks."""

from __future__ import annotations

from dataclasses import replace

from parley.core import conversation as core
from parley.core.availability import Availability
from parley.core.conversation import Action, Change, Method, Status, Type
from parley.core.errors import NotYourTurn, SlotsTaken, SlotsUnknown
from parley.core.periods import Period
from tests.simulator import judge
from tests.simulator.world import Rules, booked

# How conversations are settled.


def settles_on_the_latest(talk, availability):
    after, changes = core.settle(talk, availability)
    if not changes or after.chosen is None:
        return after, changes
    every = {one for one in judge.existing(talk.periods, talk.duration) if availability.is_open(one)}
    wanted = [set(one.selected) for one in talk.participants if one.method is Method.MANUAL]
    latest = max(every.intersection(*wanted))
    return replace(after, chosen=latest), [Change(Type.AGREED, None, (latest,))]


def never_settles(talk, availability):
    return talk, []


def reopens_when_the_time_is_taken(talk, availability):
    if talk.is_complete and not availability.is_open(talk.chosen):
        return replace(talk, chosen=None), [Change(Type.CLEARED, 0)]
    return core.settle(talk, availability)


def moves_an_agreement(talk, availability):
    after, changes = core.settle(talk, availability)
    if talk.is_complete and availability.earliest() not in (None, talk.chosen):
        earliest = availability.earliest()
        return replace(talk, chosen=earliest), [Change(Type.AGREED, None, (earliest,))]
    return after, changes


def clears_the_newest(talk, availability):
    backwards = replace(talk, participants=tuple(replace(one, turn=-one.turn) for one in talk.participants))
    after, changes = core.settle(backwards, availability)
    people = tuple(replace(one, turn=-one.turn) for one in after.participants)
    return replace(after, participants=people), changes


def clears_without_saying_so(talk, availability):
    after, changes = core.settle(talk, availability)
    return after, [one for one in changes if one.type is not Type.CLEARED]


def agrees_on_what_is_taken(talk, availability):
    first = judge.existing(talk.periods, talk.duration)[0]
    if talk.is_complete or any(one.method is Method.MANUAL for one in talk.participants):
        return core.settle(talk, availability)
    return replace(talk, chosen=first), [Change(Type.AGREED, None, (first,))]


def counts_every_settling(talk, availability):
    after, changes = core.settle(talk, availability)
    people = [replace(one, generation=one.generation + 1) for one in after.participants]
    return (replace(after, participants=tuple(people)), changes) if changes else (after, changes)


# How a selection is answered.


def selecting(settle):
    """A selection that is settled in this way."""

    def select(talk, position, starts, availability):
        _, changes = core.select(talk, position, starts, availability)
        if not changes:
            return talk, changes
        after, more = settle(with_selection(talk, position, starts), availability)
        return after, [changes[0], *more]

    return select


def with_selection(talk, position, starts):
    people = list(talk.participants)
    turn = 1 + max(one.turn for one in people)
    people[position] = replace(people[position], selected=tuple(sorted({*starts})), turn=turn)
    return replace(talk, participants=tuple(people))


def forgets_to_clear(talk, position, starts, availability):
    after, changes = core.select(talk, position, starts, availability)
    people = [
        one if at == position else before
        for at, (before, one) in enumerate(zip(talk.participants, after.participants, strict=True))
    ]
    return replace(after, participants=tuple(people)), [one for one in changes if one.type is not Type.CLEARED]


def selects_for_anybody_at_any_time(talk, position, starts, availability):
    try:
        return core.select(talk, position, starts, availability)
    except NotYourTurn:
        return with_selection(talk, position, starts), [Change(Type.SELECTED, position, tuple(sorted({*starts})))]


def selects_what_is_taken(talk, position, starts, availability):
    try:
        return core.select(talk, position, starts, availability)
    except SlotsTaken:
        return with_selection(talk, position, starts), [Change(Type.SELECTED, position, tuple(sorted({*starts})))]


def selects_what_is_left(talk, position, starts, availability):
    try:
        return core.select(talk, position, starts, availability)
    except SlotsTaken:
        left = [one for one in starts if availability.is_open(one)]
        if not left:
            raise
        return core.select(talk, position, left, availability)


def selects_one_of_several(talk, position, starts, availability):
    after, changes = core.select(talk, position, starts, availability)
    return core.select(talk, position, [min(starts)], availability) if changes else (after, changes)


def selects_what_does_not_exist(talk, position, starts, availability):
    try:
        return core.select(talk, position, starts, availability)
    except SlotsUnknown:
        left = [one for one in starts if one is not None and availability.has_slot(one)]
        return core.select(talk, position, left, availability) if left else (talk, [])


def refuses_a_repeat(talk, position, starts, availability):
    if talk.participants[position].selected == tuple(sorted({*starts} - {None})):
        raise NotYourTurn
    return core.select(talk, position, starts, availability)


def takes_a_repeat_for_a_choice(talk, position, starts, availability):
    after, changes = core.select(talk, position, starts, availability)
    if changes or talk.is_complete:
        return after, changes
    return with_selection(talk, position, starts), [
        Change(Type.SELECTED, position, talk.participants[position].selected)
    ]


def refuses_the_chosen_slot_among_others(talk, position, starts, availability):
    if talk.is_complete and len(set(starts)) > 1:
        raise NotYourTurn
    return core.select(talk, position, starts, availability)


def names_only_the_first_that_is_taken(talk, position, starts, availability):
    try:
        return core.select(talk, position, starts, availability)
    except SlotsTaken as refusal:
        raise SlotsTaken(refusal.indices[:1]) from refusal


def leaves_a_trace_of_what_it_refuses(talk, position, starts, availability):
    try:
        return core.select(talk, position, starts, availability)
    except SlotsTaken:
        object.__setattr__(talk.participants[position], "turn", 1 + talk.participants[position].turn)
        raise


def agrees_without_the_last(talk, position, starts, availability):
    after, changes = core.select(talk, position, starts, availability)
    asked = [one for one in after.participants if one.method is Method.MANUAL and not one.selected]
    if changes and len(asked) == 1 and len(after.participants) > 2 and not after.is_complete:
        start = after.participants[position].selected[0]
        return replace(after, chosen=start), [*changes, Change(Type.AGREED, None, (start,))]
    return after, changes


def forgets_who_chose_last(talk, position, starts, availability):
    after, changes = core.select(talk, position, starts, availability)
    people = [replace(one, turn=before.turn) for before, one in zip(talk.participants, after.participants, strict=True)]
    return replace(after, participants=tuple(people)), changes


# What can be chosen.


class PastIsOpen(Availability):
    def __init__(self, periods, duration, blocked, now):
        super().__init__(periods, duration, blocked, min(now, periods[0].start))


class OneIsNeverAsked(Availability):
    def __init__(self, periods, duration, blocked, now):
        super().__init__(periods, duration, list(blocked)[:-1], now)


class TouchingConflicts(Availability):
    def __init__(self, periods, duration, blocked, now):
        super().__init__(periods, duration, [Period(one.start - 1, one.end) for one in blocked], now)


class BeginningIsEnough(Availability):
    def is_open(self, start):
        return self.has_slot(start) and any(one.start <= start < one.end for one in self.gaps)


class AnyMinute(Availability):
    def has_slot(self, start):
        return any(one.start <= start and start + self.duration <= one.end for one in self.proposed)


class OthersNotShown(Availability):
    def listed(self, standing, most):
        return super().listed([], most)


class NothingShown(Availability):
    def listed(self, standing, most):
        return []


class EverythingShown(Availability):
    def listed(self, standing, most):
        return [start for start in judge.existing(tuple(self.proposed), self.duration) if self.is_open(start)][:most]


class TakenShown(Availability):
    def listed(self, standing, most):
        return sorted({*super().listed(standing, most), *standing})[:most]


# Who is offered what, and what is recorded.


def looks_at_the_conversation_only(world, reading):
    return world.talks.get(reading.talk.id) in (None, reading.talk)


def offers_to_those_who_wait(status):
    return core.possible_actions(status) or ([Action.LIST] if status is Status.WAITING else [])


def books_a_minute_less(talk):
    return [(key, Period(slot.start, slot.end - 60)) for key, slot in booked(talk)]


def books_for_the_first_only(talk):
    return booked(talk)[:1]


EARLIEST = "the earliest common slot is chosen, and no other"
FREE = f"a slot is selectable when not past and free|{EARLIEST}"  # the second where a conversation is agreed at once
OLD = "no two bookings|what is stored|agreed once|is final"
ALL = "what suits everybody is agreed when all messages are delivered"

BROKEN = {
    "agrees on the latest": (Rules(settle=settles_on_the_latest), EARLIEST),
    "selects the latest": (Rules(select=selecting(settles_on_the_latest)), EARLIEST),
    "never settles": (Rules(settle=never_settles), f"{EARLIEST}|newer ones is cleared"),
    "a selection never settles": (Rules(select=selecting(never_settles)), f"{EARLIEST}|newer ones is cleared"),
    "reopens": (Rules(settle=reopens_when_the_time_is_taken), "complete is final"),
    "moves an agreement": (Rules(settle=moves_an_agreement), "settling again changes nothing"),
    "clears the newest": (Rules(settle=clears_the_newest), "is cleared"),
    "a selection clears the newest": (Rules(select=selecting(clears_the_newest)), "the newest selection stands"),
    "clears in silence": (Rules(settle=clears_without_saying_so), "the changes tell what happened"),
    "agrees on what is taken": (Rules(settle=agrees_on_what_is_taken), EARLIEST),
    "changes too much": (Rules(settle=counts_every_settling), "nothing else about a participant changes"),
    "forgets to clear": (Rules(select=forgets_to_clear), "a selection that shares nothing with newer ones is cleared"),
    "lets anybody select": (Rules(select=selects_for_anybody_at_any_time), "a refusal was due, NotYourTurn"),
    "selects what is taken": (Rules(select=selects_what_is_taken), "a refusal was due, SlotsTaken"),
    "selects what is left": (Rules(select=selects_what_is_left), "a refusal was due, SlotsTaken"),
    "selects one of several": (Rules(select=selects_one_of_several), "a choice is told"),
    "selects the unknown": (Rules(select=selects_what_does_not_exist), "due(,| was) SlotsUnknown"),
    "refuses a repeat": (Rules(select=refuses_a_repeat), "a selection that is repeated at once succeeds"),
    "a repeat is a choice": (Rules(select=takes_a_repeat_for_a_choice), "a selection that is repeated at once"),
    "the chosen slot is alone": (Rules(select=refuses_the_chosen_slot_among_others), "succeeds|the answer due was"),
    "names one of the taken": (Rules(select=names_only_the_first_that_is_taken), "a refusal names the slots"),
    "a refusal leaves a trace": (Rules(select=leaves_a_trace_of_what_it_refuses), "a refused call changes nothing"),
    "agrees without the last": (Rules(select=agrees_without_the_last), EARLIEST),
    "forgets who chose last": (Rules(select=forgets_who_chose_last), "a choice is newer than all others"),
    "the past is open": (Rules(availability=PastIsOpen), FREE),
    "one is never asked": (Rules(availability=OneIsNeverAsked), FREE),
    "touching is a conflict": (Rules(availability=TouchingConflicts), FREE),
    "beginning is enough": (Rules(availability=BeginningIsEnough), FREE),
    "there is no grid": (Rules(availability=AnyMinute), "a start off the grid or outside the periods"),
    "others are not shown": (Rules(availability=OthersNotShown), "what others have selected is listed"),
    "nothing is shown": (Rules(availability=NothingShown), "where something is selectable, something is listed"),
    "all is shown": (Rules(availability=EverythingShown), "slots are listed end to end"),
    "what is taken is shown": (Rules(availability=TakenShown), "what is listed is selectable"),
    "offers to who waits": (Rules(possible_actions=offers_to_those_who_wait), "only who must act is offered"),
    "books nothing": (Rules(booked=lambda talk: []), "what is agreed is booked"),
    "books too little": (Rules(booked=books_a_minute_less), "what is agreed is booked"),
    "books for one": (Rules(booked=books_for_the_first_only), "what is agreed is booked"),
    "ignores others' bookings": (Rules(is_current=looks_at_the_conversation_only), "no two bookings of account"),
    "records what is old": (Rules(is_current=lambda world, reading: True), OLD),
    "loses messages": (Rules(told_of=lambda account: []), ALL),
}
