"""What a language's table holds, and how it is looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple


class Sense(StrEnum):
    """What a word can mean in an answer. Each is one letter, so that patterns of them can be written down."""

    NUMBER = "N"  # 2, two
    YEAR = "y"  # 2031
    ORDINAL = "O"  # second, 2nd
    ONE = "1"  # one: a number in "at one", a noun in "the second one"
    LAST = "l"
    OPTION = "u"  # option, number, slot: what follows is a number, or an ordinal stands before it
    WEEKDAY = "W"
    MONTH = "M"
    DATE = "D"  # 2031-05-06, 06.05.
    CLOCK = "C"  # 15:00
    DOTTED = "K"  # 15.30: a time only where something says so
    RELATIVE = "R"  # today, tomorrow
    MORGEN = "g"  # "morgen": tomorrow, or behind a weekday its morning
    PART = "P"  # in the afternoon
    AT = "A"
    OCLOCK = "Q"
    AM = "a"
    PM = "p"
    NOON = "n"
    SHIFT = "H"  # half past, quarter to, halb
    UNTIL = "~"  # to, bis: between two times of the clock only
    ARTICLE = "t"
    ON = "o"
    OF = "f"
    AND = "&"
    NOT = "!"
    INSTEAD = "I"
    BUT = "B"
    FROM = "F"  # before two times of the clock only
    SUBJECT = "s"  # I, we
    FUTURE = "z"  # I will
    DATIVE = "d"  # for me
    VERB = "v"  # works, suits
    DECIDE = "c"  # choose, confirm: a day beside it may be the one on which that will be done
    ASKING = "q"  # a verb that makes a question where the sentence begins with it
    BEING = "b"  # is, are: so does this, and it counts people as well
    PLAIN = "_"  # says nothing about times: please, then
    THANKS = "h"
    ASSENT = "+"  # yes, gladly
    REMARK = "m"  # great, it's: directly before a day it says something of that day
    ALSO = "="  # goes on with what was said before, whatever that was
    ANY = "Y"
    NONE = "Z"
    STOP = "X"
    REGRET = "r"  # goes with what is declined only
    COMMA = ","
    DOT = "."
    DASH = "-"
    QUESTION = "?"
    UNKNOWN = "U"


MORNING = (0, 12)


class Token(NamedTuple):
    """One word, or one phrase, with what it means; `value` depends on the sense."""

    sense: Sense
    value: tuple[int, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Words:
    """A language. Every word is written as `fold` leaves it; several words are a phrase.

    Words that stand nowhere here make an answer unclear: so nothing that limits or questions a choice belongs in it.
    """

    plain: str  # words and phrases, separated by |, as in the next ones
    thanks: str
    thanked_for: str  # what may follow each of them
    assent: str
    remarks: str
    uncertain: str  # known words that together say nothing certain
    also: str
    subjects: str
    datives: str
    verbs: str
    decisions: str
    asking: str
    being: str
    articles: str
    on: str
    at: str
    until: str
    conjunctions: str  # and, or
    negations: str
    instead: str
    contrasts: str
    options: str
    oclock: str
    noon: str
    any: str
    none: str
    regrets: str
    stop: str
    last: str
    greetings: str
    closings: str  # behind these a name may follow that nobody has told us
    weak_closings: str  # behind these only the name of somebody who takes part
    sent_from: str  # what a line begins with that a mail program has added
    doubts: str  # words that limit or deny: whatever holds one is neither a name nor a signature
    disclaimers: str  # what the last part of a signature begins with
    particulars: str  # what a line of a signature begins with that may hold any words
    excuses: str  # what mail programs add to what they add
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    ordinal_endings: str
    weekdays: Mapping[str, int]  # Monday is 0
    months: Mapping[str, int]
    relative: Mapping[str, int]  # in how many days
    parts: Mapping[str, tuple[int, int]]  # from and to which hour
    shifts: Mapping[str, int]  # minutes to be added to the hour that follows
    plurals: str = ""  # directly behind the first number: how many, not which
    doubtful: str = ""  # a pattern of senses that makes an answer unclear in this language
    future: str = ""
    since: str = ""
    of: str = ""
    am: str = ""
    pm: str = ""
    one: str = ""
    morgen: str = ""
    early: str = ""  # behind a day: its morning; anywhere else it may mean "too early"
    dotted: Mapping[str, Token] = field(default_factory=dict)  # abbreviations that need their full stop

    @cached_property
    def lexicon(self) -> dict[tuple[str, ...], tuple[Token, ...]]:
        """Every word and phrase, as a row of words, with what it means."""
        found: dict[tuple[str, ...], tuple[Token, ...]] = {}
        for sense, texts in self._plain_senses():
            found |= {tuple(one.split()): (Token(sense, (), one),) for one in split(texts)}
        for thanks in split(self.thanks):
            for reason in split(self.thanked_for):
                found[(*thanks.split(), *reason.split())] = (Token(Sense.THANKS, (), f"{thanks} {reason}"),)
        for sense, values in self._valued():
            found |= {tuple(one.split()): (Token(sense, (value,), one),) for one, value in values.items()}
        parts = {one: Token(Sense.PART, hours, one) for one, hours in self.parts.items()}
        found |= {tuple(one.split()): (token,) for one, token in parts.items()}
        days = {one: Token(Sense.WEEKDAY, (number,), one) for one, number in self.weekdays.items()}
        for day, token in days.items():  # Dienstagnachmittag
            found |= {(day + one,): (token, part) for one, part in parts.items()}
        for day, token in (days | {one: Token(Sense.MORGEN, (), one) for one in split(self.morgen)}).items():
            found |= {(day, one): (token, Token(Sense.PART, MORNING, one)) for one in split(self.early)}
        return found

    def _plain_senses(self) -> list[tuple[Sense, str]]:
        return [
            (Sense.PLAIN, self.greetings),
            (Sense.THANKS, self.closings),
            (Sense.THANKS, self.weak_closings),
            (Sense.PLAIN, self.plain),
            (Sense.THANKS, self.thanks),
            (Sense.ASSENT, self.assent),
            (Sense.REMARK, self.remarks),
            (Sense.UNKNOWN, self.uncertain),
            (Sense.ALSO, self.also),
            (Sense.SUBJECT, self.subjects),
            (Sense.FUTURE, self.future),
            (Sense.DATIVE, self.datives),
            (Sense.VERB, self.verbs),
            (Sense.DECIDE, self.decisions),
            (Sense.ASKING, self.asking),
            (Sense.BEING, self.being),
            (Sense.ARTICLE, self.articles),
            (Sense.ON, self.on),
            (Sense.AT, self.at),
            (Sense.UNTIL, self.until),
            (Sense.FROM, self.since),
            (Sense.OF, self.of),
            (Sense.AND, self.conjunctions),
            (Sense.NOT, self.negations),
            (Sense.INSTEAD, self.instead),
            (Sense.BUT, self.contrasts),
            (Sense.OPTION, self.options),
            (Sense.OCLOCK, self.oclock),
            (Sense.NOON, self.noon),
            (Sense.AM, self.am),
            (Sense.PM, self.pm),
            (Sense.LAST, self.last),
            (Sense.MORGEN, self.morgen),
            (Sense.ANY, self.any),
            (Sense.NONE, self.none),
            (Sense.REGRET, self.regrets),
            (Sense.STOP, self.stop),
            (Sense.ONE, self.one),
        ]

    def _valued(self) -> list[tuple[Sense, Mapping[str, int]]]:
        return [
            (Sense.NUMBER, self.numbers),
            (Sense.ORDINAL, self.ordinals),
            (Sense.WEEKDAY, self.weekdays),
            (Sense.MONTH, self.months),
            (Sense.RELATIVE, self.relative),
            (Sense.SHIFT, self.shifts),
        ]

    @cached_property
    def longest(self) -> int:
        """How many words the longest phrase has."""
        return max(map(len, self.lexicon))


FOLDED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'", "‘": "'", "´": "'", "`": "'", "\xa0": " "}
)


def fold(text: str) -> str:
    """The text as the tables write it: lower case, umlauts as two letters, one kind of apostrophe."""
    return text.lower().translate(FOLDED)


def split(texts: str) -> Iterable[str]:
    """The words and phrases of a row of a table."""
    return [one.strip() for one in texts.split("|") if one.strip()]
