"""What a check finds: that all is well, something to think about, or something wrong; and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    WELL = "well"
    HINT = "hint"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of this name has found."""

    check: str
    level: Level
    found: str
    todo: str = ""


def well(check: str, found: str) -> Finding:
    """Nothing is to be done."""
    return Finding(check, Level.WELL, found)


def hint(check: str, found: str, todo: str) -> Finding:
    """It works, and could be better."""
    return Finding(check, Level.HINT, found, todo)


def wrong(check: str, found: str, todo: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(check, Level.WRONG, found, todo)


MARKS = {Level.WELL: "ok", Level.HINT: "hint", Level.WRONG: "WRONG"}


def text(finding: Finding) -> str:
    """The finding for people: what was found, and below it what to do."""
    line = f"{MARKS[finding.level]:<6} {finding.check:<21} {finding.found}"
    return f"{line}\n{'':<28} {finding.todo}" if finding.todo else line
