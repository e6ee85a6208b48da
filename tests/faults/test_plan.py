"""What a seed decides: the plan of faults is the same again, and every run sees every kind."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.faults import faults
from tests.faults.clock.sitecustomize import OFFSET
from tests.faults.installation import Shape
from tests.faults.process import CLOCK_FOLDER

SQLITE, POSTGRESQL = Shape(), Shape("postgresql", servers=2, processes=2, workers=2)


@pytest.mark.parametrize("shape", [SQLITE, POSTGRESQL], ids=lambda shape: shape.database)
def test_a_seed_plans_the_same_faults_again(shape):
    assert faults.plan("seed", 600, shape) == faults.plan("seed", 600, shape) != faults.plan("another", 600, shape)
    assert faults.kills("seed", 50, shape) == faults.kills("seed", 50, shape) != faults.kills("another", 50, shape)


@pytest.mark.parametrize("shape", [SQLITE, POSTGRESQL], ids=lambda shape: shape.database)
@pytest.mark.parametrize("seed", range(20))
def test_a_short_run_sees_every_kind_of_fault(shape, seed):
    kinds = {one.kind for one in faults.plan(str(seed), 11, shape)}
    assert kinds == set(faults.possible_kinds(shape, is_long=False))


def test_a_long_run_waits_for_the_end_of_a_lease_and_hits_every_process():
    planned = faults.plan("seed", 3600, POSTGRESQL)
    assert {one.kind for one in planned} == set(faults.possible_kinds(POSTGRESQL, is_long=True))
    assert all(one.seconds > faults.LEASE for one in planned if one.kind == "long_freeze")
    assert {one.target for one in planned} == {"server-0", "server-1", "worker-0", "worker-1"}


def test_the_clock_of_a_process_can_be_set_while_it_runs(tmp_path):
    clock = tmp_path / "clock"
    clock.write_bytes(OFFSET.pack(-3600))
    script = "import sys, time\nfor _ in sys.stdin: print(time.time(), flush=True)"
    environment = {**os.environ, "PYTHONPATH": CLOCK_FOLDER, "PARLEY_FAULTS_CLOCK": str(clock)}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        for offset in (-3600, 0, 7200):
            with clock.open("r+b") as file:
                file.write(OFFSET.pack(offset))
            print("now", file=process.stdin, flush=True)
            assert abs(float(process.stdout.readline()) - time.time() - offset) < 5
        process.stdin.close()
