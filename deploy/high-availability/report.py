"""What a run has seen, in a few lines."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from load import Answer, Ledger, Watch
from reading_back import Found

MOST_NAMED = 10


@dataclass(frozen=True)
class Run:
    """One node less; instants are of time.monotonic, the others are seconds."""

    ledger: Ledger
    watch: Watch
    killed: float
    accepting: float
    rejoined: float


def tell(step: str) -> None:
    """What happens now, for who waits."""
    print(step, file=sys.stderr, flush=True)  # noqa: T201


def lines(run: Run, found: Found) -> list[str]:
    """The result: acknowledged, lost, outage, and what clients saw meanwhile."""
    began, ended = run.ledger.outage(run.killed)
    facts = {
        "acknowledged": f"{found.conversations} conversations opened, {found.selections} slots chosen",
        "lost": f"{len(found.lost)}",
        "doubled": f"{len(found.doubled)}",
        "outage": f"{ended - began:.1f} s without an acknowledged write",
        "other node": f"takes writes after {run.accepting - run.killed:.1f} s",
        "Parley": f"writes again {max(ended - run.accepting, 0):.1f} s after that",
        "not done": _counted(run.ledger),
        "slowest answer": f"{max(one.done - one.sent for one in run.ledger.answers):.1f} s",
        "/health/live": _health(run, "/health/live"),
        "/health/ready": _health(run, "/health/ready"),
        "first node": f"came back, and follows after {run.rejoined:.1f} s",
    }
    return [f"{name.ljust(15)} {fact}" for name, fact in facts.items()] + _named(found)


def _named(found: Found) -> list[str]:
    problems = [f"lost: {one}" for one in found.lost] + [f"doubled: {one}" for one in found.doubled]
    return problems[:MOST_NAMED] + ["..."] * (len(problems) > MOST_NAMED)


def _counted(ledger: Ledger) -> str:
    told = [f"{count} times {kind}" for kind, count in sorted(ledger.failures().items())]
    return ", ".join(told) or "nothing; no request failed"


def _health(run: Run, path: str) -> str:
    answers = run.watch.answers[path]
    slowest = max(one.done - one.sent for one in answers)
    without = [one for one in answers if not one.is_acknowledged]
    told = f"{len(answers)} answers, the slowest after {slowest:.1f} s"
    if not without:
        return f"{told}, all 200"
    back = next((one for one in answers if one.is_acknowledged and one.sent > without[-1].sent), None)
    return f"{told}; {_kinds(without)} from {without[0].done - run.killed:.1f} s on" + (
        f", 200 again {max(back.done - run.accepting, 0):.1f} s after the other node takes writes"
        if back
        else ", never 200 again"
    )


def _kinds(answers: list[Answer]) -> str:
    return " and ".join(sorted({one.kind for one in answers}))
