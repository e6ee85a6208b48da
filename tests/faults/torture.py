"""One run: an installation under load, a plan of faults, and what is there in the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from parley import data_center
from tests.faults import faults
from tests.faults.checker import DRAIN_SECONDS
from tests.faults.faults import LEASE, Fault, Ground
from tests.faults.finish import drained, final
from tests.faults.history import FOREVER, Operation, Outcome, Run
from tests.faults.installation import Installation, Shape, installed
from tests.faults.line import Json, Line
from tests.faults.load import Client, Manner
from tests.faults.process import Process
from tests.faults.proxy import Proxy
from tests.faults.world import World, founded

MOMENT = 1.0  # for what a killed server has sent to PostgreSQL to be carried out


@dataclass(frozen=True)
class Setting:
    """What a run is: everything that follows from it is drawn from the seed.

    In a hurry, clocks jump over the leases of the last killed worker; otherwise the end of the run waits for them.
    """

    seed: str
    shape: Shape
    seconds: float
    faults: Sequence[Fault]
    clients: int = 8
    manner: Manner = field(default_factory=Manner)
    in_a_hurry: bool = False


@dataclass(frozen=True)
class Result:
    """A run and what it counted beside its operations."""

    run: Run
    faults: Counter[str]
    fates: Counter[str]


Tell = Callable[..., None]  # a step, and how much of it is done, of how much


def torture(setting: Setting, folder: Path, tell: Tell) -> Result:
    """Carry it out; what runs in the end is ended, whatever happens."""
    with ExitStack() as stack:
        installation = stack.enter_context(installed(folder, setting.shape))
        world = founded(installation.settings, setting.seconds / 60)
        installation.start()
        proxies = [_proxy(one, setting.seed) for one in installation.servers]
        for one in proxies:
            stack.callback(one.close)
        ground = Ground(installation, proxies)
        keys_count = _keys_count(proxies[0], world)
        clients = _clients(setting, world, [one.address for one in proxies])
        stack.callback(world.over.set)
        for client in clients:
            client.start()
        done = _done(setting, ground, tell)
        world.over.set()
        for client in clients:
            client.join()
        tell("waiting for what is left to be done")
        found = _come_to_rest(setting, installation, world)
        installation.stop()
        wrong = [*ground.wrong, *_all(one.wrong for one in [*clients, *installation.processes])]
        run = Run(
            operations=tuple(_bounded(setting, _all(one.operations for one in clients), installation.servers)),
            final=found,
            starts=tuple(_all(one.starts for one in installation.processes)),
            wrong=tuple(wrong),
            commanded=tuple(ground.commanded),
            keys_count=keys_count,
        )
        return Result(run, done, _sum(one.counts for one in proxies))


def _proxy(server: Process, seed: str) -> Proxy:
    return Proxy(lambda: server.address, f"{seed}/{server.name}", faults.USUAL_SHARE)


def _clients(setting: Setting, world: World, addresses: Sequence[tuple[str, int]]) -> list[Client]:
    servers = [(f"server-{n}", address) for n, address in enumerate(addresses)]
    made = []
    for n in range(setting.clients):
        chance = Random(f"{setting.seed}/client/{n}")
        line = Line(servers, chance, setting.manner.patience)
        made.append(Client(f"client-{n}", world, line, chance, setting.manner))
    return made


def _keys_count(proxy: Proxy, world: World) -> bool:
    """Whether the service knows the Idempotency-Key: then one key with two bodies is refused as such."""
    proxy.share = 0
    line = Line([("server-0", proxy.address)], Random(0), patience=10)
    bodies: tuple[Json, Json] = ({"subject": "one"}, {"subject": "two"})
    secret = world.applications[0].secret
    told = [line.call("POST", "/v1/scheduling_conversations", secret, body, "probe") for body in bodies]
    line.close()
    proxy.share = faults.USUAL_SHARE
    return told[1].error == "errors.idempotency_key_reused"


def _done(setting: Setting, ground: Ground, tell: Tell) -> Counter[str]:
    """Carry out all of the plan, and let the load go on until its time is over; how often each kind was done."""
    began = time.monotonic()
    done: Counter[str] = Counter()
    for fault in setting.faults:
        time.sleep(max(0.0, began + fault.at - time.monotonic()))
        tell("faults under load", done.total() + 1, len(setting.faults))
        faults.carry_out(ground, fault)
        done[fault.kind] += 1
    time.sleep(max(0.0, began + setting.seconds - time.monotonic()))
    return done


def _come_to_rest(setting: Setting, installation: Installation, world: World) -> object:
    """Kill everything once more, so that no call is left in any process, and wait until nothing is left to do."""
    for one in installation.processes:
        one.kill()
    for one in installation.processes:
        one.start()
    if setting.in_a_hurry:
        installation.advance(LEASE + 10)
    dc = data_center.opened(installation.settings)
    try:
        after, left = drained(dc.db, DRAIN_SECONDS + 30)
    finally:
        dc.db.close()
    address = installation.servers[0].address
    if address is None:
        raise RuntimeError("the server has no address")
    return final(installation.settings, world, address, after, left)


def _bounded(setting: Setting, operations: Iterable[Operation], servers: Iterable[Process]) -> Iterable[Operation]:
    """Calls of unknown outcome have no effect any more once the server that may have got them is dead.

    A call reached the server between its beginning and its end, so the first death after its end is late enough.
    """
    slow = MOMENT if setting.shape.database == "postgresql" else 0.0
    deaths = {one.name: one.deaths for one in servers}
    for one in operations:
        if one.outcome is Outcome.UNKNOWN:
            until = min((death for death in deaths[one.server] if death >= one.ended), default=FOREVER - slow)
            yield replace(one, until=until + slow)
        else:
            yield one


def _all(lists: Iterable[Iterable[object]]) -> list:
    return [one for several in lists for one in several]


def _sum(counts: Iterable[Counter]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update({fate.value: number for fate, number in one.items()})
    return total
