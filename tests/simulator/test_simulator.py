"""A thousand simulated worlds, and whether the simulator would notice if something were wrong.

A failure names its seed and the command that lives the same world again.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.make import HOUR, at, auto, conversation, manual, period
from tests.simulator import judge
from tests.simulator.__main__ import COUNTED, LINES_TOLD, lived, lived_all, main
from tests.simulator.broken import BROKEN
from tests.simulator.invariants import Violation
from tests.simulator.world import Account, Rules, World

SEEDS, CHUNKS = 1000, 20
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_happens_in_a_world_the_rules_hold(chunk):
    seeds = range(SEEDS * chunk // CHUNKS, SEEDS * (chunk + 1) // CHUNKS)
    assert lived_all(seeds)["steps"] > 40 * len(seeds)


# What is simulated is worth simulating.


def test_everything_that_is_counted_happens():
    counts = lived_all(range(100))
    assert [text for name, text in COUNTED.items() if not counts[name]] == []


def test_conversations_have_two_to_ten_participants_and_most_find_a_time():
    talks = [talk for seed in range(40) for talk in lived(seed).world.talks.values()]
    assert {len(talk.participants) for talk in talks} == set(range(2, 11))
    assert 0.5 < sum(talk.is_complete for talk in talks) / len(talks) < 1


# It is the same world each time.


def test_a_seed_makes_the_same_world_in_every_process():
    program = (
        "from tests.simulator.__main__ import lived\nfor seed in range(5): print(*lived(seed).trial.story, sep='\\n')"
    )
    one, other = (
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=surroundings | {"PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
        ).stdout
        for surroundings in ({"PYTHONHASHSEED": "1", "TZ": "Pacific/Chatham"}, {"PYTHONHASHSEED": "2", "TZ": "UTC"})
    )
    assert one == other
    assert one.count(b" selects ") > 20


def test_a_violation_is_told_with_the_end_of_its_story_and_how_to_see_it_again(capsys):
    broken, _ = BROKEN["books nothing"]
    assert main(50, 300, broken) == 1
    told = capsys.readouterr().out
    seed = told.partition("SEEDS=1 SEED=")[2].split(" ")[0]
    assert told.startswith("\nVIOLATION: what is agreed is booked")
    assert f"seed {seed}: make simulate SEEDS=1 SEED={seed} " in told
    assert 5 <= len(told.splitlines()) <= LINES_TOLD + 5
    assert main(1, int(seed), broken) == 1
    assert capsys.readouterr().out == told


def test_without_a_violation_the_counts_are_told(capsys):
    assert main(30, 7) == 0
    told = capsys.readouterr().out
    assert all(text in told for text in COUNTED.values())
    assert "30 seeds from 7: no violation" in told


# It would notice.


@pytest.mark.parametrize(("rules", "broken"), BROKEN.values(), ids=BROKEN)
def test_broken_rules_are_noticed(rules, broken):
    with pytest.raises(Violation, match=broken):
        lived_all(range(200), rules=rules)


# The judge knows what the documents say in words.


def world(*events, now="08:00", opened=()):
    """A world with account 1, which has these events and, for the application of the makers, these hours."""
    made = World(Rules(), at(now))
    made.accounts[1] = Account(1, events=list(events), opened={"app": opened})
    return made


def test_slots_exist_on_quarter_hours_and_at_the_starts_of_periods():
    periods = (period("09:05", "10:20"), period("10:20", "10:40"), period("12:00", "12:45"))
    assert judge.existing(periods, HOUR) == (at("09:05"), at("09:15"), at("09:30"))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(world(), ["09:00", "09:15", "09:30", "09:45", "10:00"], id="nothing against it"),
        pytest.param(world(period("10:00", "10:15")), ["09:00"], id="meetings that touch do not conflict"),
        pytest.param(world(now="09:30"), ["09:30", "09:45", "10:00"], id="what begins now is not past"),
        pytest.param(
            world(opened=(period("09:10", "10:20"), period("10:20", "10:50"))), ["09:15", "09:30", "09:45"], id="hours"
        ),
    ],
)
def test_slots_are_selectable_when_not_past_and_free(made, expected):
    grace = manual("@grace")
    karl = judge.Participant("@karl", account=1, managed_availability=True)
    talk = conversation(grace, karl, periods=(period("09:00", "11:00"),))
    assert judge.selectable(made, talk) == {at(one) for one in expected}


def test_a_listing_is_end_to_end_with_what_others_have_selected():
    starts = [at(one) for one in ("09:00", "09:15", "09:30", "10:00", "10:15", "12:00")]
    standing = [at("09:15"), at("11:00")]
    listed = [at(one) for one in ("09:00", "09:15", "10:00", "12:00")]
    assert judge.listing(starts, standing, HOUR, 512) == listed
    assert judge.listing(starts, standing, HOUR, 2) == listed[:2]
    assert judge.listing(starts, standing, HOUR, 1) == [at("09:15")]


def test_the_story_of_three_people_goes_as_told():
    grace, karl, ada = (
        manual("@grace", "09:00", "10:00", turn=1),
        manual("@karl", "10:00", "11:00", turn=2),
        manual("@ada", "11:00", turn=3),
    )
    starts = frozenset(at(one) for one in ("09:00", "10:00", "11:00"))
    assert judge.in_the_way([grace, karl, manual("@ada")], starts) == set()
    assert judge.in_the_way([grace, karl, ada], starts) == {0}
    assert judge.agreement([grace, karl, ada], starts) is None
    assert judge.agreement([manual("@grace", "11:00", turn=4), karl, ada], starts) == at("11:00")


def test_where_nobody_is_asked_the_earliest_start_is_agreed():
    assert judge.agreement([auto("@grace", 1), auto("@karl", 2)], frozenset({at("10:00"), at("09:15")})) == at("09:15")
