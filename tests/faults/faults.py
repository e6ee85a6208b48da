"""What is done to an installation: a plan of faults that follows from the seed, and how each is carried out.

The plan says what happens, to whom, for how long and at which second of the run. It is the same for the same seed,
length and shape. A fault that is due while another one is still going on waits for its end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests import postgresql
from tests.faults.installation import Installation, Shape
from tests.faults.proxy import Proxy
from tests.faults.world import drawn

LEASE = 30  # seconds for which a worker keeps what it has claimed
USUAL_SHARE = 0.01  # of the answers that do not arrive at any time
CLOCKS = (-3600, -600, -60, -5, 5, 60, 600, 3600)
DISKS = (0.0, 0.25, 0.5, 1.0, 1.02)  # how large files can become, as a share of the largest
DATABASE_DISKS = (1 << 20, 1 << 23, 15 << 20)  # the same in bytes; a piece of PostgreSQL's log has 16 MiB
LONG_RUN = 300  # seconds; shorter runs let clocks jump over a lease instead of waiting for its end
EVERYWHERE = {"kill": 10, "stop": 3, "freeze": 5, "outlive_lease": 3, "lose": 4, "clock": 5, "neighbours": 2}
ONLY = {
    "sqlite": {"fill_disk": 4},
    "postgresql": {"kill_database": 5, "freeze_database": 4, "fill_database_disk": 2},
}
ONLY_WITH_PROCESSES = {"kill_child": 5}
ONLY_LONG = {"sqlite": {"long_freeze": 1}, "postgresql": {"long_freeze": 1, "long_freeze_database": 2}}


@dataclass(frozen=True)
class Fault:
    """Something to be done at a second of the run; `target` is a process, `amount` depends on the kind."""

    at: float
    kind: str
    target: str
    seconds: float
    amount: float = 0.0


@dataclass
class Ground:
    """Where faults happen, and what commands have acknowledged meanwhile."""

    installation: Installation
    proxies: Sequence[Proxy]
    commanded: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def plan(seed: str, seconds: float, shape: Shape) -> list[Fault]:
    """The faults of a run of so many seconds; shorter runs have them closer together."""
    chance = Random(f"{seed}/faults")
    gap = min(4.0, max(0.6, seconds / 15))
    kinds = possible_kinds(shape, is_long=seconds >= LONG_RUN)
    targets = _targets(shape)
    faults, at = [], gap / 2
    unseen = sorted(kinds)  # first one of each, so that short runs see everything
    chance.shuffle(unseen)
    while at < seconds:
        kind = unseen.pop() if unseen else drawn(chance, kinds)
        faults.append(_fault(chance, at, kind, targets))
        at += chance.uniform(0.5, 1.5) * gap
    return faults


def possible_kinds(shape: Shape, *, is_long: bool) -> dict[str, int]:
    """What can be done to an installation of this shape, with weights."""
    with_processes = ONLY_WITH_PROCESSES if shape.processes > 1 else {}
    return EVERYWHERE | ONLY[shape.database] | with_processes | (ONLY_LONG[shape.database] if is_long else {})


def _targets(shape: Shape) -> list[str]:
    return [f"server-{n}" for n in range(shape.servers)] + [f"worker-{n}" for n in range(shape.workers)]


def _servers(targets: Sequence[str]) -> list[str]:
    return [one for one in targets if one.startswith("server")]


def _fault(chance: Random, at: float, kind: str, targets: Sequence[str]) -> Fault:
    target = chance.choice(targets)
    match kind:
        case "kill" | "kill_database":
            return Fault(at, kind, target, chance.uniform(0, 0.5))
        case "freeze" | "freeze_database" | "outlive_lease":
            return Fault(at, kind, target, chance.uniform(0.2, 2))
        case "long_freeze":
            return Fault(at, kind, target, LEASE + 3)
        case "long_freeze_database":
            return Fault(at, kind, target, chance.uniform(5, 9))
        case "kill_child":
            return Fault(at, kind, chance.choice(_servers(targets)), 2, chance.random())
        case "lose":
            return Fault(at, kind, target, chance.uniform(0.5, 2), chance.uniform(0.1, 0.4))
        case "clock":
            return Fault(at, kind, target, chance.uniform(0.5, 3), chance.choice(CLOCKS))
        case "fill_disk":
            return Fault(at, kind, target, chance.uniform(0.3, 2), chance.choice(DISKS))
        case "fill_database_disk":
            return Fault(at, kind, target, chance.uniform(0.3, 2), chance.choice(DATABASE_DISKS))
        case _:
            return Fault(at, kind, target, 0)


def kills(seed: str, cycles: int, shape: Shape) -> list[Fault]:
    """So many kills, each a moment after the one before is got over: of a server, a worker, or all processes."""
    chance = Random(f"{seed}/kills")
    kinds = ("cycle", "cycle", "cycle_all") if shape.servers + shape.workers > 1 else ("cycle",)
    targets = _targets(shape)
    return [Fault(0, chance.choice(kinds), targets[n % len(targets)], chance.uniform(0.1, 1.5)) for n in range(cycles)]


def carry_out(ground: Ground, fault: Fault) -> None:
    """Do it, and undo it."""
    KINDS[fault.kind](ground, fault)


def _kill(ground: Ground, fault: Fault) -> None:
    process = ground.installation.process(fault.target)
    process.kill()
    time.sleep(fault.seconds)
    process.start()


def _cycle(ground: Ground, fault: Fault) -> None:
    time.sleep(fault.seconds)
    process = ground.installation.process(fault.target)
    process.kill()
    process.start()


def _cycle_all(ground: Ground, fault: Fault) -> None:
    time.sleep(fault.seconds)
    processes = ground.installation.processes
    for one in processes:
        one.kill()
    with ThreadPoolExecutor(len(processes)) as pool:
        list(pool.map(lambda one: one.start(), processes))


def _stop(ground: Ground, fault: Fault) -> None:
    process = ground.installation.process(fault.target)
    process.stop()
    process.start()


def _freeze(ground: Ground, fault: Fault) -> None:
    process = ground.installation.process(fault.target)
    process.freeze()
    time.sleep(fault.seconds)
    process.thaw()


def _outlive_lease(ground: Ground, fault: Fault) -> None:
    """Everybody's clock goes past the end of every lease while the process does not move."""
    process = ground.installation.process(fault.target)
    process.freeze()
    time.sleep(fault.seconds / 2)
    ground.installation.advance(LEASE + 10)
    time.sleep(fault.seconds / 2)
    process.thaw()


def _lose(ground: Ground, fault: Fault) -> None:
    for one in ground.proxies:
        one.share = fault.amount
    time.sleep(fault.seconds)
    for one in ground.proxies:
        one.share = USUAL_SHARE


def _clock(ground: Ground, fault: Fault) -> None:
    ground.installation.set_clock(fault.target, int(fault.amount))
    time.sleep(fault.seconds)
    ground.installation.set_clock(fault.target, 0)


def _fill_disk(ground: Ground, fault: Fault) -> None:
    process = ground.installation.process(fault.target)
    process.fill_disk(int(ground.installation.file_size * fault.amount))
    time.sleep(fault.seconds)
    process.free_disk()


def _kill_child(ground: Ground, fault: Fault) -> None:
    """One of several processes is killed; the one that watches them starts another."""
    children = ground.installation.process(fault.target).children()
    if children:
        os.kill(children[int(fault.amount * len(children))], signal.SIGKILL)
    else:
        ground.wrong.append(f"{fault.target} serves in no processes of its own")
    time.sleep(fault.seconds)


def _kill_database(ground: Ground, fault: Fault) -> None:
    database = ground.installation.database
    if database is None:
        raise ValueError("an SQLite database has no process of its own")
    database.kill()
    time.sleep(fault.seconds)
    began = time.monotonic()
    database.start()
    for one in ground.installation.servers:
        one.wait_until_ready(began)


def _freeze_database(ground: Ground, fault: Fault) -> None:
    database = ground.installation.database
    if database is None:
        raise ValueError("an SQLite database has no process of its own")
    database.freeze()
    time.sleep(fault.seconds)
    database.thaw()


def _fill_database_disk(ground: Ground, fault: Fault) -> None:
    """PostgreSQL's files cannot grow; where its log cannot, it ends by itself and has to be started again."""
    database = ground.installation.database
    if database is None or database.postmaster is None:
        raise ValueError("no PostgreSQL runs")
    _limit_files(database, int(fault.amount))
    time.sleep(fault.seconds)
    _limit_files(database, None)
    if database.postmaster.poll() is not None:
        database.kill()
        database.start()


def _limit_files(database: postgresql.Server, size: int | None) -> None:
    """Bound the files of every process of the server; not even root may do that everywhere, its own user may."""
    owner = database.data.stat()
    its_user: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    limit = f"--fsize={'unlimited' if size is None else size}:"
    for process in database.processes():
        words = ["prlimit", f"--pid={process}", limit]
        subprocess.run(words, capture_output=True, **({} if os.geteuid() else its_user))  # it may have ended


def _neighbours(ground: Ground, fault: Fault) -> None:
    """Commands work on the same database at once; a second service on an SQLite file is refused."""
    names = [f"Neighbour {fault.at:.3f} {n}" for n in range(2)]
    calls = [("application", "create", name, "--json") for name in names]
    if ground.installation.database is None:
        calls.append(("serve", "--port", "0"))
    with ThreadPoolExecutor(len(calls)) as pool:
        done = list(pool.map(lambda words: ground.installation.command(*words), calls))
    ground.commanded += [name for name, (status, _, _) in zip(names, done, strict=False) if status == 0]
    if len(done) > len(names) and "another parley serve" not in done[-1][2]:
        ground.wrong.append(f"a second service on the same file was not refused: {done[-1]}")


KINDS: dict[str, Callable[[Ground, Fault], None]] = {
    "kill": _kill,
    "cycle": _cycle,
    "cycle_all": _cycle_all,
    "stop": _stop,
    "freeze": _freeze,
    "outlive_lease": _outlive_lease,
    "long_freeze": _freeze,
    "lose": _lose,
    "clock": _clock,
    "fill_disk": _fill_disk,
    "kill_child": _kill_child,
    "kill_database": _kill_database,
    "freeze_database": _freeze_database,
    "long_freeze_database": _freeze_database,
    "fill_database_disk": _fill_database_disk,
    "neighbours": _neighbours,
}
