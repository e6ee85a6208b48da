"""One world, step by step at random; everything follows from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product
from random import Random

from parley.core.conversation import Conversation, Method
from parley.core.limits import MINUTE
from parley.core.periods import Period
from tests.make import SUNDAY_NOON, at
from tests.simulator import invariants, judge, opening
from tests.simulator.invariants import check
from tests.simulator.trial import Trial
from tests.simulator.words import clock
from tests.simulator.world import Account, Rules

STEPS = 40
MOST_TALKS, MOST_UNFINISHED = 9, 4

OFTEN = {  # how often each kind of step is taken, beside the others
    "look_at_slots": 6,
    "choose": 26,
    "race": 9,
    "repeat": 8,
    "blunder": 5,
    "open": 4,
    "open_two_at_once": 3,
    "change_calendar": 10,
    "make_room": 5,
    "change_hours": 3,
    "end_a_booking": 3,
    "deliver": 14,
    "wait": 6,
}


class Walk:
    """A world that lives by chance, and is looked at after each step."""

    def __init__(self, seed: int, rules: Rules = Rules()) -> None:  # noqa: B008  (it is frozen)
        self.chance = Random(seed)
        self.trial = Trial(rules, self.chance.choice([SUNDAY_NOON, at("08:30"), at("10:10")]))
        self.world = self.trial.world
        self.calls: list[tuple[str, int, Sequence[int | None]]] = []
        opening.people_the_world(self.chance, self.world)

    def run(self) -> None:
        """Live; raises Violation."""
        for _ in range(self.chance.randint(2, 3)):
            self.done(self.open)
        for name in self.chance.choices(list(OFTEN), list(OFTEN.values()), k=STEPS):
            self.done(getattr(self, name) if self.unfinished() else self.open)
        self.done(self.deliver_all)
        invariants.check_quiet(self.world)
        self.done(self.agree_in_the_end)

    def done(self, step) -> None:
        """Take a step and look at everything."""
        step()
        self.trial.counts["steps"] += 1
        self.trial.look_at_slots()

    # What participants do.

    def somebody(self) -> tuple[Conversation, int]:
        """Someone in some conversation; mostly someone who is asked."""
        talks = list(self.world.talks.values())
        unfinished = self.unfinished()
        talk = self.chance.choice(unfinished if unfinished and self.chance.random() < 0.85 else talks)
        asked = [at for at, one in enumerate(talk.participants) if judge.is_turn(talk, one)]
        return talk, self.chance.choice(
            asked if asked and self.chance.random() < 0.85 else range(len(talk.participants))
        )

    def unfinished(self) -> list[Conversation]:
        """The conversations in which nothing is agreed."""
        return [talk for talk in self.world.talks.values() if talk.chosen is None]

    def look_at_slots(self) -> None:
        """Somebody lists the slots; what they remember grows old."""
        talk, position = self.somebody()
        self.trial.show(talk.id, position)

    def choose(self) -> None:
        """Somebody selects, and sometimes that does not go smoothly."""
        talk, position = self.somebody()
        starts = self.wish(talk, position)
        fate = self.chance.random()
        if fate < 0.08:
            self.trial.crash(talk.id, position, starts)
        elif fate < 0.2:
            self.select(talk.id, position, starts, between=self.disturb)
        elif self.select(talk.id, position, starts) and fate < 0.35:
            self.trial.counts["answers lost"] += 1
            check(self.select(talk.id, position, starts), "who repeats a call after its answer was lost succeeds")

    def select(self, name: str, position: int, starts: Sequence[int | None], **more) -> bool:
        """Select, and keep the call for a repetition."""
        self.calls.append((name, position, starts))
        return self.trial.select(name, position, starts, **more)

    def wish(self, talk: Conversation, position: int) -> list[int]:
        """Starts that somebody would like: of those that they were shown, perhaps long ago, or any at all."""
        shown, _ = self.trial.seen.get((talk.id, position), ([], False))
        if not shown or self.chance.random() < 0.3:
            shown = self.trial.show(talk.id, position)
        if not shown or self.chance.random() < 0.1:
            shown = list(judge.existing(talk.periods, talk.duration))
        most = self.chance.randint(1, self.most(talk))
        others = [start for start in talk.standing(position) if start in shown]
        some = self.chance.sample(others, min(len(others), most)) if self.chance.random() < 0.75 else []
        if not some or self.chance.random() < 0.6:
            some += self.chance.sample(shown, min(len(shown), most))
        return list(dict.fromkeys(some))[:most]

    def most(self, talk: Conversation) -> int:
        """How many starts one selection may have."""
        return self.world.limits[talk.application].max_selected_slots

    def race(self) -> None:
        """In two conversations that share an account the last who is asked is shown the slots; both want one time."""
        rivals = self.rivals()
        starts = self.overlapping(*self.chance.choice(rivals)) if rivals else {}
        last = {name: self.all_but_one(name, start) for name, start in starts.items()}
        ready = [(name, position) for name, position in last.items() if position is not None]
        for name, position in ready:
            self.trial.show(name, position)
        for name, position in ready:
            self.select(name, position, [starts[name]])

    def rivals(self) -> list[tuple[Conversation, Conversation]]:
        """Pairs of conversations that want time of the same account."""
        pairs = permutations(self.unfinished(), 2)
        return [(one, other) for one, other in pairs if set(one.accounts) & set(other.accounts)]

    def overlapping(self, one: Conversation, other: Conversation) -> dict[str, int]:
        """A selectable start for each, so that the slots overlap; nothing if there are none."""
        found = [
            (start, near)
            for start, near in product(*(sorted(judge.selectable(self.world, talk)) for talk in (one, other)))
            if near < start + one.duration and start < near + other.duration
        ]
        return dict(zip((one.id, other.id), self.chance.choice(found), strict=True)) if found else {}

    def all_but_one(self, name: str, start: int) -> int | None:
        """All who are asked select the start, except the last, who is answered here."""
        while asked := self.asked(name):
            position = self.chance.choice(asked)
            if len(asked) == 1:
                return position
            if not self.select(name, position, [start]):
                return None
        return None

    def asked(self, name: str) -> list[int]:
        """Who has to act."""
        talk = self.world.talks[name]
        return [at for at, one in enumerate(talk.participants) if judge.is_turn(talk, one)]

    def repeat(self) -> None:
        """A call is made again, at once or much later."""
        if self.calls:
            self.trial.select(*(self.calls[-1] if self.chance.random() < 0.4 else self.chance.choice(self.calls)))

    def blunder(self) -> None:
        """A call that should not be made: slots that do not exist, or somebody who is not asked."""
        talk, position = self.somebody()
        starts = judge.existing(talk.periods, talk.duration)
        some = self.chance.choice(starts)
        wrong = [None, starts[0] - 900, starts[-1] + 900, some + 60, some + 1]
        not_asked = [at for at, one in enumerate(talk.participants) if one.method is Method.AUTO or one.selected]
        if not_asked and self.chance.random() < 0.5:
            self.select(talk.id, self.chance.choice(not_asked), [some])
        elif self.chance.random() < 0.3:
            self.select(talk.id, position, [some, some])
        else:
            self.select(
                talk.id, position, self.chance.sample([some, self.chance.choice(wrong)], self.chance.randint(1, 2))
            )

    # What applications do.

    def open(self) -> None:
        """Another conversation."""
        if self.has_room():
            self.trial.open(self.new_talk())

    def has_room(self) -> bool:
        """Whether the world is small enough for more conversations."""
        return len(self.world.talks) < MOST_TALKS and len(self.unfinished()) < MOST_UNFINISHED

    def new_talk(self, *, is_auto: bool = False) -> Conversation:
        """A conversation that nobody knows of yet."""
        number = self.trial.counts["opened"] + 1
        return opening.a_conversation(self.chance, self.world, number, is_auto=is_auto)

    def open_two_at_once(self) -> None:
        """Two conversations that need no choice are decided on the same reading; both cannot have the same time."""
        if self.has_room():
            first = self.new_talk(is_auto=True)
            self.trial.open(first, between=lambda: self.trial.open(self.new_talk(is_auto=True)))

    def change_calendar(self) -> None:
        """An event comes into a calendar, or goes; sometimes it comes just when people would like to meet."""
        account, wanted = self.an_account(), self.wanted()
        if wanted and self.chance.random() < 0.35:
            key, slot = self.chance.choice(wanted)
            self.add_event(self.world.accounts[key], slot)
        elif account.events and self.chance.random() < 0.55:
            gone = account.events.pop(self.chance.randrange(len(account.events)))
            self.changed(account, f"loses {clock(gone.start)}-{clock(gone.end)}")
        else:
            self.add_event(account, opening.an_event(self.chance))

    def wanted(self) -> list[tuple[int, Period]]:
        """The slots that somebody has selected, with each account that would have to be free then."""
        return [
            (key, talk.slot(start))
            for talk in self.unfinished()
            for one in talk.participants
            for start in one.selected
            for key in talk.accounts
        ]

    def add_event(self, account: Account, period: Period) -> None:
        """An event, at any place among the others."""
        account.events.insert(self.chance.randint(0, len(account.events)), period)
        self.changed(account, f"gets {clock(period.start)}-{clock(period.end)}")

    def an_account(self) -> Account:
        """Any."""
        return self.chance.choice(list(self.world.accounts.values()))

    def changed(self, account: Account, what: str) -> None:
        """An account's time is not what it was: its conversations are to be settled, now or later."""
        self.trial.tell(f"account {account.key} {what}")
        self.world.time_changed(account)
        if self.chance.random() < 0.3:
            self.deliver()

    def make_room(self) -> None:
        """People whose meeting fits nowhere drop what stands against one of its slots."""
        stuck = [talk for talk in self.unfinished() if not judge.selectable(self.world, talk)]
        if stuck:
            talk = self.chance.choice(stuck)
            slot = talk.slot(self.chance.choice(judge.existing(talk.periods, talk.duration)))
            for key in talk.accounts:
                account = self.world.accounts[key]
                account.events = [one for one in account.events if one.end <= slot.start or slot.end <= one.start]
                self.changed(account, f"is kept free in {clock(slot.start)}-{clock(slot.end)}")

    def change_hours(self) -> None:
        """An application stores other Available Periods for an account, or none."""
        account, name = self.an_account(), self.chance.choice(opening.APPLICATIONS)
        account.opened[name] = () if self.chance.random() < 0.4 else opening.some_hours(self.chance)
        hours = ", ".join(f"{clock(one.start)}-{clock(one.end)}" for one in account.opened[name])
        self.changed(account, f"is open to {name} in {hours or 'all time'}")

    def end_a_booking(self) -> None:
        """The event of an agreement is deleted or moved; from then on only the event counts."""
        account = self.an_account()
        if account.bookings:
            name = self.chance.choice(list(account.bookings))
            slot = account.bookings.pop(name)
            self.world.released.add((account.key, name))
            later = self.chance.choice([0, 15, 60]) * MINUTE
            account.events += [Period(slot.start + later, slot.end + later)] if later else []
            self.changed(
                account, f"has the meeting of {name} moved by {later // 60} minutes" if later else f"drops {name}"
            )

    # What happens by itself.

    def disturb(self) -> None:
        """Something that another process does meanwhile."""
        self.chance.choice([self.quick_choice, self.quick_choice, self.change_calendar, self.deliver])()

    def quick_choice(self) -> None:
        """Somebody selects, and nothing goes wrong."""
        talk, position = self.somebody()
        self.select(talk.id, position, self.wish(talk, position))

    def deliver(self) -> None:
        """A worker takes a message, not the oldest perhaps, and settles; it may end before it has said so."""
        if not self.world.messages:
            return
        at = self.chance.randrange(len(self.world.messages))
        names = self.world.open_of(self.world.messages[at])
        self.chance.shuffle(names)
        self.trial.tell(
            f"a message about account {self.world.messages[at]} has {', '.join(names) or 'nothing'} settled"
        )
        fate = self.chance.random()
        kept = [self.world.messages[at]] if fate < 0.25 else []
        self.trial.counts["messages"] += 1
        self.trial.counts["delivered again"] += len(kept)
        self.world.messages[at : at + 1] = kept
        for name in names[: self.chance.randint(0, len(names)) if fate < 0.1 else len(names)]:
            self.trial.settle(name, *([self.quick_choice] if self.chance.random() < 0.05 else []))

    def wait(self) -> None:
        """Time passes; once in a while a clock is set back."""
        seconds = self.chance.choice([1, 60, 240, 600, 900, 1800, 5400, -90])
        self.world.now += seconds
        self.world.latest = max(self.world.latest, self.world.now)
        self.trial.tell("the clock is set back" if seconds < 0 else "time passes")

    # How it ends.

    def deliver_all(self) -> None:
        """The workers catch up."""
        for _ in range(500):
            if not self.world.messages:
                return
            self.deliver()
        check(False, "the backlog drains", self.world.messages)

    def agree_in_the_end(self) -> None:
        """Where a slot is left, people who want to agree can: each who is asked takes the first that they are shown."""
        for name, talk in list(self.world.talks.items()):
            left = judge.selectable(self.world, talk)
            goal = min(left, default=None)
            for _ in range(2 * len(talk.participants)):
                if goal is not None and (asked := self.asked(name)):
                    self.select(name, asked[0], [goal])
            settled = self.world.talks[name]
            agreed = (
                settled.chosen is not None
                or not left
                or not any(one.method is Method.MANUAL for one in talk.participants)
            )
            check(agreed, "those who want to agree can", name)
