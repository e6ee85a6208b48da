"""Faults under load, for some seconds: nothing acknowledged is lost and nothing is booked twice.

PARLEY_FAULTS_SEED repeats what a seed draws. `make torture` does the same for longer.
"""

from __future__ import annotations

import os
from secrets import token_hex

import pytest

from tests.faults import faults
from tests.faults.__main__ import summary
from tests.faults.checker import check
from tests.faults.history import Outcome, save
from tests.faults.installation import Shape
from tests.faults.load import Manner
from tests.faults.torture import Setting, torture

SEED = os.environ.get("PARLEY_FAULTS_SEED") or token_hex(4)
SECONDS = 11


def short(shape, plan):
    manner = Manner(pause=0.03, patience=4)
    return Setting(SEED, shape, SECONDS, plan, clients=6, manner=manner, in_a_hurry=True)


def done(setting, folder, told):
    """Carry it out, and say in a line what happened."""
    result = torture(setting, folder, lambda *_: None)
    violations = check(result.run)
    told.append(f"{setting.shape.database}, PARLEY_FAULTS_SEED={SEED}: {len(violations)} violations")
    told += [line for line in summary(result) if violations or line.startswith(("operations", "faults"))]
    if violations:
        told += violations
        save(result.run, folder / "run.json")
        told.append(f"python -m tests.faults.checker {folder / 'run.json'} checks this run again")
    return result, violations


SHAPES = [Shape(), Shape("postgresql", servers=2, workers=1)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.database)
def test_nothing_is_lost_and_nothing_is_doubled(tmp_path, told, shape):
    plan = faults.plan(SEED, SECONDS, shape)
    result, violations = done(short(shape, plan), tmp_path, told)
    assert violations == []
    assert_that_it_was_a_run(result, kinds=set(faults.possible_kinds(shape, is_long=False)))


def assert_that_it_was_a_run(result, kinds):
    """A run in which nothing happens finds nothing."""
    outcomes = [one.outcome for one in result.run.operations]
    assert min(outcomes.count(one) for one in Outcome) >= 10
    assert sum(one.chosen is not None for one in result.run.final.talks) >= 10
    assert set(result.faults) == kinds
