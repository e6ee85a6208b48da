"""A world on trial: what can be done in it, each answer compared with the judge's, each time told and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from parley.core.conversation import Change, Conversation, Decision, Type
from parley.core.errors import NotYourTurn, Refusal, SlotsTaken, SlotsUnknown
from tests.simulator import invariants, judge
from tests.simulator.invariants import check
from tests.simulator.words import clock, clocks
from tests.simulator.world import Reading, Rules, World

Between = Callable[[], None]
Starts = Sequence[int | None]


def nothing() -> None:
    """What usually happens between a decision and its recording."""


class Trial:
    """The world, what is remembered to judge it by, and the story so far."""

    def __init__(self, rules: Rules, now: int) -> None:
        self.world = World(rules, now)
        self.watch = invariants.Watch()
        self.counts: Counter[str] = Counter()
        self.story: list[str] = []
        self.seen: dict[tuple[str, int], tuple[list[int], bool]] = {}  # what somebody was shown, and whether to choose
        self.looked: dict[str, object] = {}

    def tell(self, text: str) -> None:
        """Add a line to the story."""
        self.story.append(f"{clock(self.world.now):>10}  {text}")

    def look_at_slots(self) -> None:
        """See in every open conversation whether what can be chosen and what is listed is what it must be."""
        for talk in self.world.talks.values():
            age = (talk.version, self.world.versions(talk), self.world.now)
            if talk.chosen is None and self.looked.get(talk.id) != age:
                self.looked[talk.id] = age
                reading = self.world.read(talk)
                invariants.slots(reading)
                self.listed(reading, len(self.story) % len(talk.participants))

    def listed(self, reading: Reading, position: int) -> list[int]:
        """What the participant would be shown."""
        most = self.world.limits[reading.talk.application].max_listed_slots
        found = reading.availability.listed(reading.talk.standing(position), most)
        invariants.listed(most, reading, position, found)
        return found

    def show(self, name: str, position: int) -> list[int]:
        """The participant looks at the slots, and remembers them."""
        talk = self.world.talks[name]
        found = [] if talk.is_complete else self.listed(self.world.read(talk), position)
        self.seen[name, position] = found, judge.is_turn(talk, talk.participants[position])
        self.tell(f"{name} {position} is shown {clocks(found)}")
        return found

    def open(self, talk: Conversation, between: Between = nothing) -> None:
        """A conversation is opened; `between` happens after it was decided and before it is recorded."""
        people = ", ".join(
            f"{one.method}{'' if one.account is None else f' {one.account}'}{'m' if one.managed_availability else ''}"
            for one in talk.participants
        )
        periods = ", ".join(f"{clock(one.start)}-{clock(one.end)}" for one in talk.periods)
        self.tell(f"{talk.id} of {talk.application} opens: {people}; {talk.duration // 60} minutes in {periods}")
        self.counts["opened"] += 1
        self.counts["of ten people"] += len(talk.participants) == 10
        first = self.carried_out(talk, lambda reading: self.settled(reading, [Change(Type.CREATED)]), between)
        then = self.world.talks[talk.id].chosen
        if first and first.chosen not in (None, then):
            self.counts["auto lost"] += 1
            self.counts["auto took the next"] += then is not None

    def settle(self, name: str, between: Between = nothing) -> None:
        """The worker brings a conversation in line with its people's time."""
        self.carried_out(self.world.talks[name], self.settled, between)

    def settled(self, reading: Reading, first: Sequence[Change] = ()) -> Decision:
        """What the core makes of the conversation, and that it makes no more of it the second time."""
        after, changes = self.world.rules.settle(reading.talk, reading.availability)
        invariants.settled(reading, reading.talk, after, changes)
        self.check_settled_again(reading, after)
        return after, [*first, *changes]

    def select(self, name: str, position: int, starts: Starts, between: Between = nothing) -> bool:
        """The participant selects; whether that succeeds."""
        self.tell(f"{name} {position} selects {clocks(starts)}")
        talk = self.world.talks[name]
        return self.carried_out(talk, lambda reading: self.decided(reading, position, starts), between) is not None

    def crash(self, name: str, position: int, starts: Starts) -> None:
        """The participant selects, and the process ends after deciding, before anything is recorded."""
        self.tell(f"{name} {position} selects {clocks(starts)}, and the process ends")
        before = self.world.fingerprint()
        self.decided(self.world.read(self.world.talks[name]), position, starts)
        check(self.world.fingerprint() == before, "what was not recorded did not happen")
        self.counts["crashes"] += 1

    def carried_out(
        self, talk: Conversation, decide: Callable[[Reading], Decision | None], between: Between
    ) -> Conversation | None:
        """Read, decide and record, anew where the world has changed meanwhile; the first decision, None if refused."""
        reading = self.world.read(talk)
        first = decision = decide(reading)
        between()
        while decision is not None and not self.world.record(reading, *decision):
            self.counts["decided again"] += 1
            self.tell(f"{talk.id} has changed meanwhile and is decided again")
            reading = self.world.read(self.world.talks.get(talk.id, talk))
            decision = decide(reading)
        if decision is not None:
            self.tell_changes(talk.id, decision[1])
            self.watch.look(self.world)
        return first[0] if first and decision else None

    def decided(self, reading: Reading, position: int, starts: Starts) -> Decision | None:
        """What the core answers to a selection; None if it is refused, as it must be then."""
        due, before = judge.refusal(reading, position, starts), self.world.fingerprint()
        answer = self.answered(reading, reading.talk, position, starts)
        if isinstance(answer, Refusal):
            check(self.world.fingerprint() == before, "a refused call changes nothing")
            invariants.refused(answer, due, reading, starts)
            self.count_refusal(reading, position, starts, answer)
            return None
        check(due is None, f"a refusal was due, {due.__name__ if due else ''}", "the call succeeds")
        check(self.world.fingerprint() == before, "what is decided is not recorded yet")
        invariants.selected(reading, position, [start for start in starts if start is not None], *answer)
        after, changes = answer
        self.counts["repeats"] += not changes
        self.counts["repeats of what is agreed"] += reading.talk.is_complete
        again = self.answered(reading, after, position, starts)
        check(again == (after, []), "a selection that is repeated at once succeeds and changes nothing", again)
        if changes:  # a repeat may find a selection that a message is about to clear
            self.check_settled_again(reading, after)
        return answer

    def answered(self, reading: Reading, talk: Conversation, position: int, starts: Starts) -> Decision | Refusal:
        """What the core says to a selection."""
        try:
            return self.world.rules.select(talk, position, starts, reading.availability)
        except (SlotsUnknown, NotYourTurn, SlotsTaken) as refusal:
            return refusal

    def check_settled_again(self, reading: Reading, after: Conversation) -> None:
        """What is settled stays as it is when it is settled again."""
        again = self.world.rules.settle(after, reading.availability)
        check(again == (after, []), "settling again changes nothing", again[1])

    def tell_changes(self, name: str, changes: Sequence[Change]) -> None:
        """Tell and count what was recorded."""
        for one in changes:
            if one.type is Type.AGREED:
                self.tell(f"{name} is agreed: {clocks(one.starts)}")
            elif one.type is Type.CLEARED:
                self.tell(f"{name} {one.position} is asked again")
        nobody_called = changes[:1] and changes[0].type not in (Type.CREATED, Type.SELECTED)
        self.counts.update(f"{one.type}{' after a change of time' if nobody_called else ''}" for one in changes)

    def count_refusal(self, reading: Reading, position: int, starts: Starts, refusal: Refusal) -> None:
        """Tell and count a refusal, and whether it is a race that was lost."""
        why = type(refusal).__name__
        talk = reading.talk
        shown, was_turn = self.seen.get((talk.id, position), ([], False))
        if isinstance(refusal, SlotsTaken) and set(starts) <= set(shown):
            gone = [talk.slot(start) for start in starts if start is not None and start not in reading.selectable]
            booked = [one for key in talk.accounts for one in self.world.accounts[key].bookings.values()]
            lost = any(one.start < slot.end and slot.start < one.end for slot in gone for one in booked)
            why = "lost to a conversation" if lost else "lost to a calendar"
        elif isinstance(refusal, NotYourTurn) and was_turn and talk.is_complete:
            why = "lost inside"
        self.counts[why] += 1
        self.tell(f"{talk.id} {position} is refused: {why}")
