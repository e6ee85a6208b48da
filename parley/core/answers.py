"""Reading what somebody answers to a mail that lists slots: which of them are chosen, if that is beyond doubt.

Every word must be known, in one language; what is left over, or can be meant in two ways, makes the answer unclear.
An answer names only slots that are offered. `docs/mail.md` tells the rules to those who write answers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from parley.core.answer_clauses import (
    AFFIRMING,
    PASSING,
    SEPARATORS,
    Clause,
    Mention,
    asks,
    is_consistent,
    joins_nothing,
    meant,
    mentions,
    split_clauses,
    tells_when,
)
from parley.core.answer_lines import essence
from parley.core.answer_slots import Element, Item, Offer, items
from parley.core.words import LANGUAGES
from parley.core.words.table import Sense, Token, Words, fold, split

MOST_NAMED = 60  # parts of an answer that name a slot
LONGEST = 2000  # characters of an answer that is read at all
SPACES = {"\t", "\n", "\r", "\xa0", "\u2009", "\u202f"}


class Reason(StrEnum):
    """Why an answer is not acted upon."""

    EMPTY = "empty"
    LONG = "long"
    WORDS = "words"  # it holds words that are not in the tables
    QUESTION = "question"
    NOTHING_NAMED = "nothing_named"
    NOT_OFFERED = "not_offered"
    SEVERAL = "several"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Chosen:
    """These starts are chosen, ascending."""

    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NoneSuit:
    """None of the slots suits."""


@dataclass(frozen=True, slots=True)
class Stop:
    """No more mail is wanted."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """It cannot be told what is meant."""

    reason: Reason


Answer = Chosen | NoneSuit | Stop | Unclear


def read(text: str, offer: Offer, names: Collection[str] = ()) -> Answer:
    """What the new text of an answer says; `names` are those of the people who take part."""
    if len(text) > LONGEST:
        return Unclear(Reason.LONG)
    if any(not one.isprintable() and one not in SPACES for one in text):
        return Unclear(Reason.WORDS)
    known = {word for name in names for word in fold(name).split()}
    initials = {one for name in names for one in _initials(fold(name).split())}
    answers = [_in_language(text, words, offer, known, initials) for words in LANGUAGES]
    readable = [one for one in answers if one != Unclear(Reason.WORDS)]
    return readable[0] if readable and all(one == readable[0] for one in readable) else _why(answers)


def _initials(words: Sequence[str]) -> list[str]:
    """How somebody may abbreviate their name: the first letter of each word, or all of them."""
    letters = [word[0] for word in words]
    return [*letters, "".join(letters)]


def _why(answers: Sequence[Answer]) -> Unclear:
    """The most telling reason among languages that disagree, or none of which reads it."""
    told = [one for one in answers if isinstance(one, Unclear) and one.reason is not Reason.WORDS]
    return told[0] if told else Unclear(Reason.WORDS)


def _in_language(text: str, words: Words, offer: Offer, names: Collection[str], initials: Collection[str]) -> Answer:
    lines = essence(text, words, names, initials)
    line = [token for one in lines for token in _ended(one)]
    if not any(token.sense not in SEPARATORS for token in line):
        return Unclear(Reason.EMPTY)
    if any(token.sense is Sense.UNKNOWN for token in line):
        return Unclear(Reason.WORDS)
    if any(token.sense is Sense.QUESTION for token in line):
        return Unclear(Reason.QUESTION)
    codes = "".join(token.sense.value for token in line)
    if DOUBTFUL.search(codes) or (words.doubtful and re.search(words.doubtful, codes)):
        return Unclear(Reason.NOTHING_NAMED)
    if _may_be_a_name(line, {*names, *initials}) or _may_count(line, words):
        return Unclear(Reason.NOTHING_NAMED)
    found = list(items(line, offer))
    if sum(isinstance(item, Element) for item in found) > MOST_NAMED:
        return Unclear(Reason.SEVERAL)
    return _judged(found, offer)


def _may_be_a_name(line: Sequence[Token], names: Collection[str]) -> bool:
    """Whether a day stands where a name does, and somebody here is called so: "Thanks, Sunday", "LG Mo"."""
    mark = Token(Sense.COMMA)
    return any(
        day.sense in (Sense.WEEKDAY, Sense.MORGEN)
        and day.text in names
        and before.sense in (*SEPARATORS, Sense.THANKS, Sense.PLAIN)
        and after.sense in SEPARATORS
        for before, day, after in zip([mark, *line], line, [*line[1:], mark], strict=False)
    )


def _may_count(line: Sequence[Token], words: Words) -> bool:
    """Whether the first number may be how many suit, and not which: "two work", "3 sind möglich"."""
    at = next((at for at, one in enumerate(line) if one.sense is Sense.NUMBER), len(line))
    return any(one.text in split(words.plurals) for one in line[at + 1 : at + 2])


DANGLING = {Sense.AT, Sense.ON, Sense.ARTICLE, Sense.OF, Sense.FROM}


def _ended(line: Sequence[Token]) -> Sequence[Token]:
    """A line with a mark behind it, unless it breaks off where something has to follow."""
    return line if line and line[-1].sense in DANGLING else (*line, Token(Sense.COMMA))


# What names a slot by its words only; the letters are those of `Sense`.
DOUBTFUL = re.compile(
    "|".join(
        (
            r"ht?o",  # thanks for Friday
            r"m[+to]*[WDRgP](?!A?[CKNn1])",  # happy Friday, it's Friday
            r"m_*[to]*[O1l]|m[to]*(N\.?)?M|m_+N",  # nice one, happy 4th
            r"[WRgD]b[to]*[WRgD]",  # tomorrow is Sunday
            r"(b|(?<![vcq])[sz])[_=t]*[N1](?![apQ:])",  # we are 4
            r"(b|(?<![vcq])[sz])[_+t]*[Ol](?!u)",  # I'm second
            r"^[,.]*O[,.]*h|^[,.]*O[,.]+m",  # first, thanks
            r"^[,.]*P[,.-]",  # "Morning! ..."
            r"^[,.]*g[,.]+(?!A?[CKN1])",  # "Morgen, ...": good morning
        )
    )
)
SUBJECTS = {Sense.SUBJECT, Sense.FUTURE, Sense.DATIVE}
HARMLESS = {*SEPARATORS, *PASSING, *SUBJECTS, *AFFIRMING, Sense.AND}
SAYING = {*HARMLESS, Sense.ALSO, Sense.NOT, Sense.INSTEAD, Sense.BUT, Sense.REGRET}  # what may stand around elements
TELLING = {*SUBJECTS, *AFFIRMING} - PASSING


def _judged(found: Sequence[Item], offer: Offer) -> Answer:
    """What the items of an answer say together."""
    senses = {item.sense for item in found if isinstance(item, Token)}
    names_slots = any(isinstance(item, Element) for item in found)
    if senses & {Sense.ANY, Sense.NONE, Sense.STOP}:
        return Unclear(Reason.CONTRADICTION) if names_slots else _sweeping(found, senses, offer)
    if not senses <= SAYING:
        return Unclear(Reason.WORDS)
    if not names_slots:
        return Unclear(Reason.NOTHING_NAMED)
    clauses = split_clauses(found)
    if any(asks(one) for one in clauses):
        return Unclear(Reason.QUESTION)
    if joins_nothing(found) or not is_consistent(clauses):
        return Unclear(Reason.CONTRADICTION)
    return _weighed(found, clauses, offer)


def _sweeping(found: Sequence[Item], senses: set[Sense], offer: Offer) -> Answer:
    """An answer about all slots, or about the mail itself."""
    if senses <= {*HARMLESS, Sense.NONE, Sense.REGRET}:
        return NoneSuit()
    if senses <= {*SEPARATORS, *PASSING, *SUBJECTS, Sense.STOP, Sense.REGRET}:
        return Stop()
    if (
        senses <= {*HARMLESS, Sense.ANY} - {Sense.AND, Sense.DECIDE}
        and offer.starts
        and not any(asks(one) for one in split_clauses(found))
    ):
        return Chosen(offer.starts[:1])
    return Unclear(Reason.CONTRADICTION)


def _weighed(found: Sequence[Item], clauses: Sequence[Clause], offer: Offer) -> Answer:
    """What is affirmed, unless it is denied as well."""
    affirmed = mentions(clauses, denied=False)
    if not affirmed:
        return Unclear(Reason.NOTHING_NAMED)
    alone = not any(isinstance(item, Token) and item.sense in TELLING for item in found)
    chosen: set[int] = set()
    for one in affirmed:
        slots = meant(one, offer, alone=alone)
        if tells_when(clauses, one):
            return Unclear(Reason.NOTHING_NAMED)
        if len(slots) != 1:
            return Unclear(Reason.SEVERAL if slots else Reason.NOT_OFFERED)
        chosen |= slots
    if any(chosen & one.widest for one in mentions(clauses, denied=True)):
        return Unclear(Reason.CONTRADICTION)
    if len(chosen) > 1 and not (len(chosen) <= offer.most and _is_a_list(found, affirmed)):
        return Unclear(Reason.SEVERAL)
    return Chosen(tuple(sorted(offer.starts[at] for at in chosen)))


def _is_a_list(found: Sequence[Item], affirmed: Sequence[Mention]) -> bool:
    """Whether several are named as such: all in the same way, and between them nothing but a mark or an "and"."""
    places = [at for at, item in enumerate(found) if isinstance(item, Element)]
    row = found[places[0] : places[-1] + 1]
    begins = [one.elements[0] for one in affirmed]
    parted = all(
        not isinstance(before, Element) or not any(after is first for first in begins)
        for before, after in pairwise(row)
    )
    joined = all(isinstance(item, Element) or item.sense in {*SEPARATORS, Sense.AND, Sense.ALSO} for item in row)
    spans = any(isinstance(before, Element) and _is_dash(after) for before, after in pairwise(row))  # Monday - Friday
    return parted and joined and not spans and len({one.kinds for one in affirmed}) == 1


def _is_dash(item: Item) -> bool:
    return isinstance(item, Token) and item.sense is Sense.DASH
