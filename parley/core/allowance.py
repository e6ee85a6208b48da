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


class Held(NamedTuple):
    """What somebody has by each rule: of which window, how many calls are left, and whether they are the last of it."""

    began: tuple[int, ...]
    left: tuple[int, ...]
    is_last: tuple[bool, ...]


Rules = tuple[Rule, ...]


def read_rules(text: str) -> Rules:
    """The rules of a text as `50/s;500/min`, the shortest window first; none for `0`. Raises ValueError."""
    if text.strip() == "0":
        return ()
    found = [RULE.fullmatch(one.strip()) for one in text.split(";")]
    rules = {UNITS[one[2]]: int(one[1]) for one in found if one}
    if len(rules) < len(found):
        raise ValueError("must be as in 50/s;500/min (s, min or h, each once), or 0 for no limit")
    return tuple(Rule(calls, seconds) for seconds, calls in sorted(rules.items()))


def at(rules: Rules, held: Held | None, now: int, *, whole: bool) -> Held:
    """What is held at this moment: of a window that has just begun all of it, or nothing yet where it is shared."""
    began = tuple([rule.window(now) for rule in rules])
    if held is None:
        held = Held((-1,) * len(rules), (), ())
    if began == held.began:
        return held
    same = [this == then for this, then in zip(began, held.began, strict=True)]
    left = [held.left[n] if same[n] else rule.calls if whole else 0 for n, rule in enumerate(rules)]
    is_last = [held.is_last[n] if same[n] else whole for n in range(len(rules))]
    return Held(began, tuple(left), tuple(is_last))


def is_enough(held: Held) -> bool:
    """Whether there is a call left by every rule."""
    return 0 not in held.left


def lacking(rules: Rules, held: Held) -> list[Rule]:
    """The rules by which nothing is left of what is held."""
    return [rule for rule, left in zip(rules, held.left, strict=True) if not left]


def pause(rules: Rules, held: Held, now: int) -> int:
    """For how many seconds there will be no call; 0 where there is one, or one may be had."""
    parts = zip(rules, held.left, held.is_last, strict=True)
    return max((rule.rest(now) for rule, left, is_last in parts if is_last and not left), default=0)


def spent(held: Held) -> Held:
    """What is left after one call."""
    return Held(held.began, tuple([left - 1 for left in held.left]), held.is_last)


def added(rules: Rules, held: Held, got: Sequence[tuple[Rule, int, int]]) -> Held:
    """With so many calls more by a rule, in the window that began then; 0 got means that there are no more."""
    more = {(rule, began): calls for rule, began, calls in got}
    found = [more.get((rule, began)) for rule, began in zip(rules, held.began, strict=True)]
    left = [was + (calls or 0) for was, calls in zip(held.left, found, strict=True)]
    is_last = [was if calls is None else calls == 0 for was, calls in zip(held.is_last, found, strict=True)]
    return Held(held.began, tuple(left), tuple(is_last))


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
