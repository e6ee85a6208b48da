"""The checker: it accepts a good history, and each of its rules can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import RULES, check
from tests.faults.history import (
    Booking,
    Content,
    Entry,
    Final,
    Kind,
    Operation,
    Outcome,
    Page,
    Run,
    Seen,
    Start,
    StoredEvent,
    Talk,
    load,
    save,
)

HOUR = 3600
TEN = 1_900_000_000 // 86400 * 86400 + 10 * HOUR
DAY = (TEN - 10 * HOUR, TEN + 14 * HOUR)
ROADMAP, BUDGET = "scv_roadmap", "scv_budget"
CREATED, SELECTED, AGREED = Entry("created", None), Entry("selected", 1, (TEN,)), Entry("agreed", None, (TEN,))
WRITTEN = Entry("event_written", 0)
LUNCH = Content("lunch", TEN + 2 * HOUR, TEN + 3 * HOUR)
DINNER = Content("dinner", TEN + 8 * HOUR, TEN + 9 * HOUR)
OVER_TEN = Content("busy", TEN, TEN + HOUR)
OPEN, COMPLETE = Seen(False, None), Seen(True, TEN)


def operation(number: int, kind: Kind, outcome: Outcome = Outcome.OK, **facts: object) -> Operation:
    """A call that begins at the second of its number and ends half a second later."""
    values = {"client": "client", "began": float(number), "ended": number + 0.5, "application": "app", **facts}
    return Operation(number, kind=kind, outcome=outcome, **values)


def put(number: int, content: Content | None, outcome: Outcome = Outcome.OK, event: str = "e", **facts) -> Operation:
    """A call that puts an event, or without content deletes it."""
    kind = Kind.PUT if content else Kind.DELETE
    return operation(number, kind, outcome, account="acc_a", event_id=event, content=content, **facts)


def talk(name: str, subject: str, chosen: int | None = None) -> Talk:
    """A conversation between an account that decides by being free and a guest who selects."""
    selected = ((), ()) if chosen is None else ((chosen,), (chosen,))
    return Talk(name, "app", subject, HOUR, ("acc_a", None), (True, False), selected, chosen)


def event(event_id: str, content: Content, **facts) -> StoredEvent:
    """An event in the account's calendar; an agreement's is called after its conversation."""
    uid = f"{event_id}@parley" if event_id.startswith("scv_") else f"uid-{event_id}"
    return StoredEvent(
        **{"account": "acc_a", "application": "app", "event_id": event_id, "uid": uid} | facts, content=content
    )


GOOD = Run(
    operations=(
        operation(1, Kind.CREATE, subject="roadmap", conversation=ROADMAP, seen=OPEN),
        operation(2, Kind.CREATE, subject="budget", conversation=BUDGET, seen=OPEN),
        put(3, LUNCH),
        operation(4, Kind.SELECT, conversation=ROADMAP, position=1, starts=(TEN,), seen=COMPLETE),
        operation(5, Kind.SELECT, Outcome.REFUSED, conversation=BUDGET, position=1, starts=(TEN,), status=422),
        operation(6, Kind.READ, conversation=ROADMAP, seen=COMPLETE),
        operation(7, Kind.HISTORY, conversation=ROADMAP, entries=(CREATED, SELECTED, AGREED)),
        operation(8, Kind.EVENTS, account="acc_a", page=Page(DAY, {"e": LUNCH}, True)),
    ),
    final=Final(
        talks=(talk(ROADMAP, "roadmap", TEN), talk(BUDGET, "budget")),
        histories={ROADMAP: (CREATED, SELECTED, AGREED, WRITTEN), BUDGET: (CREATED,)},
        events=(event(ROADMAP, Content("roadmap", TEN, TEN + HOUR)), event("e", LUNCH)),
        bookings=(Booking("acc_a", ROADMAP, TEN, TEN + HOUR),),
        applications=("Neighbour",),
        drained_after=1.0,
    ),
    starts=(Start(0.5),),
    commanded=("Neighbour",),
)


def done(*operations: Operation, **final: object) -> Run:
    """The good run with these operations as well, and with something else in the end."""
    return replace(GOOD, operations=GOOD.operations + operations, final=replace(GOOD.final, **final))


def ended(**final: object) -> Run:
    """The good run with something else in the end."""
    return done(**final)


def told(*entries: Entry, conversation: str = ROADMAP) -> Run:
    """The good run with another history of a conversation."""
    return ended(histories={**GOOD.final.histories, conversation: entries})


def rules(run: Run) -> set[str]:
    """The names of the rules that a run breaks."""
    return {one.partition(":")[0] for one in check(run)}


def extra_talks(*subjects: str) -> dict[str, object]:
    """More conversations in the end, each with a history."""
    more = [talk(f"scv_{at}", subject) for at, subject in enumerate(subjects)]
    told_of_them = {one.id: (CREATED,) for one in more}
    return {"talks": GOOD.final.talks + tuple(more), "histories": GOOD.final.histories | told_of_them}


def create(number: int, outcome: Outcome, conversation: str | None = None, key: str | None = None) -> Operation:
    """A call to open a conversation about snacks."""
    return operation(number, Kind.CREATE, outcome, subject="snacks", conversation=conversation, key=key)


def keyed(run: Run) -> Run:
    """The same with a service that knows the Idempotency-Key."""
    return replace(run, keys_count=True)


def bookings(*made: Booking) -> Run:
    """The good run with other bookings."""
    return ended(bookings=made)


def calendar(*events: StoredEvent) -> Run:
    """The good run with another calendar."""
    return ended(events=events)


AGREED_EVENT, LUNCH_EVENT = GOOD.final.events
BOOKED = GOOD.final.bookings[0]
ROADMAP_TALK, BUDGET_TALK = GOOD.final.talks
OTHER_TALK = replace(ROADMAP_TALK, id="scv_other", subject="other", chosen=TEN + 900)

BAD: list[tuple[str, str, Run]] = [
    ("an acknowledged conversation is gone", "creations", ended(talks=(ROADMAP_TALK,))),
    ("a refused call opened one", "creations", done(create(9, Outcome.REFUSED), **extra_talks("snacks"))),
    ("an unknown call opened two", "creations", done(create(9, Outcome.UNKNOWN), **extra_talks("snacks", "snacks"))),
    ("nobody asked for one", "creations", ended(**extra_talks("snacks"))),
    (
        "two calls with one key opened two",
        "creations",
        keyed(
            done(
                create(9, Outcome.UNKNOWN, key="k"),
                create(10, Outcome.OK, "scv_0", key="k"),
                **extra_talks("snacks", "snacks"),
            )
        ),
    ),
    (
        "two calls with one key were told of two",
        "one_answer_for_a_key",
        keyed(
            done(
                create(9, Outcome.OK, "scv_0", key="k"),
                create(10, Outcome.OK, "scv_1", key="k"),
                **extra_talks("snacks", "snacks"),
            )
        ),
    ),
    (
        "a conversation was not there for a moment",
        "never_gone",
        done(operation(9, Kind.READ, Outcome.REFUSED, conversation=ROADMAP, status=404)),
    ),
    ("an acknowledged selection is lost", "selections", told(CREATED)),
    (
        "an acknowledged selection of an open conversation is lost",
        "selections",
        done(operation(9, Kind.SELECT, conversation=BUDGET, position=1, starts=(TEN + HOUR,))),
    ),
    ("a refused selection was kept", "selections", told(CREATED, SELECTED, conversation=BUDGET)),
    (
        "one call was kept twice",
        "selections",
        told(CREATED, SELECTED, Entry("cleared", 1), SELECTED, AGREED, WRITTEN),
    ),
    (
        "a selection was kept that nobody made",
        "selections",
        told(CREATED, Entry("selected", 0, (TEN,)), SELECTED, AGREED),
    ),
    ("it begins twice", "histories", told(CREATED, CREATED, SELECTED, AGREED, WRITTEN)),
    ("it has no history", "histories", told()),
    ("somebody selected while waiting", "histories", told(CREATED, SELECTED, SELECTED, AGREED, WRITTEN)),
    ("agreed twice", "histories", told(CREATED, SELECTED, AGREED, AGREED, WRITTEN)),
    ("a selection after the agreement", "histories", told(CREATED, SELECTED, AGREED, SELECTED, WRITTEN)),
    ("cleared after the agreement", "histories", told(CREATED, SELECTED, AGREED, Entry("cleared", 1), WRITTEN)),
    ("cleared what was not there", "histories", told(CREATED, Entry("cleared", 1), SELECTED, AGREED, WRITTEN)),
    (
        "agreed on what nobody selected",
        "histories",
        told(CREATED, SELECTED, Entry("agreed", None, (TEN + 900,)), WRITTEN),
    ),
    ("agreed before anybody selected", "histories", told(CREATED, AGREED, WRITTEN)),
    ("an event before the agreement", "histories", told(CREATED, WRITTEN, SELECTED, AGREED)),
    ("an event written twice", "histories", told(CREATED, SELECTED, AGREED, WRITTEN, WRITTEN)),
    ("an event never written", "histories", told(CREATED, SELECTED, AGREED)),
    ("an event for a guest", "histories", told(CREATED, SELECTED, AGREED, WRITTEN, Entry("event_written", 1))),
    ("an event could not be written", "histories", told(CREATED, SELECTED, AGREED, Entry("event_failed", 0))),
    ("complete without an agreement", "histories", told(CREATED, SELECTED)),
    ("another slot than agreed", "histories", ended(talks=(replace(ROADMAP_TALK, chosen=TEN + 900), BUDGET_TALK))),
    (
        "a selection that is not in the history",
        "histories",
        ended(talks=(ROADMAP_TALK, replace(BUDGET_TALK, selected=((), (TEN,))))),
    ),
    (
        "complete, and open again",
        "complete_stays_complete",
        done(operation(9, Kind.READ, conversation=ROADMAP, seen=OPEN)),
    ),
    ("complete, and open in the end", "complete_stays_complete", ended(talks=(talk(ROADMAP, "roadmap"), BUDGET_TALK))),
    (
        "complete with two slots",
        "complete_stays_complete",
        done(operation(9, Kind.READ, conversation=ROADMAP, seen=Seen(True, TEN + 900))),
    ),
    (
        "a history was rewritten",
        "histories_only_grow",
        done(operation(9, Kind.HISTORY, conversation=ROADMAP, entries=(CREATED, AGREED, SELECTED))),
    ),
    (
        "a history became shorter",
        "histories_only_grow",
        done(operation(9, Kind.HISTORY, conversation=ROADMAP, entries=(CREATED, SELECTED))),
    ),
    ("no event of an agreement", "events_of_agreements", calendar(LUNCH_EVENT)),
    (
        "two events of an agreement",
        "events_of_agreements",
        calendar(AGREED_EVENT, replace(AGREED_EVENT, event_id="e2"), LUNCH_EVENT),
    ),
    (
        "an event with another UID",
        "events_of_agreements",
        calendar(replace(AGREED_EVENT, uid="another"), LUNCH_EVENT),
    ),
    (
        "an event at another time",
        "events_of_agreements",
        calendar(replace(AGREED_EVENT, content=Content("roadmap", TEN + 1, TEN + HOUR)), LUNCH_EVENT),
    ),
    ("a deleted event", "events_of_agreements", calendar(replace(AGREED_EVENT, deleted=True), LUNCH_EVENT)),
    (
        "an event of an open conversation",
        "events_of_agreements",
        calendar(AGREED_EVENT, LUNCH_EVENT, event(BUDGET, LUNCH)),
    ),
    (
        "an event for somebody else",
        "events_of_agreements",
        calendar(AGREED_EVENT, LUNCH_EVENT, replace(AGREED_EVENT, account="acc_b")),
    ),
    ("an acknowledged event is gone", "contents", calendar(AGREED_EVENT)),
    ("an event that nobody wrote", "contents", calendar(*GOOD.final.events, event("e2", DINNER))),
    ("an acknowledged change is lost", "contents", done(put(9, DINNER))),
    (
        "a refused change was made",
        "contents",
        done(put(9, DINNER, Outcome.REFUSED), events=(AGREED_EVENT, event("e", DINNER))),
    ),
    ("a deleted event is back", "contents", done(put(9, None))),
    (
        "a deleted event of an agreement is back",
        "contents",
        done(put(9, None, event=ROADMAP), bookings=(replace(BOOKED, released=True),)),
    ),
    (
        "a call had an effect after its server was dead and another call was acknowledged",
        "contents",
        done(put(9, DINNER, Outcome.UNKNOWN, until=9.9), put(10, LUNCH), events=(AGREED_EVENT, event("e", DINNER))),
    ),
    (
        "an event was read as it had been before",
        "pages",
        done(
            put(9, DINNER),
            operation(10, Kind.EVENTS, account="acc_a", page=Page(DAY, {"e": LUNCH}, True)),
            events=(AGREED_EVENT, event("e", DINNER)),
        ),
    ),
    ("an event was not shown", "pages", done(operation(9, Kind.EVENTS, account="acc_a", page=Page(DAY, {}, True)))),
    ("an agreement is not booked", "bookings", bookings()),
    ("an agreement is booked twice", "bookings", bookings(BOOKED, BOOKED)),
    ("booked at another time", "bookings", bookings(replace(BOOKED, start=TEN + 900))),
    (
        "booked for an open conversation",
        "bookings",
        bookings(BOOKED, Booking("acc_a", BUDGET, TEN + HOUR, TEN + 2 * HOUR)),
    ),
    ("booked for nothing", "bookings", bookings(BOOKED, Booking("acc_a", "scv_x", TEN + HOUR, TEN + 2 * HOUR))),
    ("released without a reason", "bookings", bookings(replace(BOOKED, released=True))),
    ("not released", "bookings", done(put(9, None, event=ROADMAP), events=(LUNCH_EVENT,))),
    ("booked twice at once", "no_overlap", bookings(BOOKED, Booking("acc_a", "scv_x", TEN + 900, TEN + 900 + HOUR))),
    ("agreed twice at once", "no_overlap", ended(talks=(ROADMAP_TALK, BUDGET_TALK, OTHER_TALK))),
    (
        "agreed over an event",
        "free_when_agreed",
        done(put(3, OVER_TEN, event="e2", client="another"), events=(*GOOD.final.events, event("e2", OVER_TEN))),
    ),
    ("messages are left", "backlog_drains", ended(waiting=("event:scv_1:1",))),
    ("messages were given up", "backlog_drains", ended(given_up=("event:scv_1:1",))),
    ("messages took too long", "backlog_drains", ended(drained_after=1000.0)),
    ("a slow start", "ready_soon", replace(GOOD, starts=(Start(0.5), Start(5.4, queued=0.3)))),
    ("a process ended by itself", "nothing_breaks", replace(GOOD, wrong=("server-0 had ended by itself",))),
    ("a mistake of ours", "nothing_breaks", done(operation(9, Kind.READ, Outcome.UNKNOWN, status=500))),
    ("what a command has made is gone", "commands_count", replace(GOOD, commanded=("Neighbour", "Another"))),
]


@pytest.mark.parametrize(("rule", "run"), [pytest.param(rule, run, id=name) for name, rule, run in BAD])
def test_a_bad_history_breaks_its_rule(rule, run):
    assert rule in rules(run)


def test_every_rule_can_fail():
    assert {rule for _, rule, _ in BAD} == {one.__name__ for one in RULES}


MOVED = (LUNCH_EVENT, replace(AGREED_EVENT, content=DINNER))

GOOD_TOO: list[tuple[str, Run]] = [
    ("the good run", GOOD),
    ("an unknown call opened none", done(create(9, Outcome.UNKNOWN))),
    ("an unknown call opened one", done(create(9, Outcome.UNKNOWN), **extra_talks("snacks"))),
    (
        "two calls without a key opened two",
        done(create(9, Outcome.UNKNOWN), create(10, Outcome.OK, "scv_0"), **extra_talks("snacks", "snacks")),
    ),
    (
        "two calls with a key opened one",
        keyed(done(create(9, Outcome.UNKNOWN, key="k"), create(10, Outcome.OK, "scv_0", "k"), **extra_talks("snacks"))),
    ),
    ("a repeated selection", done(replace(GOOD.operations[3], number=9, began=9.0, ended=9.5))),
    (
        "the agreed slot named among others",
        done(operation(9, Kind.SELECT, conversation=ROADMAP, position=1, starts=(TEN, TEN + 900), seen=COMPLETE)),
    ),
    ("a read that began before another one ended", done(operation(4, Kind.READ, conversation=ROADMAP, seen=OPEN))),
    ("an unknown change was made", done(put(9, DINNER, Outcome.UNKNOWN), events=(AGREED_EVENT, event("e", DINNER)))),
    ("an unknown change was not made", done(put(9, DINNER, Outcome.UNKNOWN))),
    (
        "an unknown change was made after an acknowledged one",
        done(put(9, DINNER, Outcome.UNKNOWN, until=12.0), put(10, LUNCH), events=(AGREED_EVENT, event("e", DINNER))),
    ),
    (
        "an agreement's event was moved",
        done(put(9, DINNER, event=ROADMAP), events=MOVED, bookings=(replace(BOOKED, released=True),)),
    ),
    (
        "an agreement's event may have been moved",
        done(put(9, DINNER, Outcome.UNKNOWN, event=ROADMAP), events=MOVED, bookings=(replace(BOOKED, released=True),)),
    ),
    (
        "an event over the agreed time came with the agreement",
        done(
            put(3, OVER_TEN, event="e2", ended=4.4, client="another"),
            events=(*GOOD.final.events, event("e2", OVER_TEN)),
        ),
    ),
    ("a start on a machine that was busy with other things", replace(GOOD, starts=(Start(9.0, queued=6.0),))),
    ("a page that is not the last", done(operation(9, Kind.EVENTS, account="acc_a", page=Page(DAY, {}, False)))),
]


@pytest.mark.parametrize("run", [pytest.param(run, id=name) for name, run in GOOD_TOO])
def test_what_a_client_cannot_know_is_no_violation(run):
    assert check(run) == []


def test_a_kept_run_is_judged_as_it_was(tmp_path):
    for one in (GOOD, BAD[0][2]):
        save(one, tmp_path / "run.json")
        assert check(load(tmp_path / "run.json")) == check(one)
