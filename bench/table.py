"""The figures as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from bench.aims import verdicts
from bench.figures import BUSY, CEILING, ENGINE, LOAD, PARTS, SERVICE, SIZE, UNGROUPED, Cell, Figures, Footprint
from bench.plan import NAMES, Contender
from bench.processes import Memory

MIB = 1 << 20
SECTIONS = {LOAD: "Load", SIZE: "Size", BUSY: "Full calendars", ENGINE: "The rules alone"}
PERCENTILES = ("p50", "p95", "p99")
processor, rate = attrgetter("processor"), attrgetter("rate")


def tables(known: Figures) -> str:
    """Everything that is shown."""
    return "\n".join([*_circumstances(known), *_aims(known), *_load(known), *_growth(known), *_engine(known)])


def _circumstances(known: Figures) -> Iterator[str]:
    for machine in dict.fromkeys(one.machine for one in known.circumstances.values()):
        yield f"{machine}."
    for part in (one for one in PARTS if one in known.circumstances):
        one = known.circumstances[part]
        yield (
            f"{SECTIONS[part]}: median of {one.rounds} rounds of {one.seconds:g} s;"
            f" load of the machine before: {one.load_before:.2f}."
        )


def _aims(known: Figures) -> Iterator[str]:
    lines = [[one.told, one.where, one.reached, one.verdict] for one in verdicts(known)]
    yield from _section("### Aims", ["aim", "where", "reached", ""], lines, left=3)


def _load(known: Figures) -> Iterator[str]:
    cells = [one for one in known.of(LOAD) if one.server == SERVICE]
    for contender in dict.fromkeys(Contender(one.database, one.server, one.processes) for one in cells):
        theirs = [one for one in cells if (one.database, one.processes) == (contender.database, contender.processes)]
        head = ["case", "clients", *_heads(PERCENTILES), "per second", "share", "CPU ms", "database", "clients'"]
        yield from _section(f"### Under load: {contender.told()}", head, [_loaded(one, known) for one in theirs])
    yield from _two_processes(known)
    yield from _shared_commits(known)
    yield from _memory(known)


def _heads(names: Iterable[str]) -> list[str]:
    return [f"{name} ms" for name in names]


def _loaded(cell: Cell, known: Figures) -> list[str]:
    ceiling = known.beside(cell, server=CEILING, processes=1)
    return [
        cell.case,
        str(cell.clients),
        *(_ms(cell.median(attrgetter(name))) for name in PERCENTILES),
        f"{cell.median(rate):,.0f}",
        _times(cell.times(ceiling, rate)) if cell.processes == 1 else "",
        *(_ms(cell.median(attrgetter(name))) for name in ("service", "database", "clients")),
    ]


def _two_processes(known: Figures) -> Iterator[str]:
    lines = []
    for cell in (one for one in known.of(LOAD) if one.processes > 1 and one.clients > 1):
        single = known.beside(cell, processes=1)
        if single is not None:
            lines.append([cell.case, str(cell.clients), *_compared(single, cell, known.circumstances[LOAD].processors)])
    head = ["case", "clients", "one process", "two", "times", "possible here", "with enough CPUs", "busier one's part"]
    yield from _section("### Two processes beside one", head, lines)


def _compared(single: Cell, cell: Cell, processors: int) -> list[str]:
    """Rates and their ratio; what so many processors allow for all who take part; what enough of them would allow."""
    everything = sum(cell.median(attrgetter(name)) or 0 for name in ("service", "database", "clients"))
    allowed = processors / everything / (single.median(rate) or 1) if everything else None
    own = [one.median(attrgetter("service")) for one in (single, cell)]
    enough = cell.processes * own[0] / own[1] if all(own) else None
    rates = [f"{one.median(rate):,.0f}" for one in (single, cell)]
    busiest = cell.median(attrgetter("busiest"))
    return [*rates, *map(_times, (cell.times(single, rate), allowed, enough, busiest))]


def _shared_commits(known: Figures) -> Iterator[str]:
    lines = []
    for alone in (one for one in known.of(LOAD) if one.server == UNGROUPED):
        shared, ceiling = (known.beside(alone, server=one) for one in (SERVICE, CEILING))
        if shared and ceiling:
            rates = [f"{one.median(rate):,.0f}" for one in (shared, alone, ceiling)]
            ratios = [_times(shared.times(one, rate)) for one in (alone, ceiling)]
            lines.append([alone.case, str(alone.clients), *rates, *ratios])
    head = ["case", "clients", "shared commits", "one each", "ceiling", "times one each", "times ceiling"]
    yield from _section("### Shared commits on SQLite", head, lines)


def _memory(known: Figures) -> Iterator[str]:
    lines = [_remembered(one) for one in known.footprints if one.server == SERVICE]
    head = ["service", "idle", "of it its own", "loaded", "of it its own", "peak"]
    yield from _section("### Memory of one process, in MiB", head, lines)


def _remembered(footprint: Footprint) -> list[str]:
    """The largest of each figure, where there are several processes."""
    named = Contender(footprint.database, footprint.server, footprint.processes).told()
    idle, loaded = footprint.idle, footprint.loaded
    return [named, *_mib(idle, "rss", "pss"), *_mib(loaded, "rss", "pss", "peak")]


def _mib(processes: Sequence[Memory], *figures: str) -> list[str]:
    found = ([getattr(one, name) for one in processes] for name in figures)
    return ["" if None in values or not values else f"{max(values) / MIB:.0f}" for values in found]


def _growth(known: Figures) -> Iterator[str]:
    for part, unit in ((SIZE, "conversations"), (BUSY, "events")):
        amounts = sorted({one.amount for one in known.of(part)})
        rows = dict.fromkeys((one.database, one.case) for one in known.of(part))
        lines = [_grown(known, part, row, name) for row in rows for name in ("processor", "p50")]
        head = ["database", "case", "", *(f"{one:,} {unit}" for one in amounts), "times"]
        title = {SIZE: "### As the installation grows", BUSY: "### As calendars fill"}[part]
        yield from _section(title, head, lines, left=3)
        if part == SIZE:
            yield from _filled(known)


def _grown(known: Figures, part: str, row: tuple[str, str], name: str) -> list[str]:
    database, case = row
    cells = sorted((one for one in known.of(part) if (one.database, one.case) == row), key=attrgetter("amount"))
    told = {"processor": "CPU ms", "p50": "p50 ms"}[name]
    figures = [_ms(one.median(attrgetter(name))) for one in cells]
    return [NAMES[database], case, told, *figures, _times(cells[-1].times(cells[0], attrgetter(name)))]


def _filled(known: Figures) -> Iterator[str]:
    lines = [
        [NAMES[one.database], f"{one.conversations:,}", f"{one.size / MIB:,.0f}", f"{one.seconds:,.0f}"]
        for one in known.filled
    ]
    yield from _section("", ["database", "conversations", "MiB on disk", "filled in s"], lines)


def _engine(known: Figures) -> Iterator[str]:
    lines = [
        [one.case, *(_ms(one.median(attrgetter(name))) for name in PERCENTILES), f"{one.median(rate):,.0f}"]
        for one in known.of(ENGINE)
    ]
    yield from _section("### The rules alone", ["case", *_heads(PERCENTILES), "per second"], lines)


def _section(title: str, head: list[str], lines: list[list[str]], left: int = 1) -> Iterator[str]:
    """A table under its title, unless it is empty; so many columns are words."""
    if not lines:
        return
    yield from ("", title) if title else ()
    yield ""
    rule = ["---" if at < left else "--:" for at in range(len(head))]
    for line in (head, rule, *lines):
        yield f"| {' | '.join(line)} |"


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.3g}"
