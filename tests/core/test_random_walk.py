"""Thousands of small conversations, step by step at random: whatever happens, the rules hold and nobody is stuck.

A failure names its seed: `pytest "tests/core/test_random_walk.py::test_a_conversation_keeps_its_rules[17]"`.
"""

from dataclasses import replace
from random import Random

import pytest

from parley.core.availability import Availability
from parley.core.conversation import Method, Participant, Status, Type, possible_actions, select, settle
from parley.core.errors import NotYourTurn, SlotsTaken, SlotsUnknown
from parley.core.periods import Period
from tests.make import HOUR, SUNDAY_NOON, at, conversation, period

SEEDS = range(30)
CONVERSATIONS, STEPS = 100, 9
PERIODS = (period("09:00", "11:05"), period("13:10", "15:00"))
QUARTER = 900
EXISTING = [at("09:00") + QUARTER * n for n in range(5)] + [
    at("13:10"),
    *(at("13:15") + QUARTER * n for n in range(4)),
]  # fmt: skip


class Walk:
    """One conversation, the busy time of its people, and what the rules say must be so."""

    def __init__(self, chance):
        self.chance = chance
        self.busy = []
        self.now = SUNDAY_NOON
        people = [self.somebody(number) for number in range(chance.randint(1, 5))]
        self.talk = conversation(*people, periods=PERIODS)
        self.settle()

    def somebody(self, number):
        method = self.chance.choice([Method.MANUAL, Method.MANUAL, Method.AUTO])
        account = number if method is Method.AUTO or self.chance.random() < 0.5 else None
        return Participant(f"@{number}", method=method, account=account)

    def availability(self):
        return Availability(PERIODS, HOUR, self.busy, self.now)

    def open(self):
        """The starts that can be chosen, from their definition."""
        free = [
            start
            for start in EXISTING
            if start >= self.now and all(start + HOUR <= one.start or one.end <= start for one in self.busy)
        ]
        return set(free)

    def step(self):
        self.chance.choice([self.choose, self.choose, self.choose, self.change_calendar, self.wait])()

    def change_calendar(self):
        if self.busy and self.chance.random() < 0.5:
            self.busy.pop(self.chance.randrange(len(self.busy)))
        else:
            start = at("09:00") + 300 * self.chance.randrange(72)
            self.busy.append(Period(start, start + 300 * self.chance.randint(1, 24)))
        if self.chance.random() < 0.7:  # the worker is not always there first
            self.settle()

    def wait(self):
        if self.chance.random() < 0.2:
            self.now = max(self.now, at("09:00") + 60 * self.chance.randrange(300))

    def settle(self):
        before = self.talk
        self.talk, changes = settle(before, self.availability())
        self.check_settled(before, changes)
        self.check_rules()

    def choose(self):
        position = self.chance.randrange(len(self.talk.participants))
        starts = self.chance.sample([*EXISTING, at("09:05")], self.chance.choice([1, 1, 2, 3, 4]))
        if self.chance.random() < 0.7:
            shown = self.availability().listed(self.talk.standing(position), 512)
            starts = self.chance.sample(shown, min(len(shown), self.chance.randint(1, 3))) or starts
        self.select(position, starts)
        self.check_rules()

    def select(self, position, starts):
        before, refusal = self.talk, self.refusal(position, starts)
        if refusal:
            with pytest.raises(refusal):
                select(before, position, starts, self.availability())
            return
        self.talk, changes = select(before, position, starts, self.availability())
        if changes:
            self.check_chosen(before, position, starts, changes)
        else:
            assert self.talk == before

    def refusal(self, position, starts):
        participant = self.talk.participants[position]
        if not set(starts) <= set(EXISTING):
            return SlotsUnknown
        if set(starts) == set(participant.selected) or self.talk.chosen in starts:
            return None
        if self.talk.chosen or participant.method is Method.AUTO or participant.selected:
            return NotYourTurn
        return None if set(starts) <= self.open() else SlotsTaken

    def check_chosen(self, before, position, starts, changes):
        """A choice is recorded, is the newest, and stands unless it is agreed on."""
        assert changes[0].type is Type.SELECTED
        assert set(self.talk.participants[position].selected) == set(starts)
        turns = [one.turn for one in before.participants]
        assert self.talk.participants[position].turn > max(turns)
        people = list(before.participants)
        people[position] = self.talk.participants[position]
        self.check_settled(replace(before, participants=tuple(people)), changes[1:])

    def check_settled(self, before, changes):
        """The rules of agreement and of what stands, told once more."""
        if before.chosen is not None:
            assert (self.talk, changes) == (before, [])
            return
        common = self.open()
        for one in before.participants:
            common = common & set(one.selected) if one.method is Method.MANUAL else common
        if common:
            assert self.talk == replace(before, chosen=min(common))
            return
        kept = self.open()
        for one in sorted(before.participants, key=lambda one: -one.turn):
            now = next(other for other in self.talk.participants if other.key == one.key)
            assert bool(now.selected) == bool(kept & set(one.selected))
            kept = kept & set(one.selected) or kept
        assert self.talk.chosen is None

    def check_rules(self):
        """What holds after every step."""
        talk = self.talk
        statuses = [talk.status(one) for one in talk.participants]
        for one, status in zip(talk.participants, statuses, strict=True):
            assert (status is Status.COMPLETE) == talk.is_complete
            assert (status is Status.NEEDS_ACTION) == bool(possible_actions(status))
            assert one.method is Method.MANUAL or status is not Status.NEEDS_ACTION
            assert talk.chosen is None or talk.selected(one) == (talk.chosen,)
        if talk.chosen is not None:
            assert all(talk.chosen in one.selected for one in talk.participants if one.method is Method.MANUAL)
        elif any(one.method is Method.MANUAL for one in talk.participants):
            assert Status.NEEDS_ACTION in statuses


@pytest.mark.parametrize("seed", SEEDS)
def test_a_conversation_keeps_its_rules(seed):
    chance = Random(seed)
    for _ in range(CONVERSATIONS):
        walk = Walk(chance)
        for _ in range(STEPS):
            walk.step()


def test_the_walks_see_agreement_and_disagreement_and_refusals():
    walks = [Walk(Random(seed)) for seed in range(300)]
    for walk in walks:
        for _ in range(STEPS):
            walk.step()
    assert sum(walk.talk.is_complete for walk in walks) > 50
    assert sum(not walk.talk.is_complete for walk in walks) > 50
    assert sum(len(walk.talk.participants) == 5 for walk in walks) > 20
