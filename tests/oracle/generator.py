"""Cases made from a seed: zones of the whole database, every second case at a change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo, available_timezones

from tests.oracle.case import Account, Case, Event, Group, Member, Rule, Stretch

HOUR, DAY = 60, 1440
YEARS = range(1973, 2090)  # since 1973 every offset is a whole number of minutes
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CALENDARS = ("cal_home", "cal_work", "cal_else")
KINDS = ("opaque", "said_opaque", "opaque", "tentative", "out_of_office", "transparent", "free", "working_elsewhere")
DURATIONS = (1, 5, 10, 15, 20, 25, 30, 45, 50, 60, 60, 90, 120, 240, 480)
LENGTHS = (1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 360, 720)
BUFFERS = (0, 0, 0, 5, 10, 15, 30, 45, 60, 120)
INTERVALS = (5, 10, 15, 20, 30, 60)
UNUSUAL = (
    ("Australia/Lord_Howe", (1981, 1985, 2008, 2024, 2031)),  # half an hour
    ("Antarctica/Troll", (2005, 2019, 2031)),  # two hours
    ("Antarctica/Casey", (2009, 2010, 2011, 2018, 2020)),  # three hours, at midnight
    ("Antarctica/Vostok", (1994, 2023)),
    ("Africa/Casablanca", (2012, 2014, 2019, 2026, 2031, 2050)),  # Ramadan
    ("Africa/El_Aaiun", (2013, 2018, 2025, 2045)),
    ("Africa/Cairo", (2010, 2014, 2024)),
    ("America/Sao_Paulo", (1990, 2008, 2017, 2018)),  # at midnight
    ("America/Havana", (1998, 2006, 2024, 2031)),
    ("America/St_Johns", (1987, 1988, 1999, 2006, 2010)),  # one minute past midnight; two hours in 1988
    ("America/Santiago", (2010, 2019, 2022, 2031)),
    ("America/Asuncion", (2009, 2017, 2024)),
    ("America/Scoresbysund", (1981, 2023, 2024)),
    ("America/Nuuk", (2022, 2023, 2024, 2031)),
    ("Asia/Beirut", (1993, 2010, 2023, 2031)),
    ("Asia/Gaza", (2011, 2015, 2023, 2031, 2040)),
    ("Asia/Tehran", (1979, 1991, 2008, 2021)),
    ("Asia/Kathmandu", (1985, 1986)),  # a quarter of an hour
    ("Asia/Pyongyang", (2015, 2018)),
    ("America/Caracas", (2007, 2016)),
    ("Asia/Dhaka", (2009,)),
    ("Europe/Dublin", (1980, 2024, 2031)),
    ("Europe/Volgograd", (1988, 2018, 2020)),
    ("Pacific/Apia", (2010, 2011, 2012)),  # a day left out
    ("Pacific/Fakaofo", (2011,)),
    ("Pacific/Kwajalein", (1993,)),
    ("Pacific/Kiritimati", (1979, 1994, 1995)),
    ("Pacific/Chatham", (1974, 2024, 2031)),
)


@cache
def zones() -> tuple[str, ...]:
    """Every zone of the database."""
    return tuple(sorted(available_timezones() - {"Factory", "localtime"}))


def shown(tzid: str, minute: int) -> datetime:
    """What the zone's calendar and clock show."""
    return datetime.fromtimestamp(minute * 60, ZoneInfo(tzid))


@cache
def changes(tzid: str, year: int) -> tuple[int, ...]:
    """The minutes of the year at which the zone's offset is another than the minute before."""
    first, end = (int(datetime(one, 1, 1, tzinfo=UTC).timestamp()) // 60 for one in (year, year + 1))
    looks = [(one, shown(tzid, one).utcoffset()) for one in range(first, end + 1, DAY // 2)]
    return tuple(
        _change_between(tzid, before, after)
        for (before, was), (after, becomes) in pairwise(looks)
        if was != becomes and after < end
    )


def _change_between(tzid: str, before: int, after: int) -> int:
    was = shown(tzid, before).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if shown(tzid, middle).utcoffset() == was else (before, middle)
    return after


def generated(seed: int) -> Case:
    """The case of this seed."""
    return Maker(seed).case()


class Maker:
    """What the parts of one case share: chance, the zone and minute around which all happens, times used before."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)
        self.tzid, self.centre = self._at_a_change() if seed % 2 else self._anywhere()
        self.days = self.chance.randint(1, 4) if self.chance.random() < 0.98 else 35
        self.start = self.centre - self.chance.randint(0, self.days * DAY)
        self.end = self.start + self.days * DAY
        self.used = [self.centre, self.start, self.end]

    def _at_a_change(self) -> tuple[str, int]:
        while True:
            if self.chance.random() < 0.3:
                tzid, years = self.chance.choice(UNUSUAL)
                found = changes(tzid, self.chance.choice(years))
            else:
                tzid = self.chance.choice(zones())
                found = changes(tzid, self.chance.choice(YEARS))
            if found:
                return tzid, self.chance.choice(found)

    def _anywhere(self) -> tuple[str, int]:
        year = int(datetime(self.chance.choice(YEARS), 1, 1, tzinfo=UTC).timestamp()) // 60
        return self.chance.choice(zones()), year + self.chance.randint(0, 365 * DAY)

    def case(self) -> Case:
        """A conversation and a query about the same people and the same time."""
        chance = self.chance
        duration = chance.choice(DURATIONS) if chance.random() < 0.7 else chance.randint(1, 480)
        accounts = tuple(self.account() for _ in range(chance.choice([1, 2, 2, 3, 3, 4, 5, 6])))
        periods = self.proposed()
        return Case(
            seed=self.seed,
            accounts=accounts,
            periods=periods,
            duration=duration,
            now=self.now(),
            people=self.people(len(accounts)),
            standing=tuple(self.start_of_slot(periods) for _ in range(chance.randint(0, 5))),
            most=chance.choice([512, 512, chance.randint(1, 8)]),
            groups=tuple(self.group(accounts) for _ in range(chance.choice([1, 1, 1, 2, 2, 3]))),
            before=self.buffer(),
            after=self.buffer(),
            interval=chance.choice(INTERVALS),
            starts=tuple(sorted({self.start_of_slot(periods) for _ in range(chance.randint(1, 30))})),
        )

    def minute(self) -> int:
        """Some minute near the window: one used before, a quarter of an hour, or any."""
        kind = self.chance.random()
        if kind < 0.3:
            return self.chance.choice(self.used)
        minute = self.chance.randint(self.start - 3 * HOUR, self.end + 3 * HOUR)
        self.used.append(minute if kind < 0.6 else minute // 15 * 15)
        return self.used[-1]

    def length(self) -> int:
        """How long something takes."""
        return self.chance.choice(LENGTHS) if self.chance.random() < 0.7 else self.chance.randint(1, 300)

    def stretch(self) -> Stretch:
        """From a minute to a later one, which others may use."""
        start = self.minute()
        end = start + self.length()
        self.used.append(end)
        return start, end

    def zone(self) -> str:
        """Most often that of the case."""
        return self.tzid if self.chance.random() < 0.7 else self.chance.choice(zones())

    def proposed(self) -> tuple[Stretch, ...]:
        """The periods in which a time is looked for: the whole window, or some of it, odd, touching, overlapping."""
        if self.chance.random() < 0.4:
            return ((self.start, self.end),)
        found = [self.stretch() for _ in range(self.chance.randint(1, 6))]
        wide = [(start, end + self.chance.choice([0, 0, HOUR, 6 * HOUR, DAY])) for start, end in found]
        return tuple((start, min(end, start + self.days * DAY)) for start, end in wide)

    def now(self) -> int:
        """Mostly before all, else at or within it, seldom after it."""
        kind = self.chance.random()
        if kind < 0.6:
            return self.start - 6 * HOUR
        if kind < 0.75:
            return self.chance.choice(self.used)
        return self.chance.randint(self.start, self.end) if kind < 0.97 else self.end + DAY

    def buffer(self) -> int:
        return self.chance.choice(BUFFERS) if self.chance.random() < 0.8 else self.chance.randint(0, 180)

    def start_of_slot(self, periods: tuple[Stretch, ...]) -> int:
        """A start that may or may not be on the grid."""
        kind = self.chance.random()
        start, end = self.chance.choice(periods)
        if kind < 0.2:
            return start
        if kind < 0.4:
            return self.minute()
        minute = self.chance.randint(start, end)
        return minute // 15 * 15 if kind < 0.85 else minute

    def account(self) -> Account:
        """Somebody with a few events; with or without hours."""
        chance = self.chance
        return Account(
            tzid=None if chance.random() < 0.2 else self.zone(),
            events=tuple(self.event() for _ in range(chance.choice([0, 1, 1, 2, 2, 3, 4, 7]))),
            bookings=tuple(self.stretch() for _ in range(chance.choice([0, 0, 0, 1, 2]))),
            rules=tuple(self.rule(f"rule_{at}") for at in range(chance.choice([0, 0, 1, 1, 2, 4]))),
            periods=tuple(self.stored_period() for _ in range(chance.choice([0, 0, 0, 1, 3]))),
        )

    def event(self) -> Event:
        calendar, kind = self.chance.choice(CALENDARS), self.chance.choice(KINDS)
        sort = self.chance.random()
        if sort < 0.2:
            first = shown(self.tzid, self.minute()).date() + timedelta(self.chance.choice([-1, 0, 0, 0, 1]))
            days = self.chance.choice([1, 1, 1, 2, 3]) if self.chance.random() < 0.9 else 30
            return Event(calendar, kind, first, first + timedelta(days), self.chance.choice([None, self.zone()]))
        if sort < 0.23:
            return Event(calendar, kind, self.minute() - self.chance.randint(DAY, 20 * DAY), self.end + self.length())
        start, end = self.stretch()
        return Event(calendar, kind, start, end, self.chance.choice([None, None, self.zone()]))

    def stored_period(self) -> Stretch:
        start, end = self.stretch()
        return start, end + self.chance.choice([0, 0, 4 * HOUR, DAY])

    def rule(self, name: str) -> Rule:
        """Office hours, hours near the change of the clock, or any."""
        tzid = self.zone()
        weekly: list[tuple[str, int, int]] = []
        if self.chance.random() < 0.75:
            first, end = self.chance.choice([(540, 1020), (0, 1440), (1, 1439), (480, 720), (600, 1440), (0, 1200)])
            weekly += [(day, first, end) for day in self.chance.sample(DAYS, self.chance.randint(4, 7))]
        if self.chance.random() < 0.5:
            weekly += [self.near(shown(tzid, self.centre + self.chance.randint(-1, 1))) for _ in range(2)]
        while not weekly or self.chance.random() < 0.3:
            weekly.append((self.chance.choice(DAYS), *self.clocks(0, 1440)))
        named = self.chance.sample(CALENDARS, self.chance.choice([0, 1, 1, 2]))
        return Rule(name, tzid, tuple(weekly), tuple(named))

    def near(self, local: datetime) -> tuple[str, int, int]:
        """Some hours around what the clock shows."""
        clock = local.hour * 60 + local.minute
        return (DAYS[local.weekday()], *self.clocks(max(0, clock - 200), min(1440, clock + 200)))

    def clocks(self, first: int, end: int) -> Stretch:
        """Two clocks, often on a quarter of an hour, the second often 24:00."""
        step = self.chance.choice([1, 15, 30, 60])
        start = self.chance.randint(first, end - 1) // step * step
        if self.chance.random() < 0.15:
            return start, 1440
        return start, max(start + 1, self.chance.randint(start, end) // step * step)

    def people(self, accounts: int) -> tuple[tuple[int | None, bool], ...]:
        """Most of the accounts, and perhaps somebody without one."""
        some = self.chance.sample(range(accounts), self.chance.randint(1, min(accounts, 3)))
        alone = [(None, False)] if self.chance.random() < 0.3 else []
        return (*((one, self.chance.random() < 0.5) for one in some), *alone)

    def group(self, accounts: tuple[Account, ...]) -> Group:
        """Some of the accounts, all or a number of them required; others may be in another group as well."""
        some = self.chance.sample(range(len(accounts)), self.chance.randint(1, len(accounts)))
        members = tuple(self.member(one, accounts[one]) for one in some)
        everybody = self.chance.random() < (0.6 if len(some) < 4 else 0.2)
        return Group(members, len(some) if everybody else self.chance.randint(1, (len(some) + 1) // 2))

    def member(self, position: int, account: Account) -> Member:
        chance = self.chance
        ids = [one.id for one in account.rules]
        return Member(
            account=position,
            managed=chance.random() < 0.4,
            calendars=tuple(chance.sample(CALENDARS, chance.randint(0, 3))) if chance.random() < 0.25 else None,
            rules=tuple(chance.sample(ids, chance.randint(0, len(ids)))) if chance.random() < 0.25 else None,
            periods=self.proposed() if chance.random() < 0.12 else None,
        )
