"""Draw a participant's statuses, as the code lets them change, into docs/concepts.md.

The arrows are not written down anywhere: small conversations are played through, every choice and every change of a
calendar in every order, and each change of status that happens is an arrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

from parley.core import conversation as core
from parley.core.availability import QUARTER, Availability
from parley.core.conversation import MAY, Action, Conversation, How, Method, Participant, Status
from parley.core.errors import NotYourTurn, SlotsTaken
from parley.core.periods import Period, minus

PAGE = Path(__file__).parent.parent / "docs" / "concepts.md"
BEGIN = "<!-- states: drawn by scripts/draw_states.py, do not edit -->"
END = "<!-- end of states -->"

STARTS = (0, QUARTER)
PERIOD = Period(0, 2 * QUARTER)
SETS = [set(chosen) for most in range(len(STARTS) + 1) for chosen in combinations(STARTS, most)]
CAUSES = ("they choose", "somebody else chooses", "a calendar changes")  # in the order in which they are named

Arrow = tuple[Status, Status]


def diagram() -> str:
    """The whole diagram, in Mermaid's words."""
    arrows: dict[Arrow, set[str]] = {}
    begins: set[tuple[Status, Method]] = set()
    for size in (1, 2, 3):
        for methods in product(Method, repeat=size):
            for opened in _opened(methods):
                begins |= {(opened.status(one), one.method) for one in opened.participants}
                _walk(opened, arrows)
    return "\n".join(["stateDiagram-v2", *_states(), *_begins(begins), *_arrows(arrows), *_ends(arrows)])


def _opened(methods: tuple[Method, ...]) -> list[Conversation]:
    """The conversation between these people, opened with each set of slots free."""
    people = tuple(Participant(participant_id=str(at), method=one) for at, one in enumerate(methods))
    draft = Conversation("scv_", "app", None, 0, people, "Etc/UTC", None, None, QUARTER, (PERIOD,))
    return [core.settle(draft, _free(free))[0] for free in SETS]


def _free(starts: set[int]) -> Availability:
    slots = [Period(start, start + QUARTER) for start in sorted(starts)]
    return Availability((PERIOD,), QUARTER, minus([PERIOD], slots), 0)


def _walk(opened: Conversation, arrows: dict[Arrow, set[str]]) -> None:
    """Note every change of status that can follow."""
    seen, waiting = set(), [opened]
    while waiting:
        before = waiting.pop()
        for actor, after in _moves(before):
            for position, participant in enumerate(before.participants):
                was, now = before.status(participant), after.status(after.participants[position])
                if was is not now:
                    arrows.setdefault((was, now), set()).add(_cause(actor, position))
            if after not in seen:
                seen.add(after)
                waiting.append(after)


def _moves(before: Conversation) -> Iterator[tuple[int | None, Conversation]]:
    """What the conversation can become: by a participant's choice, or without one when a calendar has changed."""
    for free in SETS:
        yield None, _renumbered(core.settle(before, _free(free))[0])
    for position, starts in product(range(len(before.participants)), SETS[1:]):
        try:
            yield position, _renumbered(core.select(before, position, sorted(starts), _free(set(STARTS)))[0])
        except (NotYourTurn, SlotsTaken):
            continue


def _renumbered(conversation: Conversation) -> Conversation:
    """The same conversation with the smallest turns that keep the order, so that the walk comes to an end."""
    order = sorted({0, *(one.turn for one in conversation.participants if one.selected)})
    people = (replace(one, turn=order.index(one.turn) if one.selected else 0) for one in conversation.participants)
    return replace(conversation, participants=tuple(people))


def _cause(actor: int | None, position: int) -> str:
    if actor is None:
        return CAUSES[2]
    return CAUSES[0] if actor == position else CAUSES[1]


def _states() -> list[str]:
    return [f"    {status} : {status}<br/>{_actions(status)}" for status in Status]


def _actions(status: Status) -> str:
    told = []
    for how in How:
        named = [action.value for action in Action if MAY.get((status, action)) is how]
        told += [f"{how} {', '.join(named)}"] if named else []
    return "<br/>".join(told)


def _begins(begins: set[tuple[Status, Method]]) -> list[str]:
    found = []
    for status in Status:
        methods = [method.value for method in Method if (status, method) in begins]
        found += [f"    [*] --> {status} : opened, {' or '.join(methods)}"] if methods else []
    return found


def _arrows(arrows: dict[Arrow, set[str]]) -> list[str]:
    told = []
    for was, now in product(Status, Status):
        causes = [cause for cause in CAUSES if cause in arrows.get((was, now), set())]
        told += [f"    {was} --> {now} : {'<br/>'.join(causes)}"] if causes else []
    return told


def _ends(arrows: dict[Arrow, set[str]]) -> list[str]:
    left = {was for was, _ in arrows}
    return [f"    {status} --> [*]" for status in Status if status not in left]


def redrawn(page: str) -> str:
    """The page with the diagram of the present code between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n```mermaid\n{diagram()}\n```\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text()))
    print(f"drawn into {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
