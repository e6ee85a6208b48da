"""How many calls may be made in how much time: rules, and what somebody has left of a window.

Windows are fixed: they begin at multiples of their length, so that every process cuts time at the same moments. What is
left is told together with the window it is left of; at any other moment, later or earlier, it counts for nothing, so
that a clock which is set back keeps nobody waiting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network
from typing import NamedTuple

from parley.core.limits import HOUR, MINUTE

UNITS = {"s": 1, "min": MINUTE, "h": HOUR}
RULE = re.compile(rf"([1-9][0-9]{{0,6}})/({'|'.join(UNITS)})")
ADDRESS_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Rule:
    """So many calls in so many seconds."""

    calls: int
    seconds: int

    @property
    def share(self) -> int:
        """How many calls a process takes for itself at once, where several serve."""
        return max(1, self.calls // 10)

    def window(self, now: int) -> int:
        """When the window of this moment began."""
        return now - now % self.seconds

    def rest(self, now: int) -> int:
        """How many seconds this window lasts yet."""
        return self.window(now) + self.seconds - now


class Part(NamedTuple):
    """What somebody has of the window that began at `began`: calls left, and whether these are the last."""

    began: int
    left: int
    is_last: bool


Rules = tuple[Rule, ...]
Held = tuple[Part, ...]


def read_rules(text: str) -> Rules:
    """The rules of a text as `50/s;500/min`, the shortest window first; none for `0`. Raises ValueError."""
    if text.strip() == "0":
        return ()
    found = [RULE.fullmatch(one.strip()) for one in text.split(";")]
    rules = {UNITS[one[2]]: int(one[1]) for one in found if one}
    if len(rules) < len(found):
        raise ValueError("say it as in 50/s;500/min (s, min or h, each once), or 0 for no limit")
    return tuple(Rule(calls, seconds) for seconds, calls in sorted(rules.items()))


def at(rules: Rules, held: Held, now: int, *, whole: bool) -> Held:
    """What is held at this moment: of a window that has just begun all of it, or nothing yet where it is shared."""
    began = tuple(rule.window(now) for rule in rules)
    if began == tuple(part.began for part in held):
        return held
    parts = held or (None,) * len(rules)
    return tuple(
        part if part and part.began == start else Part(start, rule.calls if whole else 0, whole)
        for rule, start, part in zip(rules, began, parts, strict=True)
    )


def lacking(rules: Rules, held: Held) -> list[Rule]:
    """The rules by which nothing is left of what is held."""
    return [rule for rule, part in zip(rules, held, strict=True) if not part.left]


def pause(rules: Rules, held: Held, now: int) -> int:
    """For how many seconds there will be no call; 0 where there is one, or one may be had."""
    over = [rule.rest(now) for rule, part in zip(rules, held, strict=True) if part.is_last and not part.left]
    return max(over, default=0)


def spent(held: Held) -> Held:
    """What is left after one call."""
    return tuple(Part(began, left - 1, is_last) for began, left, is_last in held)


def added(rules: Rules, held: Held, got: Sequence[tuple[Rule, int, int]]) -> Held:
    """With so many calls more by a rule, in the window that began then; 0 got means that there are no more."""
    more = {(rule, began): calls for rule, began, calls in got}
    return tuple(_with(part, more.get((rule, part.began))) for rule, part in zip(rules, held, strict=True))


def _with(part: Part, calls: int | None) -> Part:
    return part if calls is None else Part(part.began, part.left + calls, calls == 0)


@lru_cache(maxsize=1000)
def place(address: str) -> str:
    """Whom an address stands for: itself; of IPv6 its network of 64 bits, all of which one household has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:ADDRESS_LENGTH]
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found.packed, 64), strict=False))
