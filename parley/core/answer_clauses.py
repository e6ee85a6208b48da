"""What the parts of an answer affirm and deny, and which slots what they mention can mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from parley.core.answer_slots import Element, Item, Kind, Offer
from parley.core.words.table import Sense, Token

SEPARATORS = {Sense.COMMA, Sense.DOT, Sense.DASH}
PASSING = {Sense.PLAIN, Sense.THANKS, Sense.ASSENT, Sense.REMARK}  # say nothing of a slot by themselves
QUESTIONING = {Sense.ASKING, Sense.BEING}
AFFIRMING = {*QUESTIONING, Sense.VERB, Sense.DECIDE, Sense.ASSENT, Sense.REMARK}
DAYS = {Kind.WEEKDAY, Kind.DATE, Kind.PART}


@dataclass(frozen=True, slots=True)
class Clause:
    """A part that affirms or denies; `contrast`: it begins with a but, `instead`: with an instead of."""

    items: list[Item]
    contrast: bool = False
    instead: bool = False

    @property
    def elements(self) -> list[Element]:
        """What it names."""
        return [item for item in self.items if isinstance(item, Element)]

    @property
    def negations(self) -> int:
        """How often it denies."""
        return self.instead + sum(1 for item in self.items if _is(item, Sense.NOT))

    @property
    def affirms(self) -> bool:
        """Whether it says by itself that it does not go on denying."""
        return self.contrast or any(_is(item, *AFFIRMING) for item in self.items)


def _is(item: Item, *senses: Sense) -> bool:
    return isinstance(item, Token) and item.sense in senses


def split_clauses(found: Sequence[Item]) -> list[Clause]:
    """The answer cut at its marks, at each but, and before each "and not"."""
    clauses = [Clause([])]
    for item, following in pairwise([*found, Token(Sense.COMMA)]):
        if _is(item, *SEPARATORS) or (_is(item, Sense.AND) and _is(following, Sense.NOT)):
            clauses.append(Clause([]))
        elif _is(item, Sense.BUT):
            clauses.append(Clause([], contrast=True))
        elif _is(item, Sense.INSTEAD):
            clauses.append(Clause([], instead=True))
        else:
            clauses[-1].items.append(item)
    return [one for one in clauses if one.items or one.contrast or one.instead]


def asks(clause: Clause) -> bool:
    """Whether it begins as a question does, and so may be one: of what it names, or of what was named before it."""
    told = [item for item in clause.items if not _is(item, *PASSING, Sense.AND)]
    if not told or not _is(told[0], *QUESTIONING):
        return False
    names = bool(clause.elements) or any(_is(item, Sense.ANY) for item in clause.items)
    return names or (len(told) > 1 and _is(told[1], Sense.SUBJECT))


def tells_when(clauses: Sequence[Clause], mention: Mention) -> bool:
    """Whether a mention of a time may be when it is decided, and not what: "I will confirm on Friday"."""
    affirming = [clause for clause in clauses if not clause.negations]
    senses = {item.sense for clause in affirming for item in clause.items if isinstance(item, Token)}
    if Sense.DECIDE not in senses or not mention.kinds <= {*DAYS, Kind.CLOCK}:
        return False
    first = mention.elements[0]
    if first.loose or Kind.CLOCK in mention.kinds:
        return first.loose
    return Sense.FUTURE in senses or not _is_object(affirming, first, has_subject=Sense.SUBJECT in senses)


def _is_object(clauses: Sequence[Clause], element: Element, *, has_subject: bool) -> bool:
    """Whether an element stands directly behind what decides; behind a mark too where nobody does: "Booked: Friday"."""
    before: Item | None = None
    for clause in clauses:
        before = None if has_subject else before
        for item in clause.items:
            if item is element:
                return before is not None and _is(before, Sense.DECIDE)
            before = item
    return False


def is_consistent(clauses: Sequence[Clause]) -> bool:
    """Whether it is plain which clauses affirm and which deny."""
    denying = [one for one in clauses if one.negations]
    if not all(_denies_plainly(one) for one in denying):
        return False
    if any(_may_deny_before(one, after) for one, after in pairwise(clauses)):
        return False
    if any(one.contrast and not one.elements for one in clauses):
        return False  # a but, and nothing behind it
    loose = {item.sense for one in clauses for item in one.items if isinstance(item, Token)}
    if Sense.REGRET in loose and not denying:
        return False
    return not denying or (Sense.ALSO not in loose and not _may_go_on_denying(clauses))


def _may_deny_before(one: Clause, denying: Clause) -> bool:
    """Whether a denial that stands behind what it denies may be of this clause too: Monday, Friday don't work."""
    if not one.elements or one.negations or denying.contrast or denying.instead or not denying.elements:
        return False
    first = next(item for item in denying.items if isinstance(item, Element) or _is(item, Sense.NOT))
    if not denying.negations or _is(first, Sense.NOT):
        return False
    at = one.items.index(one.elements[-1])
    return not any(_is(item, *AFFIRMING) for item in one.items[at + 1 :])


def joins_nothing(found: Sequence[Item]) -> bool:
    """Whether an "and" or "or" stands where nothing is named before it, or nothing behind it: who knows what else."""
    named = [at for at, item in enumerate(found) if isinstance(item, Element)]
    joints = [at for at, item in enumerate(found) if _is(item, Sense.AND)]
    return bool(joints) and not (named[0] < joints[0] and joints[-1] < named[-1])


def _denies_plainly(clause: Clause) -> bool:
    """Once, and what is named stands on one side of the denial."""
    if clause.negations != 1 or not clause.elements:
        return False
    at = next((at for at, item in enumerate(clause.items) if _is(item, Sense.NOT)), 0)
    before = any(isinstance(item, Element) for item in clause.items[:at])
    after = any(isinstance(item, Element) for item in clause.items[at:])
    return not (before and after)


def _may_go_on_denying(clauses: Sequence[Clause]) -> bool:
    """Whether something may be denied together with what was denied before it: not Monday, Tuesday.

    One thing may follow that is told from it: not the first, the second.
    """
    has_denied, followed = False, 0
    for one in clauses:
        if one.negations:
            has_denied = True
        elif has_denied and one.elements and not one.affirms:
            followed += len(one.elements)
            if followed > 1 or not one.elements[0].definite:
                return True
    return False


@dataclass(slots=True)
class Mention:
    """Elements that together name slots; `parted`: a mark stands behind the first."""

    elements: list[Element] = field(default_factory=list)
    parted: bool = False

    @property
    def kinds(self) -> frozenset[Kind]:
        """What it tells."""
        return frozenset(one.kind for one in self.elements)

    @property
    def widest(self) -> frozenset[int]:
        """All slots that it may mean."""
        return frozenset.intersection(*(one.slots | one.hours for one in self.elements))


def mentions(clauses: Sequence[Clause], *, denied: bool) -> list[Mention]:
    """What is affirmed, or what is denied; parts that tell different things of a slot belong together."""
    found: list[Mention] = []
    goes_on = False
    for clause in clauses:
        goes_on = goes_on and not clause.contrast and not clause.negations
        if bool(clause.negations) is not denied:
            goes_on = False
            continue
        for item in clause.items:
            if isinstance(item, Element):
                if not goes_on or item.kind in found[-1].kinds:
                    found.append(Mention())
                found[-1].elements.append(item)
                goes_on = True
            elif _is(item, Sense.AND):
                goes_on = False
        if goes_on and len(found[-1].elements) == 1:
            found[-1].parted = True
    return found


def meant(mention: Mention, offer: Offer, *, alone: bool) -> frozenset[int]:
    """The places of the slots that a mention means; `alone`: the answer has no verb and no subject."""
    bare = next((one for one in mention.elements if one.kind is Kind.BARE), None)
    others = [one.slots for one in mention.elements if one.kind is not Kind.BARE]
    if bare is None:
        return frozenset.intersection(*others)
    if not others:
        return bare.slots if alone or not bare.slots else bare.slots | bare.hours
    rest = frozenset.intersection(*others)
    if mention.kinds & {Kind.CLOCK, Kind.NUMBER}:
        return rest & bare.slots
    return _number_or_hour(mention, rest, bare)


def _number_or_hour(mention: Mention, rest: frozenset[int], bare: Element) -> frozenset[int]:
    """With a day, a number is an hour behind it, and a slot's number before it and a mark: "2, Tuesday"."""
    number, hour = rest & bare.slots, rest & bare.hours
    comes_first = mention.elements[0] is bare
    if number and not hour:
        return number if comes_first and mention.parted else frozenset()
    if hour and not number and comes_first and bare.slots:
        return frozenset()
    return number | hour
