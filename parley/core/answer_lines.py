"""What an answer by mail says between its greeting and its signature.

A name is left out only where a name stands: behind a greeting, behind a closing, or at the end when it is that of
somebody who takes part. Whatever limits or denies is never taken for one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from parley.core.answer_tokens import Line, is_name, tokens
from parley.core.words import LANGUAGES
from parley.core.words.table import Sense, Token, Words, fold, split

DOUBTS = frozenset(one for words in LANGUAGES for one in split(words.doubts))
SENT_FROM = tuple(one for words in LANGUAGES for one in split(words.sent_from))
EXCUSES = tuple(one for words in LANGUAGES for one in split(words.excuses))
PARTICULARS = tuple(one for words in LANGUAGES for one in split(words.particulars))
SPEAKERS = frozenset(one for words in LANGUAGES for one in split(words.subjects) if " " not in one)
KNOWN = frozenset(one[0] for words in LANGUAGES for one in words.lexicon if len(one) == 1)
NAME_WORDS = 4
SHORTEST_DAY = 2  # letters of abbreviations, which office hours are told in
SENT_FROM_WORDS = 16
SIGNATURE_LINES = 30
NAMED, UNNAMED = "name", "?"  # for a word that is a name here, and one that may be none
ADDRESSING = (Sense.THANKS, Sense.ASSENT, Sense.REMARK)
MARKS = (Sense.COMMA, Sense.DOT, Sense.DASH)
DELIMITER = ("--", "-- ")  # RFC 3676 4.3


def essence(text: str, words: Words, names: Collection[str], initials: Collection[str] = ()) -> list[Line]:
    """The lines that say something, as tokens; what could be meant otherwise stays in them."""
    lines = _without_sent_from([line for line in _above_delimiter(text.splitlines()) if line.strip()])
    read = _without_greeting([tokens(line, words) for line in lines], words, names)
    read = [_without_vocative(line, names) for line in read]
    read = _without_signature(read, lines, words, names)
    read = [line for line in read if line]
    if read and _is_abbreviated(read[-1], names, initials):
        names = {*names, *initials}
    return _without_own_name(read, words, names)


def _is_abbreviated(line: Line, names: Collection[str], initials: Collection[str]) -> bool:
    """Whether nothing but a name stands in a line, in whole or by its first letters: K., KC, Karl C."""
    return all(one.sense in MARKS or one.text in names or one.text in initials for one in line)


def _above_delimiter(lines: Sequence[str]) -> Sequence[str]:
    """The lines above a signature's delimiter; what names a day below it is no signature."""
    at = next((at for at, line in enumerate(lines) if line in DELIMITER), len(lines))
    is_over = not any(_names_a_day(line) for line in lines[at:] if not fold(line).startswith(PARTICULARS))
    return lines[:at] if is_over else lines


def _without_sent_from(lines: list[str]) -> list[str]:
    """Without the last lines that a mail program has added, in whatever language it speaks."""
    while lines:
        said = fold(lines[-1]).strip(" .")
        for excuse in EXCUSES:
            said = said.removesuffix(excuse).rstrip(" .,")
        found = said.split()
        if not said.startswith(SENT_FROM) or len(found) > SENT_FROM_WORDS:
            return lines
        if DOUBTS & set(found) or _names_a_day(lines[-1]):
            return lines
        lines = lines[:-1]
    return lines


def _without_greeting(lines: list[Line], words: Words, names: Collection[str]) -> list[Line]:
    """Without a first greeting and the name behind it: up to a mark, or to the end of the line."""
    if not lines:
        return lines
    length = _phrase(lines[0], words.greetings)
    if not length:
        return lines
    first = _with_named(lines[0], length, names)
    end = _end_of_name(first, length, names, anybody=True)
    rest = first[end:]
    if not rest or rest[0].sense in MARKS or first[end - 1].sense is Sense.DOT:
        return [rest, *lines[1:]]
    return [first, *lines[1:]]


def _with_named(line: Line, at: int, names: Collection[str]) -> Line:
    """The line with a word of our own behind its greeting read as a name, where that is all the greeting names.

    Hallo Jan: a month, or somebody who takes part. Hallo Mo: if nobody here is called so, it may be either.
    """
    ends = len(line) == at + 1 or (len(line) > at + 1 and line[at + 1].sense in MARKS)
    if ends and line[at].sense in (Sense.WEEKDAY, Sense.MONTH, Sense.RELATIVE, Sense.MORGEN):
        is_name = line[at].text in names or line[at].sense is Sense.MONTH
        kept = NAMED if is_name else UNNAMED
        return [*line[:at], Token(Sense.UNKNOWN, (), kept), *line[at + 1 :]]
    return line


def _without_vocative(line: Line, names: Collection[str]) -> Line:
    """Without the name of somebody who takes part, where they are spoken to: "thanks Grace", "Grace, ...".

    A name that ends a line, with no such word before it, may be a signature and stays.
    """
    kept: Line = []
    at = 0
    while at < len(line):
        end = _end_of_name(line, at, names, anybody=False)
        addressed = bool(kept) and kept[-1].sense in ADDRESSING
        bounded = not kept or kept[-1].sense in MARKS
        ends = end == len(line) or line[end].sense in MARKS or line[end - 1].sense in MARKS
        ends = ends and not any(one.text == ":" for one in (*line[:at], *line[end : end + 1]))
        if end > at and ends and (addressed or (bounded and end < len(line))):
            kept.append(Token(Sense.COMMA, (), ","))
            at = end
        else:
            kept.append(line[at])
            at += 1
    return kept


def _phrase(line: Line, phrases: str) -> int:
    """With how many tokens the line begins that are one of these phrases."""
    return (
        1 if line and line[0].sense in (Sense.PLAIN, Sense.THANKS, Sense.BUT) and line[0].text in split(phrases) else 0
    )


def _end_of_name(line: Line, start: int, names: Collection[str], *, anybody: bool) -> int:
    """Where the name ends that begins at `start`; `start` itself where there is none."""
    at = start
    while at < len(line) and at - start < NAME_WORDS and is_name(line[at], DOUBTS):
        if at > start and line[at - 1].text in names and line[at].text not in names:
            break  # nothing strange behind the name of somebody here
        is_strange = not anybody or line[at].text in KNOWN  # what means something in another language is hardly a name
        if is_strange and line[at].text not in names:
            break
        at += 1
        while at < len(line) and line[at].sense is Sense.DOT:  # Dr. Kapoor
            at += 1
    return at


def _without_signature(lines: list[Line], raw: Sequence[str], words: Words, names: Collection[str]) -> list[Line]:
    """Without a closing, the name behind it, and what a signature holds beside."""
    for at, line in enumerate(lines):
        strong, weak = _phrase(line, words.closings), _phrase(line, words.weak_closings)
        if strong and _is_signature(lines[at:], raw[at:], words, None):
            return lines[:at]
        if weak and _is_signature(lines[at:], raw[at:], words, names):
            return lines[:at]
    return lines


def _is_signature(lines: list[Line], raw: Sequence[str], words: Words, names: Collection[str] | None) -> bool:
    """Whether these lines are a closing, a name (one of `names`, or anybody's), and nothing that means more."""
    first = [one for one in lines[0][1:] if one.sense not in MARKS and one.text not in split(words.weak_closings)]
    following = lines[1:]
    if not first and following:
        first = [one for one in following[0] if one.sense not in MARKS]
        following, raw = following[1:], raw[1:]
    if _end_of_name(first, 0, names or (), anybody=names is None) < len(first):
        return False
    return _means_nothing(raw[1:], words) if first else not following


def _means_nothing(raw: Sequence[str], words: Words) -> bool:
    """Whether lines behind a name can only be a signature: where somebody works, how to reach them."""
    for line in raw[:SIGNATURE_LINES]:
        said = fold(line).strip(" *_-")
        if said.startswith(tuple(split(words.disclaimers))):
            return not any(_names_a_day(one) for one in raw)
        if said.startswith(PARTICULARS):
            continue
        if (DOUBTS | SPEAKERS) & {one.strip(".,;:!?()*") for one in said.split()} or _names_a_time(line, words):
            return False
    return len(raw) <= SIGNATURE_LINES


def _names_a_day(line: str) -> bool:
    """Whether a line says the name of a day in any language."""
    days = (Sense.WEEKDAY, Sense.RELATIVE, Sense.MORGEN)
    found = (one for words in LANGUAGES for one in tokens(line, words))
    return any(one.sense in days and len(one.text) > SHORTEST_DAY for one in found)


def _names_a_time(line: str, words: Words) -> bool:
    """Whether a line of a signature could still be part of the answer."""
    telling = (Sense.ORDINAL, Sense.WEEKDAY, Sense.CLOCK, Sense.DATE, Sense.MONTH, Sense.RELATIVE, Sense.MORGEN)
    found = tokens(line, words)
    senses = {one.sense for one in found}
    says_of_number = any(
        one.sense is Sense.NUMBER and after.sense in (Sense.VERB, Sense.ASKING, Sense.BEING)
        for one, after in pairwise(found)
    )
    if says_of_number or (Sense.NUMBER in senses and Sense.UNKNOWN not in senses):
        return True  # 2 is better; make that three
    return any(one.sense in (*telling, Sense.OCLOCK, Sense.NOT, Sense.ANY, Sense.NONE, Sense.OPTION) for one in found)


def _without_own_name(lines: list[Line], words: Words, names: Collection[str]) -> list[Line]:
    """Without the name of somebody who takes part at the very end: on a line, or behind a mark."""
    if not lines:
        return lines
    last = lines[-1]
    start = next((at for at in range(len(last)) if _end_of_name(last, at, names, anybody=False) > at), len(last))
    ends = _end_of_name(last, start, names, anybody=False) == len(last)
    stands_alone = (start == 0 and len(lines) > 1) or (start > 0 and last[start - 1].sense in MARKS)
    thanks = start > 0 and last[start - 1].text in (*split(words.closings), *split(words.weak_closings))
    return [*lines[:-1], last[:start]] if ends and (stands_alone or thanks) else lines
