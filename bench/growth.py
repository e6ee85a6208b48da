"""What a call costs as there is more and more: conversations in the installation, or events in a calendar."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle

from bench import cases, installation, servers
from bench.bulk import COPIES, copied_id, multiplying
from bench.cases import CONVERSATIONS, DAYS, Case
from bench.databases import Ground
from bench.figures import BUSY, SIZE, Cell, Figures, Filled
from bench.installation import Installation, Person, guest, organizer
from bench.load import request
from bench.measure import Entrant, Tell, Turn, measured
from bench.plan import NAMES, Contender, Plan
from parley.core.limits import DAY
from parley.core.periods import Period

MEETINGS = 10  # of each organizer, in the days that a conversation is about
WINDOW_DAYS = 14
OPEN_SHARE = 0.1  # of all conversations; the others are agreed, over the last year
MOST_OPEN_SHARE = 0.7  # where there are so few that the runs want more of them
LISTED = 50  # conversations whose slots are listed
READ = 20_000
SELECTED = 100  # in one run
SELECTED_OF_BUSY = 20
FIRST, LAST = 365, 40  # days ago
BYTES_EACH = 8_000  # of disk that filling takes for each conversation, at most


@dataclass(frozen=True)
class Inhabitants:
    """Conversations: those to be read, whose slots are to be listed, and to be completed, all in random order."""

    agreed: list[str]
    to_list: list[str]
    to_complete: list[str]


def by_size(plan: Plan, ground: Ground, tell: Tell) -> Figures:
    """The same calls in installations of several sizes, beside each other."""
    _refuse_without_room(plan, ground)
    found = Figures()
    with ExitStack() as running:
        turns = []
        for database in plan.databases:
            for size in plan.sizes:
                place = ground.place(database)
                installed = running.enter_context(installation.opened(place))
                began = time.monotonic()
                people = _inhabited(installed, plan, size, tell)
                seconds = round(time.monotonic() - began, 1)
                found.filled.append(Filled(database, size, ground.size(place), seconds))
                asked = _cases(installed, people, _selections(plan, size))
                wanted = [one for one in asked if one.name in plan.cases]
                turns += _turns(installed, wanted, running, Cell(SIZE, "", [], database, amount=size))
        found.cells += measured(_side_by_side(turns), plan, ground, tell)
    return found


def _refuse_without_room(plan: Plan, ground: Ground) -> None:
    needed = sum(plan.sizes) * BYTES_EACH * len(plan.databases)
    free = shutil.disk_usage(ground.folder).free
    if free < needed:
        raise SystemExit(
            f"filling takes {needed >> 20:,} MiB in {ground.folder.parent}, and there are {free >> 20:,};"
            " name another place with TMPDIR, or fewer conversations with --sizes"
        )


def _selections(plan: Plan, size: int) -> int:
    """How many conversations one run may complete."""
    return max(1, min(SELECTED, (int(size * MOST_OPEN_SHARE) - LISTED) // (plan.rounds + 1)))


def _inhabited(installed: Installation, plan: Plan, size: int, tell: Tell) -> Inhabitants:
    """Fill an installation; a tenth is made, and then copied."""
    wanted = _selections(plan, size) * (plan.rounds + 1)
    many_open = -(-max(int(size * OPEN_SHARE), wanted + LISTED) // COPIES)
    many_agreed = max(1, size // COPIES - many_open)
    step = f"filling {NAMES[installed.place.kind]} with {size:,} conversations"
    with multiplying(installed.place.database, lambda what: tell(f"{step}: {what}")) as bulk:
        hosts = [installed.person(bulk, MEETINGS, WINDOW_DAYS) for _ in range(many_open)]
        opened = [_opened(installed, host) for host in hosts]
        agreed = []
        for number in range(many_agreed):
            tell(step, number, size)
            created_at = installed.dc.now() - FIRST * DAY + number * (FIRST - LAST) * DAY // many_agreed
            agreed.append(installed.agreed(bulk, hosts[number % many_open], created_at))
        for one in opened:
            installed.open(bulk, one)
    waiting = _all_copies(installed, [one.id for one in opened])
    return Inhabitants(_all_copies(installed, agreed)[:READ], waiting[:LISTED], waiting[LISTED:])


def _opened(installed: Installation, host: Person) -> object:
    window = Period(installed.midnight, installed.midnight + WINDOW_DAYS * DAY)
    return installed.conversation((organizer(host.account), guest()), window, installed.dc.now())


def _all_copies(installed: Installation, originals: list[str]) -> list[str]:
    everyone = [copied_id(one, copy) for one in originals for copy in range(COPIES)]
    installed.chance.shuffle(everyone)
    return everyone


def _cases(installed: Installation, people: Inhabitants, selections: int) -> list[Case]:
    return [
        Case("read", cycle(cases.reading(installed, people.agreed)), "GET"),
        Case("slots_list", cycle(cases.listing(installed, people.to_list)), "GET"),
        Case("slots_select", cases.selecting(installed, people.to_complete), "POST", selections),
        Case("list", cycle([request("GET", CONVERSATIONS, installed.key)]), "GET"),
    ]


def _turns(installed: Installation, asked: list[Case], running: ExitStack, cell: Cell) -> Iterator[Turn]:
    server = running.enter_context(servers.service(installed.place))
    entrant = Entrant(Contender(cell.database), server, installed)
    for case in asked:
        yield Turn(entrant, case, Cell(cell.part, case.name, [], cell.database, amount=cell.amount))


def _side_by_side(turns: list[Turn]) -> list[Turn]:
    """What is compared with each other comes one after the other."""
    names = list(dict.fromkeys((turn.cell.database, turn.cell.case) for turn in turns))
    return sorted(turns, key=lambda turn: names.index((turn.cell.database, turn.cell.case)))


def by_events(plan: Plan, ground: Ground, tell: Tell) -> Figures:
    """The same calls about calendars that hold more and more, in one installation for each database."""
    with ExitStack() as running:
        turns = []
        for database in plan.databases:
            installed = running.enter_context(installation.opened(ground.place(database)))
            asked = {amount: list(_busy_cases(installed, plan, amount, tell)) for amount in plan.busy}
            entrant = Entrant(Contender(database), running.enter_context(servers.service(installed.place)), installed)
            turns += [
                Turn(entrant, case, Cell(BUSY, case.name, [], database, amount=amount))
                for amount, some in asked.items()
                for case in some
            ]
        return Figures(cells=measured(_side_by_side(turns), plan, ground, tell))


def _busy_cases(installed: Installation, plan: Plan, amount: int, tell: Tell) -> Iterator[Case]:
    tell(f"filling calendars with {amount:,} events each, {NAMES[installed.place.kind]}")
    listed, *waiting = installed.crowd(SELECTED_OF_BUSY * (plan.rounds + 1) + 1, amount, DAYS)
    yield Case("slots_list", cycle(cases.listing(installed, [listed])), "GET")
    yield Case("slots_select", cases.selecting(installed, waiting), "POST", SELECTED_OF_BUSY)
