"""Compare the engine with the oracle: `python -m tests.oracle CASES SEED`; the cases have the seeds from SEED on."""

from __future__ import annotations

import sys
import time
from hashlib import sha256
from pprint import pformat
from random import Random
from typing import Any

from tests.oracle.case import Case
from tests.oracle.engine import answered
from tests.oracle.generator import generated
from tests.oracle.oracle import judged

MOST_TOLD = 5


def looked_at(case: Case) -> list[int]:
    """The minutes at which starts are tried: quarters of an hour, beside every edge, and some more."""
    first, end = min(start for start, _ in case.periods), max(end for _, end in case.periods)
    edges = [one for stretch in case.periods for one in stretch] + list(case.standing) + [case.now]
    near = [one + step for one in edges for step in (-1, 0, 1)]
    chance = Random(case.seed)
    some = [chance.randint(first - 60, end + 60) for _ in range(60)]
    return sorted({*range(first // 15 * 15 - 60, end + 60, 15), *near, *some})


def compare(case: Case) -> list[str]:
    """What the engine and the oracle say differently, each in a sentence."""
    looks = looked_at(case)
    engine, oracle = answered(case, looks), judged(case, looks)
    return [_difference(name, engine[name], oracle[name]) for name in oracle if engine[name] != oracle[name]]


def _difference(name: str, engine: Any, oracle: Any) -> str:
    if not isinstance(oracle, list):
        return f"{name}: the engine says {engine}, the oracle {oracle}"
    more, less = ([one for one in a if one not in b][:MOST_TOLD] for a, b in ((engine, oracle), (oracle, engine)))
    return f"{name}: the engine alone has {more}, the oracle alone {less}"


def told(case: Case, differences: list[str]) -> str:
    """A difference so that somebody else can find it again."""
    again = f"make oracle CASES=1 SEED={case.seed}"
    return "\n".join([f"seed {case.seed} ({again})", *differences, pformat(case, width=120)])


def run(cases: int, seed: int) -> list[str]:
    """Compare so many cases; what differs in each that does."""
    wrong = []
    for one in range(seed, seed + cases):
        case = generated(one)
        if differences := compare(case):
            wrong.append(told(case, differences))
    return wrong


def digest(cases: int, seed: int) -> str:
    """What the engine says of so many cases, in short."""
    made = (generated(one) for one in range(seed, seed + cases))
    return sha256(repr([answered(case, looked_at(case)) for case in made]).encode()).hexdigest()


def main(cases: int, seed: int) -> int:
    """Compare, a thousand at a time, and tell; 1 where something differs."""
    began, wrong = time.monotonic(), 0
    for first in range(seed, seed + cases, 1000):
        some = min(1000, seed + cases - first)
        for one in run(some, first):
            wrong += 1
            print(one, end="\n\n")
        print(f"seeds {first} to {first + some - 1}: {wrong} differences so far", file=sys.stderr)
    took = time.monotonic() - began
    print(f"{cases} cases from seed {seed}: {wrong} differ ({took:.1f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["digest"]:
        print(digest(int(sys.argv[2]), int(sys.argv[3])))
    else:
        sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
