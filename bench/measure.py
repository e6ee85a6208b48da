"""Rounds in which all are measured, one after the other, so that a change of the machine's mood meets them all."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.client import HTTPResponse
from itertools import repeat

from bench import cases, ceiling, engine, installation, servers
from bench.cases import MANY, Case
from bench.databases import Ground
from bench.figures import CEILING, ENGINE, LOAD, Cell, Figures, Footprint, Run, Used, run_of
from bench.installation import Installation
from bench.load import Limits, request, run
from bench.plan import Contender, Plan
from bench.processes import Memory
from bench.servers import Server

DRAINING = 30  # seconds that the worker may take to come to rest
SETTLING = 1  # seconds before memory is looked at
WARMING = 0.3
CALLS = 100_000

Tell = Callable[..., None]  # a step, and how much of how many is done


@dataclass(frozen=True)
class Entrant:
    """A contender with its server, its installation and the requests to it."""

    contender: Contender
    server: Server
    installed: Installation
    cases: dict[str, Case] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One thing to measure, again in each round: who is asked for what, as which cell."""

    entrant: Entrant
    case: Case
    cell: Cell


def load(plan: Plan, ground: Ground, tell: Tell) -> Figures:
    """Every contender in every case, with every number of clients."""
    with ExitStack() as running:
        entrants = list(_entrants(plan, ground, running, tell))
        time.sleep(SETTLING)
        idle = [one.server.memory() for one in entrants]
        turns = [
            Turn(one, one.cases[name], _cell(one.contender, name, clients))
            for name in plan.cases
            for clients in plan.clients
            for one in entrants
            if name in one.cases
        ]
        cells = measured(turns, plan, ground, tell)
        return Figures(cells=cells, footprints=[*map(_footprint, entrants, idle)])


def _cell(contender: Contender, case: str, clients: int) -> Cell:
    return Cell(LOAD, case, [], contender.database, contender.server, contender.processes, clients)


def measured(turns: list[Turn], plan: Plan, ground: Ground, tell: Tell) -> list[Cell]:
    """The cells of all turns with their runs; a first, short round warms up and does not count."""
    done, total = 0, (plan.rounds + 1) * len(turns)
    for number in range(plan.rounds + 1):
        seconds = plan.seconds if number else min(WARMING, plan.seconds)
        for turn in turns:
            tell(_told(turn.cell, number, plan.rounds), done, total)
            found = one_run(turn, ground, seconds)
            turn.cell.runs.extend([found] * bool(number))
            done += 1
    return [turn.cell for turn in turns]


def _told(cell: Cell, number: int, rounds: int) -> str:
    who = Contender(cell.database, cell.server, cell.processes).told()
    many = f"{cell.clients} {'clients' if cell.clients > 1 else 'client'}"
    of = f", {cell.amount:,}" if cell.amount else ""
    return f"{f'round {number} of {rounds}' if number else 'warming up'}: {cell.case}{of}, {many}, {who}"


def one_run(turn: Turn, ground: Ground, seconds: float) -> Run:
    """One run, and the processor time of all that comes of it, the worker's part too."""
    server, cell = turn.entrant.server, turn.cell
    service, base, clients = server.busy(), ground.busy(cell.database), own_seconds()
    found = run(server.port, turn.case.requests, cell.clients, Limits(seconds, turn.case.most))
    clients = own_seconds() - clients
    after = 0.0 if cell.server == CEILING else rest(turn.entrant.installed)
    each = [now - before for now, before in zip(server.busy(), service, strict=True)]
    return run_of(found, Used(each, ground.busy(cell.database) - base, clients), after)


def own_seconds() -> float:
    """The processor time of this process, which is the clients'."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rest(installed: Installation) -> float:
    """Wait until the worker has nothing left to do; how long that took."""
    began = time.monotonic()
    while installed.waiting():
        if time.monotonic() > began + DRAINING:
            raise RuntimeError(f"the worker has not come to rest in {DRAINING} seconds")
        time.sleep(0.02)
    return time.monotonic() - began


def _entrants(plan: Plan, ground: Ground, running: ExitStack, tell: Tell) -> Iterator[Entrant]:
    for contender in plan.contenders():
        tell(f"preparing people and conversations, {contender.told()}")
        installed = running.enter_context(installation.opened(ground.place(contender.database)))
        prepared = [cases.CASES[name](installed, plan.selected()) for name in plan.cases_of(contender)]
        limited = [replace(one, most=plan.selections) if one.name == "slots_select" else one for one in prepared]
        ceiling.make_tables(installed.place.database)
        server = running.enter_context(servers.service(installed.place, contender.server, contender.processes))
        yield Entrant(contender, server, installed, {one.name: one for one in limited})
        if contender == Contender(contender.database):
            yield _ceiling(installed, server, limited, running)


def _ceiling(installed: Installation, server: Server, prepared: list[Case], running: ExitStack) -> Entrant:
    """The ceiling answers what the service answers."""
    for case in prepared:
        ceiling.keep_answer(installed.place.database, case.name, answer(next(case.requests), server.port))
    asked = {
        one.name: Case(one.name, repeat(request(one.ceiling_method, f"/{one.name}", installed.key)), "", MANY)
        for one in prepared
    }
    contender = Contender(installed.place.kind, CEILING)
    return Entrant(contender, running.enter_context(servers.ceiling(installed.place)), installed, asked)


def answer(asked: bytes, port: int) -> str:
    """What the service answers to a request; raises RuntimeError where that is a refusal."""
    with socket.create_connection(("127.0.0.1", port), timeout=DRAINING) as connection:
        connection.sendall(asked)
        response = HTTPResponse(connection)
        response.begin()
        body = response.read().decode()
    if response.status != 200:
        raise RuntimeError(f"{asked.partition(b' HTTP')[0].decode()} is answered {response.status}: {body}")
    return body


def _footprint(entrant: Entrant, idle: list[Memory]) -> Footprint:
    one = entrant.contender
    return Footprint(one.database, one.server, one.processes, idle, entrant.server.memory())


def alone(plan: Plan, tell: Tell) -> Figures:
    """The rules without server and database."""
    works = {name: engine.CASES[name]() for name in plan.cases if name in engine.CASES}
    cells = [Cell(ENGINE, name, []) for name in works]
    for number in range(plan.rounds):
        for cell in cells:
            tell(f"round {number + 1} of {plan.rounds}: {cell.case}")
            cell.runs.append(run_of(engine.run(works[cell.case], Limits(plan.seconds / 2, CALLS))))
    return Figures(cells=cells)
