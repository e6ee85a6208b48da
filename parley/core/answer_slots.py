"""Which of the offered slots a part of an answer names: a number, a day, a time of the day, or several of these.

Each part is found by a pattern of the senses of its words, and stands for all slots that it fits. Parts of one mention
narrow each other down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from parley.core import zones
from parley.core.answer_tokens import Line
from parley.core.words.table import MORNING, Sense, Token

LOOSE = {Sense.ON, Sense.AT, Sense.RELATIVE, Sense.MORGEN}
SMALL_HOURS = 4  # before this "tomorrow" may be meant for today
HALF_DAY, HOURS, DAYS_OF_WEEK = 12, 24, 7


@dataclass(frozen=True)
class Offer:
    """What an answer can choose from: these starts, numbered from 1, told in this zone; at most so many of them.

    `now` is when the answer was written; nothing where it is not certain on which day. `duration` is in seconds.
    """

    starts: tuple[int, ...]
    zone: str
    now: int | None = None
    most: int = 1
    duration: int = 0

    @cached_property
    def times(self) -> list[Local]:
        """What calendar and clock show at each start."""
        return [_local(self.zone, start) for start in self.starts]

    @cached_property
    def ends(self) -> list[Local]:
        """What they show at each end."""
        return [_local(self.zone, start + self.duration) for start in self.starts]

    @cached_property
    def today(self) -> date | None:
        """The day on which the answer was written, where that is beyond doubt."""
        if self.now is None:
            return None
        written = _local(self.zone, self.now)
        return written.day if written.hour >= SMALL_HOURS else None

    def where(self, fits: Callable[[Local], bool]) -> frozenset[int]:
        """The places of the slots that fit."""
        return frozenset(at for at, one in enumerate(self.times) if fits(one))

    def numbered(self, number: int) -> frozenset[int]:
        """The place of the slot of this number."""
        return frozenset({number - 1} if 1 <= number <= len(self.starts) else ())


@dataclass(frozen=True, slots=True)
class Local:
    """A moment as people there see it."""

    day: date
    hour: int
    minute: int


def _local(zone: str, instant: int) -> Local:
    shown = zones.local(zone, instant)
    return Local(shown.date().to_stdlib(), shown.hour, shown.minute)


class Kind(StrEnum):
    """What a part of a mention tells; a mention has each at most once."""

    NUMBER = "number"
    BARE = "bare"  # a number with nothing that says of what: an hour, perhaps
    WEEKDAY = "weekday"
    DATE = "date"
    CLOCK = "clock"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a mention, and the places of the slots that it fits; `hours` those that a bare number fits as one."""

    kind: Kind
    slots: frozenset[int]
    hours: frozenset[int] = frozenset()
    definite: bool = False  # "the second"
    loose: bool = False  # "on Friday", "tomorrow", "at 3": it may say when something else is


Item = Element | Token
Meaning = Callable[[Offer, Line], list[Element]]


def items(line: Line, offer: Offer) -> Iterator[Item]:
    """The tokens of an answer, those that name slots put together to elements."""
    codes = "".join(one.sense.value for one in line)
    at = 0
    while at < len(line):
        for pattern, meaning in PATTERNS:
            found = pattern.match(codes, at)
            if found:
                part = line[at : found.end()]
                definite, loose = part[0].sense is Sense.ARTICLE, any(one.sense in LOOSE for one in part)
                yield from (replace(one, definite=definite, loose=loose) for one in meaning(offer, part))
                at = found.end()
                break
        else:
            yield line[at]
            at += 1


def _first(tokens: Sequence[Token], *senses: Sense) -> tuple[int, ...]:
    return next((one.value for one in tokens if one.sense in senses), ())


def _date(offer: Offer, tokens: Line) -> list[Element]:
    """The 6th of May 2031, in any order; a month or a year that is not named fits any."""
    literal = _first(tokens, Sense.DATE)
    year, month, day = literal or (
        (_first(tokens, Sense.YEAR) or (0,))[0],
        (_first(tokens, Sense.MONTH) or (0,))[0],
        (_first(tokens, Sense.NUMBER, Sense.ORDINAL) or (0,))[0],
    )
    return [
        Element(
            Kind.DATE,
            offer.where(
                lambda one: (
                    one.day.day == day
                    and one.day.month == (month or one.day.month)
                    and one.day.year == (year or one.day.year)
                )
            ),
        )
    ]


def _dotted_date(offer: Offer, tokens: Line) -> list[Element]:
    """27.11 before a time of the day."""
    day, month, _ = _first(tokens, Sense.DOTTED)
    return [Element(Kind.DATE, offer.where(lambda one: (one.day.day, one.day.month) == (day, month)))]


def _dotted(offer: Offer, tokens: Line) -> list[Element]:
    """A time of the day, or a date where no slot begins at such a time."""
    (clock,) = _clock(offer, tokens)
    return [clock] if clock.slots else _dotted_date(offer, tokens)


def _nothing(_offer: Offer, _tokens: Line) -> list[Element]:
    """The slot: which one is told behind it."""
    return []


def _weekday(offer: Offer, tokens: Line) -> list[Element]:
    number = _first(tokens, Sense.WEEKDAY)[0]
    day = Element(Kind.WEEKDAY, offer.where(lambda one: one.day.weekday() == number))
    return [day, _within(offer, MORNING)] if tokens[-1].sense is Sense.MORGEN else [day]


def _relative(offer: Offer, tokens: Line) -> list[Element]:
    """Today or later; fits nothing where the day of writing is in doubt."""
    days = (_first(tokens, Sense.RELATIVE) or (1,))[0]
    meant = offer.today + timedelta(days=days) if offer.today else None
    return [Element(Kind.DATE, offer.where(lambda one: one.day == meant))]


def _part(offer: Offer, tokens: Line) -> list[Element]:
    return [_within(offer, (tokens[-1].value[0], tokens[-1].value[1]))]


def _within(offer: Offer, hours: tuple[int, int]) -> Element:
    return Element(Kind.PART, offer.where(lambda one: hours[0] <= one.hour < hours[1]))


def _clock(offer: Offer, tokens: Line) -> list[Element]:
    """A time of the day; up to twelve it may be before noon or after, unless something says which."""
    found = [one for one in tokens if one.sense in (Sense.NUMBER, Sense.ONE, Sense.CLOCK, Sense.DOTTED)]
    hour, minute, exact = _clock_value(found[0])
    if found[0].sense is Sense.NUMBER and len(found) > 1:  # 15 Uhr 30
        minute = found[1].value[0]
    minutes = hour * 60 + minute + (_first(tokens, Sense.SHIFT) or (0,))[0]
    return [Element(Kind.CLOCK, _at(offer, _readings(minutes, tokens, exact=bool(exact))))]


def _clock_slot(offer: Offer, tokens: Line) -> list[Element]:
    """The 2 pm slot."""
    return _clock(offer, tokens[:-1])


def _clock_value(token: Token) -> tuple[int, int, int]:
    if token.sense is Sense.ONE:
        return 1, 0, 0
    if token.sense is Sense.NUMBER:
        return token.value[0], 0, int(token.value[0] > HALF_DAY)
    return token.value[0], token.value[1], token.value[2]


def _readings(minutes: int, tokens: Line, *, exact: bool) -> set[int]:
    """The minutes since midnight that such a time can mean."""
    hour = minutes // 60
    if _has(tokens, Sense.AM) or _has(tokens, Sense.PM):
        if not 1 <= hour <= HALF_DAY:
            return {minutes} if _has(tokens, Sense.PM) and HALF_DAY < hour < HOURS else set()
        return {minutes % (HALF_DAY * 60) + (HALF_DAY * 60 if _has(tokens, Sense.PM) else 0)}
    return {minutes} if exact else _both_halves(minutes)


def _both_halves(minutes: int) -> set[int]:
    early = minutes % (HALF_DAY * 60)
    return {early, early + HALF_DAY * 60}


def _has(tokens: Line, sense: Sense) -> bool:
    return any(one.sense is sense for one in tokens)


def _at(offer: Offer, minutes: set[int]) -> frozenset[int]:
    return offer.where(lambda one: one.hour * 60 + one.minute in minutes)


def _hour_of_part(offer: Offer, tokens: Line) -> list[Element]:
    """3 in the afternoon."""
    clock = [one for one in tokens if one.sense is not Sense.PART]
    return [*_clock(offer, clock), *_part(offer, tokens)]


def _noon(offer: Offer, _tokens: Line) -> list[Element]:
    return [Element(Kind.CLOCK, _at(offer, {HALF_DAY * 60}))]


def _range(offer: Offer, tokens: Line) -> list[Element]:
    """From one time to another: the slots that take exactly this time."""
    first, last = (one.value for one in tokens if one.sense is Sense.CLOCK)
    starts = _at(offer, {first[0] * 60 + first[1]})
    ends = {at for at, one in enumerate(offer.ends) if (one.hour, one.minute) == (last[0], last[1])}
    return [Element(Kind.CLOCK, starts & ends if offer.duration else frozenset())]


def _option(offer: Offer, tokens: Line) -> list[Element]:
    """A number of which something says that it is one."""
    number = (_first(tokens, Sense.NUMBER, Sense.ORDINAL) or (1,))[0]
    return [Element(Kind.NUMBER, offer.numbered(number))]


def _last(offer: Offer, _tokens: Line) -> list[Element]:
    return [Element(Kind.NUMBER, offer.numbered(len(offer.starts)))]


def _ordinal(offer: Offer, tokens: Line) -> list[Element]:
    """The second: a number, and a day of the month as well where such a day lies among those that are offered."""
    number = _first(tokens, Sense.NUMBER, Sense.ORDINAL)[0]
    as_day = offer.where(lambda one: one.day.day == number)
    if number in _days_spanned(offer):
        slots = as_day | offer.numbered(number) if as_day else frozenset()
        return [Element(Kind.NUMBER, slots)]
    return [Element(Kind.NUMBER, offer.numbered(number))]


def _days_spanned(offer: Offer) -> set[int]:
    if not offer.starts:
        return set()
    first, last = min(one.day for one in offer.times), max(one.day for one in offer.times)
    return {(first + timedelta(days=ahead)).day for ahead in range(min((last - first).days, 31) + 1)}


def _bare(offer: Offer, tokens: Line) -> list[Element]:
    """A number alone: that of a slot, or an hour."""
    number = (_first(tokens, Sense.NUMBER) or (1,))[0]
    minutes = {number * 60} if number > HALF_DAY else _both_halves(number * 60)
    return [Element(Kind.BARE, offer.numbered(number), _at(offer, minutes))]


# In this order; the letters are those of `Sense`.
PATTERNS: list[tuple[re.Pattern[str], Meaning]] = [
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"[to]*[NO]\.?t?f?M(\.(?=[^,])|\.?,?y)?(,?y)?", _date),  # 6 May, the 6th of May, 6. Mai 2031
        (r"[to]*M\.?t?[NO](?![apQ])(\.?,?y)?", _date),  # May 6, May the 6th, 2031
        (r"[to]*D(?:\.?,?y)?", _date),
        (r"[to]*K(?=,?(A[CKN1]|C|N[Qap]))|ot?K", _dotted_date),
        (r"t[u1](?=[to]*o[to]*[WDRg])|t?u(?=A[CKN1])", _nothing),  # the slot on Friday
        (r"t(A?[N1][ap]|CQ?|[N1]Q)[u1](?!\.?[N1])", _clock_slot),  # the 2 pm slot
        (r"tW[u1](?!\.?[N1apQ])", _weekday),  # the Friday one
        (r"o+t?(O|N\.)(?![apQ])", _date),  # on the 6th, am 6.
        (r"o*[Rg]", _relative),
        (r"[to]*W\.?g", _weekday),
        (r"[to]*W", _weekday),
        (r"o*P", _part),
        (r"[AF]?CQ?[-~]CQ?", _range),
        (r"A?H[N1][ap]?Q?", _clock),
        (r"A?[CK]([ap]|Q)", _clock),
        (r"AK|A?C", _clock),
        (r"(?<=[WD])K|(?<=[WD],)K", _dotted),  # Fr 14.00, Fr 27.11
        (r"A?[N1][ap]", _clock),
        (r"A?NQN(?!\.?M)", _clock),
        (r"A?[N1]o*P", _hour_of_part),
        (r"A?[N1]Q", _clock),
        (r"A[N1](?!\.?M|:)", _clock),
        (r"A?n", _noon),
        (r"t?u\.?[N1](?![apQ])", _option),
        (r"t?(O|N\.)[u1]", _option),
        (r"t?l[u1]", _last),
        (r"tl(?!W)", _last),
        (r"t?O(?!\.?[WN1])", _ordinal),
        (r"tN\.(?!W)", _ordinal),
        (r"tN(?![.apQ]*W)(?![apQ])", _option),
        (r"[N1](?![apQ])", _bare),
    )
]
