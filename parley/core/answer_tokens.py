"""The text of an answer by mail as tokens of one language; what the language does not know is an unknown token."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from parley.core.words.table import Sense, Token, Words, fold

DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:t(\d\d):(\d\d)(?::00)?)?", re.ASCII)
DOTTED_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)?", re.ASCII)
SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d\d))?", re.ASCII)
CLOCK = re.compile(r"(\d{1,2})([:.h])(\d\d)?", re.ASCII)
CLOCKS = re.compile(r"(\d{1,2}:\d\d)[-–](\d{1,2}:\d\d)", re.ASCII)
SUFFIXED = re.compile(r"(\d{1,2}(?:[:.]\d\d)?)([a-z.]+)", re.ASCII)
NUMBER = re.compile(r"\d{1,2}|[12]\d{3}", re.ASCII)
HASH = re.compile(r"#(\d{1,2})", re.ASCII)
WORD = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]+)*", re.UNICODE)
SIGNED = re.compile(r"[-–—~][^\W\d_]+", re.UNICODE)  # -Karl
MARKS = {",": Sense.COMMA, ";": Sense.COMMA, ":": Sense.COMMA, "!": Sense.COMMA, ")": Sense.COMMA, "]": Sense.COMMA}
OPENING = {"(": Sense.COMMA, "[": Sense.COMMA}
DASHES = {"-", "–", "—", "--"}
TITLE, NAMED = "fr", (Sense.DOT, Sense.UNKNOWN)
SHORTEST_HOUR = 7  # "2h" is how long something takes
Line = list[Token]


def tokens(line: str, words: Words) -> Line:
    """What a line says; the text of each token is as `fold` leaves it."""
    pieces = [piece for chunk in fold(line).split() for piece in _pieces(chunk, words)]
    return _with_titles(list(_with_phrases(pieces, words)))


def _with_titles(line: Line) -> Line:
    """The line with "Fr." before a name read as Frau, and not as Friday."""
    return [
        one._replace(sense=Sense.UNKNOWN) if one.text == TITLE and _are(line[at + 1 : at + 3], *NAMED) else one
        for at, one in enumerate(line)
    ]


def _are(line: Sequence[Token], *senses: Sense) -> bool:
    return [one.sense for one in line] == list(senses)


def _pieces(chunk: str, words: Words) -> list[Token]:
    """A chunk between spaces: the marks around it, and what is in between."""
    if chunk in DASHES:
        return [Token(Sense.DASH, (), chunk)]
    if (chunk,) in words.lexicon:  # a smile, an ampersand
        return [Token(Sense.UNKNOWN, (), chunk)]
    before: list[Token] = []
    if SIGNED.fullmatch(chunk):
        before, chunk = [Token(Sense.DASH, (), chunk[0])], chunk[1:]
    after: list[Token] = []
    while chunk and (chunk[0] in OPENING or chunk[0] == "*"):
        before += [Token(OPENING[chunk[0]], (), chunk[0])] if chunk[0] in OPENING else []
        chunk = chunk[1:]
    while chunk and (chunk[-1] in MARKS or chunk[-1] in "?*"):
        sense = Sense.QUESTION if chunk[-1] == "?" else MARKS.get(chunk[-1])
        after = [Token(sense, (), chunk[-1]), *after] if sense else after
        chunk = chunk[:-1]
    return [*before, *_core(chunk, words), *after]


def _core(chunk: str, words: Words) -> list[Token]:
    """What is left of a chunk without the marks around it: numbers at once, words still to be looked up."""
    if not chunk:
        return []
    if found := _numeric(chunk, words):
        return found
    if chunk.endswith(".") and not chunk.endswith(".."):
        name = chunk[:-1]
        if name in words.dotted:
            return [words.dotted[name]._replace(text=chunk), Token(Sense.DOT, (), ".")]
        return [*(_numeric(name, words) or [Token(Sense.UNKNOWN, (), name)]), Token(Sense.DOT, (), ".")]
    return [Token(Sense.UNKNOWN, (), chunk)]


def _numeric(chunk: str, words: Words) -> list[Token]:
    """A chunk with digits, where it is one that can be read in one way only."""
    if found := HASH.fullmatch(chunk):
        return [Token(Sense.OPTION, (), "#"), Token(Sense.NUMBER, (int(found[1]),), found[1])]
    if NUMBER.fullmatch(chunk):
        return [Token(Sense.YEAR if len(chunk) == 4 else Sense.NUMBER, (int(chunk),), chunk)]
    if found := CLOCKS.fullmatch(chunk):
        return [_clock(found[1]), Token(Sense.DASH, (), "-"), _clock(found[2])]
    return _date(chunk) or _time(chunk, words)


def _date(chunk: str) -> list[Token]:
    if found := DATE.fullmatch(chunk):
        day = Token(Sense.DATE, (int(found[1]), int(found[2]), int(found[3])), chunk)
        return [day, _clock(f"{found[4]}:{found[5]}")] if found[4] else [day]
    if (found := DOTTED_DATE.fullmatch(chunk)) and 1 <= int(found[2]) <= 12:
        return [Token(Sense.DATE, (_year(found[3]), int(found[2]), int(found[1])), chunk)]
    if found := SLASHED_DATE.fullmatch(chunk):
        first, second = int(found[1]), int(found[2])
        if first > 12 or first == second:
            return [Token(Sense.DATE, (_year(found[3]), second, first), chunk)]
        if second > 12:
            return [Token(Sense.DATE, (_year(found[3]), first, second), chunk)]
    return []  # 5/6 is in May for some and in June for others


def _year(text: str | None) -> int:
    """The year of a date; 0 where none is named."""
    return 0 if text is None else int(text) if len(text) == 4 else 2000 + int(text)


def _time(chunk: str, words: Words) -> list[Token]:
    if (found := CLOCK.fullmatch(chunk)) and (found[3] or found[2] == "h"):
        return [_clock(chunk)] if found[2] != "h" or int(found[1]) >= SHORTEST_HOUR else []
    if (found := SUFFIXED.fullmatch(chunk)) is None:
        return []
    suffix = found[2].removesuffix(".") if found[2] != "." else found[2]
    if suffix in words.ordinal_endings.split():
        return [Token(Sense.ORDINAL, (int(found[1]),), chunk)] if found[1].isdigit() else []
    meant = words.lexicon.get((suffix,), ())
    if suffix == "h" and int(found[1].partition(":")[0].partition(".")[0]) < SHORTEST_HOUR:
        return []
    if not meant or meant[0].sense not in (Sense.AM, Sense.PM, Sense.OCLOCK):
        return []
    number = Token(Sense.NUMBER, (int(found[1]),), found[1]) if found[1].isdigit() else _clock(found[1])
    return [number, meant[0]]


def _clock(text: str) -> Token:
    """A time of the day: hour, minute, and whether it can be no other than this one of the 24 hours."""
    hours, mark, minutes = re.split(r"([:.h])", text)
    exact = int(hours[0] == "0" or int(hours) > 12)
    return Token(Sense.DOTTED if mark == "." else Sense.CLOCK, (int(hours), int(minutes or 0), exact), text)


def _with_phrases(pieces: Sequence[Token], words: Words) -> Iterator[Token]:
    """The pieces with every word looked up, as part of the longest phrase that it begins."""
    at = 0
    while at < len(pieces):
        for length in range(min(words.longest, len(pieces) - at), 0, -1):
            found = words.lexicon.get(tuple(one.text for one in pieces[at : at + length]))
            if found and (length > 1 or pieces[at].sense is Sense.UNKNOWN):
                yield from found
                at += length
                break
        else:
            yield pieces[at]
            at += 1


def is_name(token: Token, doubts: Collection[str]) -> bool:
    """Whether an unknown word could be somebody's name."""
    return token.sense is Sense.UNKNOWN and WORD.fullmatch(token.text) is not None and token.text not in doubts
