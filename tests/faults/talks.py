"""Rules about conversations: what was acknowledged is kept, what was refused left nothing, what is complete stays so.

Each rule takes a run and yields a sentence for everything that must not be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.faults.history import Entry, Kind, Operation, Outcome, Run, Talk


def creations(run: Run) -> Iterator[str]:
    """An acknowledged conversation is there; each call opened at most one, a refused one none."""
    attempts = _grouped((one.subject or "", one) for one in run.of(Kind.CREATE))
    for subject, calls in attempts.items():
        there = {talk.id for talk in run.by_subject.get(subject, [])}
        lost = sorted({one.conversation or "" for one in calls if one.outcome is Outcome.OK} - there)
        if lost:
            yield f"{lost} were acknowledged ({_numbers(calls)}) and are gone"
        if len(there) > effects(calls, run):
            yield f"{sorted(there)} came from {_numbers(calls)}, which can have opened {effects(calls, run)}"
    for talk in run.final.talks:
        if talk.subject not in attempts:
            yield f"{talk.id} was opened, and nobody has asked for it"


def effects(calls: Iterable[Operation], run: Run) -> int:
    """How often what these calls ask for can have been done: calls with one key count once, refused ones not at all."""
    counted = [one for one in calls if one.outcome is not Outcome.REFUSED]
    return len({one.key or one.number for one in counted}) if run.keys_count else len(counted)


def one_answer_for_a_key(run: Run) -> Iterator[str]:
    """Calls with the same Idempotency-Key are answered with the same conversation."""
    if not run.keys_count:
        return
    keyed = (one for one in run.of(Kind.CREATE) if one.key and one.outcome is Outcome.OK)
    for key, calls in _grouped((one.key or "", one) for one in keyed).items():
        if len({one.conversation for one in calls}) > 1:
            yield f"{_numbers(calls)} carried the key {key} and were answered with different conversations"


def never_gone(run: Run) -> Iterator[str]:
    """A conversation that somebody was told of is never 'not there'."""
    for one in run.operations:
        if one.conversation and one.status == 404:
            yield f"{one.conversation} was not there for operation {one.number}"


def selections(run: Run) -> Iterator[str]:
    """An acknowledged selection is kept for ever, and nothing is kept that was refused or that nobody has asked for."""
    asked: dict[tuple[str, int, tuple[int, ...]], list[Operation]] = defaultdict(list)
    for one in run.of(Kind.SELECT):
        if one.conversation and one.position is not None:
            asked[one.conversation, one.position, one.starts].append(one)
    kept: Counter[tuple[str, int, tuple[int, ...]]] = Counter()
    agreed = {}
    for talk, entries in run.final.histories.items():
        kept.update((talk, one.position, one.starts) for one in entries if one.type == "selected")
        agreed[talk] = {start for one in entries if one.type == "agreed" for start in one.starts}
    for choice, calls in asked.items():
        acknowledged = [one for one in calls if one.outcome is Outcome.OK]
        if acknowledged and not kept[choice] and not agreed.get(choice[0], set()) & set(choice[2]):
            yield f"{choice} was acknowledged ({_numbers(acknowledged)}) and is lost"
    for choice, times in kept.items():
        calls = asked.get(choice, [])
        if times > effects(calls, run):
            yield f"{choice} was kept {times} times, from {_numbers(calls)}: can be {effects(calls, run)}"


def histories(run: Run) -> Iterator[str]:
    """What a history tells can have happened, and makes the conversation what it is."""
    for talk in run.final.talks:
        entries = run.final.histories.get(talk.id, ())
        complaint = _retold(talk, entries)
        if complaint:
            yield f"{talk.id}: {complaint}; the history is {[_short(one) for one in entries]}"


def _retold(talk: Talk, entries: tuple[Entry, ...]) -> str | None:
    """What is wrong with the history of this conversation, if anything is."""
    if not entries or [one.type for one in entries].count("created") != 1 or entries[0].type != "created":
        return "it does not begin with being created, once"
    selected: list[tuple[int, ...]] = [() for _ in talk.accounts]
    chosen: int | None = None
    written: list[int] = []
    for entry in entries[1:]:
        if entry.type == "agreed" and chosen is None:
            chosen = entry.starts[0]
            if not all(chosen in one for one, auto in zip(selected, talk.automatic, strict=True) if not auto):
                return "the agreed slot is not one that everybody has selected"
        elif (
            entry.type == "selected" and chosen is None and entry.position is not None and not selected[entry.position]
        ):
            selected[entry.position] = entry.starts
        elif entry.type == "cleared" and chosen is None and entry.position is not None and selected[entry.position]:
            selected[entry.position] = ()
        elif entry.type == "event_written" and chosen is not None and entry.position not in written:
            written.append(entry.position if entry.position is not None else -1)
        else:
            return f"{_short(entry)} cannot follow what is before it"
    return _compared(talk, selected, chosen, written)


def _compared(talk: Talk, selected: list[tuple[int, ...]], chosen: int | None, written: list[int]) -> str | None:
    if talk.chosen != chosen:
        return f"its chosen slot is {talk.chosen}, by its history {chosen}"
    shown = selected if chosen is None else [(chosen,) for _ in talk.accounts]
    if list(talk.selected) != shown:
        return f"its selections are {talk.selected}, by its history {shown}"
    expected = [at for at, account in enumerate(talk.accounts) if account and chosen is not None]
    if sorted(written) != expected:
        return f"events were written for the participants {sorted(written)}, and should have been for {expected}"
    return None


def complete_stays_complete(run: Run) -> Iterator[str]:
    """Once somebody was told that a conversation is complete, it is, with the same slot."""
    for talk_id, calls in run.by_talk.items():
        talk = run.talks.get(talk_id)
        showing = [one for one in calls if one.seen is not None]
        complete = [one for one in showing if one.seen and one.seen.complete]
        if not complete or talk is None:
            continue
        slots = {one.seen.chosen for one in complete if one.seen} | {talk.chosen}
        if len(slots) > 1:
            yield f"{talk_id} was complete with different slots: {slots} ({_numbers(complete)})"
        since = min(one.ended for one in complete)
        again = [one for one in showing if one.seen and not one.seen.complete and one.began > since]
        if again:
            yield f"{talk_id} was complete ({_numbers(complete)}), and open again ({_numbers(again)})"


def histories_only_grow(run: Run) -> Iterator[str]:
    """What a history has told it tells for ever, in the same order."""
    readings = _grouped((one.conversation or "", one) for one in run.of(Kind.HISTORY) if one.entries is not None)
    for talk_id, calls in readings.items():
        final = run.final.histories.get(talk_id, ())
        for one in calls:
            entries = one.entries or ()
            if final[: len(entries)] != entries:
                yield f"operation {one.number} read a history of {talk_id} that is not how the last one begins"
            earlier = max((len(two.entries or ()) for two in calls if two.ended < one.began), default=0)
            if len(entries) < earlier:
                yield f"operation {one.number} read {len(entries)} entries of {talk_id} after {earlier} had been read"


def _short(entry: Entry) -> str:
    return " ".join(str(one) for one in (entry.type, entry.position, *entry.starts) if one is not None)


def _numbers(calls: Iterable[Operation]) -> str:
    return "operations " + ", ".join(f"{one.number} {one.outcome}" for one in calls)


def _grouped(pairs: Iterable[tuple[str, Operation]]) -> dict[str, list[Operation]]:
    found = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
