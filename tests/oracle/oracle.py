"""A slow reading of the rules, which knows only instants: what is so is found by looking at every minute.

Whether an account is free, what its zone's calendar and clock show, and whether a meeting fits are asked of each minute
by itself. No wall clock is ever turned into an instant, and nothing of the engine is used. Everything happens on whole
minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate, chain, pairwise
from operator import eq
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.case import Account, Case, Event, Group, Member, Rule, Stretch

DAY, WEEK = 1440, 7 * 1440
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BLOCKS = {
    "opaque": True,
    "said_opaque": True,
    "tentative": True,
    "out_of_office": True,
    "transparent": False,
    "free": False,
    "working_elsewhere": False,
}
LONGEST_FOLD = 240  # by more minutes than this no clock was ever set back

Flags = bytes  # one byte per minute, 0 or 1
Row = tuple[int, int, tuple[int, ...]]  # from minute to minute, and the accounts that are free


def judged(case: Case, looks: Sequence[int]) -> dict[str, Any]:
    """All that the rules say of the case; `looks` are the minutes at which starts are tried one by one."""
    margin = case.before + case.after + case.duration + LONGEST_FOLD
    times = [*case.starts, *(one for stretch in case.periods for one in stretch)]
    span = Span(min(times) - margin, max(times) + margin)
    return {**conversation(case, span, looks), **query(case, span)}


class Span:
    """The minutes that are looked at one by one, from `first` up to `end`, and what zones show at each of them."""

    def __init__(self, first: int, end: int) -> None:
        self.first, self.end = first, end
        self._local: dict[str, list[int]] = {}
        self._of_week: dict[str, list[int]] = {}

    def local(self, tzid: str) -> list[int]:
        """For each minute what the zone shows: the number of its day times 1440, and the minute of the day."""
        if tzid not in self._local:
            blocks = _shown(ZoneInfo(tzid), self.first, self.end)
            self._local[tzid] = list(chain.from_iterable(blocks))[: self.end - self.first]
        return self._local[tzid]

    def of_week(self, tzid: str) -> list[int]:
        """For each minute which one of the week, from Monday 00:00, the zone shows; day number 1 was a Monday."""
        if tzid not in self._of_week:
            self._of_week[tzid] = [(shown - DAY) % WEEK for shown in self.local(tzid)]
        return self._of_week[tzid]

    def marked(self, stretches: Iterable[Stretch]) -> Flags:
        """Each minute that lies in one of the stretches."""
        flags = bytearray(self.end - self.first)
        for start, end in stretches:
            start, end = max(start, self.first), min(end, self.end)
            if start < end:
                flags[start - self.first : end - self.first] = b"\1" * (end - start)
        return bytes(flags)

    def all_of(self, flags: Flags, start: int, end: int) -> bool:
        """Whether every minute of [start, end) is marked; what is not looked at is not."""
        inside = self.first <= start and end <= self.end
        return inside and flags.find(0, start - self.first, end - self.first) < 0

    def quiet(self, flags: Flags, before: int, after: int) -> Flags:
        """Each minute of which none of [minute - before, minute + 1 + after) is marked: the count stays as it was."""
        count = list(accumulate(bytes(before) + flags + bytes(after), initial=0))
        return bytes(map(eq, count, count[before + 1 + after :]))

    def runs(self, flags: Flags) -> Iterator[Stretch]:
        """The maximal stretches of marked minutes."""
        start = flags.find(1)
        while start >= 0:
            end = flags.find(0, start)
            end = len(flags) if end < 0 else end
            yield start + self.first, end + self.first
            start = flags.find(1, end)


def both(one: Flags, other: Flags) -> Flags:
    """Each minute that is marked in both."""
    return (int.from_bytes(one, "big") & int.from_bytes(other, "big")).to_bytes(len(one), "big")


def counted(several: Sequence[Flags]) -> bytes:
    """For each minute in how many of them, at most 255, it is marked: no byte overflows into the next."""
    return sum(int.from_bytes(one, "big") for one in several).to_bytes(len(several[0]), "big")


def _shown(zone: ZoneInfo, first: int, end: int) -> Iterator[Iterable[int]]:
    """Asked at every quarter of an hour; and at every minute between, where a quarter later is not 15 minutes later."""
    later = _at(zone, first)
    for block in range(first, end, 15):
        now, later = later, _at(zone, block + 15)
        if later - now == 15:
            yield range(now, now + 15)
        else:
            yield [_at(zone, minute) for minute in range(block, block + 15)]


def _at(zone: ZoneInfo, minute: int) -> int:
    shown = datetime.fromtimestamp(minute * 60, zone)
    return shown.toordinal() * DAY + shown.hour * 60 + shown.minute


# An account


def busy(span: Span, account: Account, counts: Callable[[str], bool]) -> Flags:
    """The minutes that events of the calendars that count take, and those that are booked."""
    blocking = [one for one in account.events if BLOCKS[one.kind] and counts(one.calendar)]
    return span.marked([*account.bookings, *(taken(span, one, account.tzid) for one in blocking)])


def taken(span: Span, event: Event, account_tzid: str | None) -> Stretch:
    """The minutes of an event.

    An all-day one lasts from the first to the last minute at which the calendar shows one of its days.
    """
    if isinstance(event.start, int) and isinstance(event.end, int):
        return event.start, event.end
    first, end = event.start.toordinal() * DAY, event.end.toordinal() * DAY  # type: ignore[union-attr]
    local = span.local(event.tzid or account_tzid or "Etc/UTC")
    days = [minute for minute, shown in enumerate(local, span.first) if first <= shown < end]
    return (days[0], days[-1] + 1) if days else (0, 0)


def opened(span: Span, rules: Sequence[Rule], periods: Sequence[Stretch]) -> Flags:
    """The minutes in the hours of any of the rules, or in a stored period."""
    opened_by = [span.marked(periods)]
    for rule in rules:
        week = bytearray(WEEK)
        for day, start, end in rule.weekly:
            midnight = DAYS.index(day) * DAY
            week[midnight + start : midnight + end] = b"\1" * (end - start)
        opened_by.append(bytes(map(week.__getitem__, span.of_week(rule.tzid))))
    return counted(opened_by).translate(b"\0" + b"\1" * 255)


def named_by(rules: Sequence[Rule]) -> Callable[[str], bool]:
    """Which calendars count where these rules do: all, unless every rule names some; then those."""
    if not rules or any(not rule.calendars for rule in rules):
        return everything
    return lambda calendar: any(calendar in rule.calendars for rule in rules)


def everything(_calendar: str) -> bool:
    """All calendars count."""
    return True


# A conversation


def conversation(case: Case, span: Span, looks: Sequence[int]) -> dict[str, Any]:
    """Which starts there are, which can be selected, which are listed."""
    proposed = span.marked(case.periods)
    free = both(proposed, span.marked([(case.now, span.end)]))
    for position, managed in case.people:
        if position is not None:
            free = both(free, _free_in_conversation(span, case.accounts[position], managed))
    grid = {start for start, _ in case.periods}

    def exists(start: int) -> bool:
        return (start % 15 == 0 or start in grid) and span.all_of(proposed, start, start + case.duration)

    def selectable(start: int) -> bool:
        return exists(start) and span.all_of(free, start, start + case.duration)

    every = [one for one in range(span.first, span.end) if (one % 15 == 0 or one in grid) and selectable(one)]
    return {
        "existing": [one for one in looks if exists(one)],
        "selectable": [one for one in looks if selectable(one)],
        "earliest": every[0] if every else None,
        "listed": _listed(case, span, free, every),
    }


def _free_in_conversation(span: Span, account: Account, managed: bool) -> Flags:
    if not managed or not (account.rules or account.periods):
        return span.quiet(busy(span, account, everything), 0, 0)
    quiet = span.quiet(busy(span, account, named_by(account.rules)), 0, 0)
    return both(quiet, opened(span, account.rules, account.periods))


def _listed(case: Case, span: Span, free: Flags, selectable: list[int]) -> list[int]:
    """Standing selections; then in each gap the first start, and each first one not before the last slot's end."""
    chosen = [one for one in selectable if one in case.standing][: case.most]
    others: list[int] = []
    for gap_start, gap_end in span.runs(free):
        not_before = gap_start
        for start in (one for one in selectable if gap_start <= one < gap_end):
            if start >= not_before:
                others.append(start)
                not_before = start + case.duration
    others = [one for one in others if one not in chosen]
    return sorted(chosen + others[: case.most - len(chosen)])


# A query


def query(case: Case, span: Span) -> dict[str, Any]:
    """What is found in each format, with the accounts that are free."""
    free = free_for_meetings(case, span)
    asked = Query(case, span, free, case.periods)
    slots = Query(case, span, free, [(one, one + case.duration) for one in case.starts])
    return {
        "periods": list(asked.periods()),
        "slots": list(asked.slots(1)),
        "slots on an interval": list(asked.slots(case.interval)),
        "overlapping": list(asked.overlapping(30)),
        "overlapping on an interval": list(asked.overlapping(case.interval)),
        "at": list(slots.at(case.starts)),
    }


def free_for_meetings(case: Case, span: Span) -> dict[int, Flags]:
    """The minutes at which each account can be in a meeting, in the order in which they are named.

    Somebody named in several groups can where all that is said of them allows it.
    """
    free: dict[int, Flags] = {}
    for group in case.groups:
        for member in group.members:
            found = _free_for_meetings(case, span, member)
            free[member.account] = both(free.get(member.account, found), found)
    return free


def _free_for_meetings(case: Case, span: Span, member: Member) -> Flags:
    """The minutes at which the member is open, and neither busy nor so near to busy that a buffer is cut.

    A meeting [start, end) needs [start - before, end + after) not busy; so does one that lasts a minute.
    """
    account = case.accounts[member.account]
    limits = [] if member.periods is None else [span.marked(member.periods)]
    counts: Callable[[str], bool] = everything
    if member.managed or member.rules is not None:
        rules = [one for one in account.rules if member.rules is None or one.id in member.rules]
        if rules or account.periods:
            limits.append(opened(span, rules, account.periods))
            counts = named_by(rules)
    if member.calendars is not None:
        counts = member.calendars.__contains__
    free = span.quiet(busy(span, account, counts), case.before, case.after)
    for limit in limits:
        free = both(free, limit)
    return free


class Query:
    """Who is free at which minute of the periods from now on, and in which gaps there are always enough."""

    def __init__(self, case: Case, span: Span, free: dict[int, Flags], periods: Sequence[Stretch]) -> None:
        self.case, self.span = case, span
        inside = both(span.marked(periods), span.marked([(case.now, span.end)]))
        self.free = {account: both(flags, inside) for account, flags in free.items()}
        enough = inside
        for group in case.groups:
            count = counted([self.free[one.account] for one in group.members])
            enough = both(enough, count.translate(bytes(one >= group.required for one in range(256))))
        self.gaps = list(span.runs(enough))

    def periods(self) -> Iterator[Row]:
        """Each gap, cut where those who are free change, unless everybody is required; what is long enough of it."""
        for start, end in self.gaps:
            cuts = [] if self._all_required() else [one for one in range(start + 1, end) if self._changes(one)]
            for first, last in pairwise([start, *cuts, end]):
                if last - first >= self.case.duration:
                    yield first, last, self._free_throughout(first, last)

    def _all_required(self) -> bool:
        return all(group.required == len(group.members) for group in self.case.groups)

    def _changes(self, minute: int) -> bool:
        at = minute - self.span.first
        return any(flags[at] != flags[at - 1] for flags in self.free.values())

    def slots(self, interval: int) -> Iterator[Row]:
        """In each gap the first start at which a meeting is possible, then each first one not before its end."""
        for gap_start, gap_end in self.gaps:
            not_before = gap_start
            for start in range(gap_start, gap_end, interval):
                if start >= not_before and self._possible(start):
                    not_before = start + self.case.duration
                    yield start, not_before, self._free_throughout(start, not_before)

    def overlapping(self, interval: int) -> Iterator[Row]:
        """In each gap all starts at which a meeting is possible."""
        for gap_start, gap_end in self.gaps:
            yield from self.at(range(gap_start, gap_end, interval))

    def at(self, starts: Sequence[int]) -> Iterator[Row]:
        """Those of the starts at which a meeting is possible."""
        for start in starts:
            if self._possible(start):
                end = start + self.case.duration
                yield start, end, self._free_throughout(start, end)

    def _possible(self, start: int) -> bool:
        """Whether of each group enough are free at every minute of the meeting, the same ones from start to end."""
        free = set(self._free_throughout(start, start + self.case.duration))
        return all(_present(group, free) >= group.required for group in self.case.groups)

    def _free_throughout(self, start: int, end: int) -> tuple[int, ...]:
        return tuple(one for one, flags in self.free.items() if self.span.all_of(flags, start, end))


def _present(group: Group, free: set[int]) -> int:
    return sum(member.account in free for member in group.members)
