"""Accounts, applications and conversations at random: who takes part, how, and when they could meet."""

from __future__ import annotations

from random import Random

from parley.core.conversation import Conversation, Method, Participant
from parley.core.limits import MINUTE, Limits
from parley.core.periods import Period
from tests.make import at, conversation
from tests.simulator import judge
from tests.simulator.world import Account, World

APPLICATIONS = ("red", "blue", "green")
SIZES = {2: 8, 3: 5, 4: 3, 5: 2, 6: 1, 7: 1, 8: 1, 9: 1, 10: 3}  # how many take part, how often
LONGEST = 90 * MINUTE


def people_the_world(chance: Random, world: World) -> None:
    """Three applications and a handful of accounts, each of them busy now and then."""
    for name in APPLICATIONS:
        selected, shown = chance.choice([1, 1, 3, 3, 6]), chance.choice([512, 512, 512, 12, 4, 1])
        world.limits[name] = Limits(max_participants=10, max_selected_slots=selected, max_listed_slots=shown)
    for key in range(1, chance.randint(2, 10) + 1):
        account = world.accounts[key] = Account(key)
        account.events += [an_event(chance) for _ in range(chance.choice([0, 0, 1, 1, 2, 3]))]
        for name in APPLICATIONS:
            if chance.random() < 0.2:
                account.opened[name] = some_hours(chance)


def an_event(chance: Random) -> Period:
    """Somewhere in the day, mostly at five minutes."""
    start = at("08:00") + 5 * MINUTE * chance.randrange(96) + chance.choice([0, 0, 0, 0, 1, 59])
    return Period(start, start + MINUTE * chance.choice([5, 15, 30, 30, 45, 60, 60, 150]))


def some_hours(chance: Random) -> tuple[Period, ...]:
    """Stored Available Periods: one that holds most of the day, or a few that may touch or overlap."""
    if chance.random() < 0.6:
        return (Period(at("08:30"), at("17:30")),)
    return tuple(
        Period(start, start + MINUTE * chance.choice([60, 180, 300]))
        for start in (at("08:00") + 15 * MINUTE * chance.randrange(30) for _ in range(chance.randint(1, 4)))
    )


def a_conversation(chance: Random, world: World, number: int, *, is_auto: bool = False) -> Conversation:
    """Some people, and periods in which there are slots; mostly there are some that suit everybody."""
    while True:
        talk = any_conversation(chance, world, number, is_auto=is_auto)
        without = 0.3 if is_auto else 0.05  # how often nothing suits
        if judge.existing(talk.periods, talk.duration) and (judge.selectable(world, talk) or chance.random() < without):
            return talk


def any_conversation(chance: Random, world: World, number: int, *, is_auto: bool) -> Conversation:
    """Some people, some of whom have an account, and some periods; perhaps there is no slot in them."""
    return conversation(
        *some_people(chance, world, 1.0 if is_auto else chance.choice([0.0, 0.0, 0.3, 0.5, 0.8, 1.0])),
        id=f"talk-{number}",
        application=chance.choice(APPLICATIONS),
        created_at=world.now,
        duration=MINUTE * chance.choice([15, 30, 30, 45, 60, 60, 90]),
        periods=some_periods(chance),
    )


def some_periods(chance: Random) -> tuple[Period, ...]:
    """One to three; the next may touch or overlap the one before."""
    found: list[Period] = []
    for _ in range(chance.choice([1, 1, 2, 3])):
        start = at("08:00", chance.choice([0, 0, 0, 1])) + 5 * MINUTE * chance.randrange(84)
        if found and chance.random() < 0.3:
            start = found[-1].end - MINUTE * chance.choice([0, 0, 5, 30])
        start += chance.choice([0] * 19 + [7])
        found.append(Period(start, start + MINUTE * chance.choice([30, 60, 90, 100, 120, 180, 240])))
    return tuple(found)


def some_people(chance: Random, world: World, share_of_auto: float) -> list[Participant]:
    """Two to ten; who is `auto` has an account, and no account takes part twice."""
    keys = chance.sample(sorted(world.accounts), len(world.accounts))
    size = chance.choices(list(SIZES), list(SIZES.values()))[0]
    found = []
    for number in range(min(size, len(keys)) if share_of_auto == 1 else size):
        is_auto = bool(keys) and chance.random() < share_of_auto
        account = keys.pop() if is_auto or (keys and chance.random() < 0.5) else None
        found.append(
            Participant(
                f"@{number}",
                method=Method.AUTO if is_auto else Method.MANUAL,
                account=account,
                managed_availability=account is not None and chance.random() < 0.3,
            )
        )
    return found
