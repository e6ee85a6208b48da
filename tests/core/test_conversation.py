"""Who may do what, and what becomes of a conversation when somebody chooses."""

from dataclasses import replace

import pytest

from parley.core.conversation import (
    MAY,
    Action,
    Change,
    How,
    Method,
    Participant,
    Status,
    Type,
    possible_actions,
    select,
    settle,
)
from parley.core.errors import NotYourTurn, SlotsTaken, SlotsUnknown
from tests.make import at, auto, available, conversation, manual, period

WAITING, NEEDS_ACTION, COMPLETE = "waiting", "needs_action", "complete"
LIST, SELECT = "slots_list", "slots_select"


def statuses(of):
    return [str(of.status(one)) for one in of.participants]


def selections(of):
    return [of.selected(one) for one in of.participants]


def people(*described):
    """Participants from words: `auto`, `manual`, or `manual 2 9:00 10:00` with the turn and what was chosen in it."""
    return [person(f"@{number}", *one.split()) for number, one in enumerate(described, 1)]


def person(name, method, turn="0", *clocks):
    return auto(name, account=int(name[1:])) if method == "auto" else manual(name, *clocks, turn=int(turn))


def chosen(*clocks):
    return [at(one) for one in clocks]


BY_HAND = {
    (NEEDS_ACTION, LIST): "offered",
    (NEEDS_ACTION, SELECT): "offered",
    (WAITING, LIST): "allowed",
    (WAITING, SELECT): None,
    (COMPLETE, LIST): "allowed",
    (COMPLETE, SELECT): None,
}


@pytest.mark.parametrize(("status", "action"), list(BY_HAND))
def test_the_table_says_who_may_do_what(status, action):
    assert MAY.get((Status(status), Action(action))) == BY_HAND[status, action]


def test_every_status_and_action_is_in_the_table_above():
    assert {(status, action) for status in Status for action in Action} == set(BY_HAND)
    assert {"offered", "allowed"} == set(How)


@pytest.mark.parametrize(
    ("status", "expected"), [(NEEDS_ACTION, [LIST, SELECT]), (WAITING, []), (COMPLETE, [])], ids=str
)
def test_only_who_needs_to_act_is_offered_something(status, expected):
    assert possible_actions(Status(status)) == expected


AT_THE_START = {
    ("auto",): (COMPLETE,),
    ("manual",): (NEEDS_ACTION,),
    ("auto", "auto"): (COMPLETE, COMPLETE),
    ("auto", "manual"): (WAITING, NEEDS_ACTION),
    ("manual", "auto"): (NEEDS_ACTION, WAITING),
    ("manual", "manual"): (NEEDS_ACTION, NEEDS_ACTION),
    ("auto", "auto", "auto"): (COMPLETE, COMPLETE, COMPLETE),
    ("auto", "auto", "manual"): (WAITING, WAITING, NEEDS_ACTION),
    ("auto", "manual", "auto"): (WAITING, NEEDS_ACTION, WAITING),
    ("manual", "auto", "auto"): (NEEDS_ACTION, WAITING, WAITING),
    ("auto", "manual", "manual"): (WAITING, NEEDS_ACTION, NEEDS_ACTION),
    ("manual", "auto", "manual"): (NEEDS_ACTION, WAITING, NEEDS_ACTION),
    ("manual", "manual", "auto"): (NEEDS_ACTION, NEEDS_ACTION, WAITING),
    ("manual", "manual", "manual"): (NEEDS_ACTION, NEEDS_ACTION, NEEDS_ACTION),
}
EVERY_MIX = pytest.mark.parametrize("methods", list(AT_THE_START), ids=" ".join)


@EVERY_MIX
def test_a_new_conversation_asks_those_who_choose(methods):
    opened, _ = settle(conversation(*people(*methods)), available())
    assert tuple(statuses(opened)) == AT_THE_START[methods]
    assert opened.is_complete == ("manual" not in methods)


@EVERY_MIX
def test_a_new_conversation_in_which_nothing_fits_waits_or_asks(methods):
    opened, changes = settle(conversation(*people(*methods)), available(busy=(period("00:00", "24:00"),)))
    assert statuses(opened) == [NEEDS_ACTION if one == "manual" else WAITING for one in methods]
    assert changes == []


@EVERY_MIX
def test_the_last_of_those_who_choose_completes_it(methods):
    talk, _ = settle(conversation(*people(*methods)), available())
    choosers = [position for position, method in enumerate(methods) if method == "manual"]
    for position in choosers:
        assert not talk.is_complete
        assert talk.status(talk.participants[position]) == NEEDS_ACTION
        talk, _ = select(talk, position, chosen("10:00"), available())
    assert talk.is_complete
    assert set(statuses(talk)) == {COMPLETE}
    assert selections(talk) == [tuple(chosen("10:00" if choosers else "09:00"))] * len(methods)


NINE, TEN, ELEVEN = at("09:00"), at("10:00"), at("11:00")
ALL_TAKEN = (period("09:00", "17:00"),)


@pytest.mark.parametrize(
    ("described", "busy", "agreed"),
    [
        pytest.param(["manual 1 09:00"], (), NINE, id="one alone"),
        pytest.param(["manual 1 09:00 11:00"], (), NINE, id="one alone, the earliest of several"),
        pytest.param(["manual 1 09:00 11:00"], (period("09:00", "10:00"),), ELEVEN, id="the earliest that is free"),
        pytest.param(["manual 1 09:00"], ALL_TAKEN, None, id="one alone, not free"),
        pytest.param(["manual 1 10:00", "manual 2 10:00"], (), TEN, id="two of one mind"),
        pytest.param(["manual 1 09:00", "manual 2 10:00"], (), None, id="two of two minds"),
        pytest.param(["manual 1 10:00", "manual"], (), None, id="one of two has not chosen"),
        pytest.param(["manual 1 10:00", "auto"], (), TEN, id="one chose, the other is free"),
        pytest.param(["auto", "manual 1 10:00"], ALL_TAKEN, None, id="one chose, the other is not free"),
        pytest.param(
            ["manual 1 11:00 10:00", "manual 2 10:00 11:00"], (), TEN, id="the earliest of those that both chose"
        ),
        pytest.param(
            ["manual 1 09:00 10:00", "manual 2 10:00 11:00", "manual 3 10:00"], (), TEN, id="three have one in common"
        ),
        pytest.param(
            ["manual 1 09:00 10:00", "manual 2 10:00 11:00", "manual 3 09:00 11:00"], (), None, id="pairs only"
        ),
        pytest.param(["auto", "auto"], (), NINE, id="nobody chooses, all are free"),
        pytest.param(["auto", "auto"], (period("09:00", "09:50"),), TEN, id="nobody chooses, the first that is free"),
        pytest.param(["auto", "auto"], ALL_TAKEN, None, id="nobody chooses, nobody is free"),
    ],
)
def test_agreement_is_on_the_earliest_slot_that_all_have_chosen_and_are_free_for(described, busy, agreed):
    settled, changes = settle(conversation(*people(*described)), available(busy=busy))
    assert settled.chosen == agreed
    assert (Change(Type.AGREED, None, (agreed,)) in changes) == (agreed is not None)
    assert all(settled.selected(one) == (agreed,) for one in settled.participants if agreed is not None)


@pytest.mark.parametrize(
    ("described", "busy", "expected"),
    [
        pytest.param(["manual 1 09:00", "manual 2 10:00"], (), [(), (TEN,)], id="the newest of two stands"),
        pytest.param(["manual 2 09:00", "manual 1 10:00"], (), [(NINE,), ()], id="whoever's it is"),
        pytest.param(["manual 1 09:00", "manual"], (), [(NINE,), ()], id="one that nobody answered stands"),
        pytest.param(["manual 1 09:00", "manual"], ALL_TAKEN, [(), ()], id="unless its time is taken"),
        pytest.param(
            ["manual 1 09:00 10:00", "manual"],
            (period("09:00", "10:00"),),
            [(NINE, TEN), ()],
            id="a set stands while some of it is free",
        ),
        pytest.param(
            ["manual 1 09:00", "manual 2 10:00"],
            (period("10:00", "11:00"),),
            [(NINE,), ()],
            id="where the newest is not free the one before it stands",
        ),
        pytest.param(
            ["manual 1 10:00", "manual 2 09:00", "manual 3 10:00"],
            (),
            [(TEN,), (), (TEN,)],
            id="what agrees with the newest stands",
        ),
        pytest.param(
            ["manual 1 09:00 11:00", "manual 2 10:00 11:00", "manual 3 09:00 10:00"],
            (),
            [(), (TEN, ELEVEN), (NINE, TEN)],
            id="each must share something with all newer ones together",
        ),
        pytest.param(
            ["manual 1 11:00", "manual 2 10:00 11:00", "manual 3 10:00 11:00", "manual"],
            (period("11:00", "12:00"),),
            [(), (TEN, ELEVEN), (TEN, ELEVEN), ()],
            id="and something that is free",
        ),
        pytest.param(["auto", "manual 1 09:00"], ALL_TAKEN, [(), ()], id="an account that is busy undoes a choice"),
    ],
)
def test_without_agreement_the_newest_selection_stands(described, busy, expected):
    before = conversation(*people(*described))
    settled, changes = settle(before, available(busy=busy))
    cleared = {at for at, (was, now) in enumerate(zip(selections(before), expected, strict=True)) if was != now}
    assert selections(settled) == expected
    assert {one.position for one in changes} == cleared
    assert {one.type for one in changes} <= {Type.CLEARED}
    assert NEEDS_ACTION in statuses(settled)


def test_settling_a_settled_conversation_changes_nothing():
    talk = conversation(*people("manual 1 09:00 10:00", "manual 2 10:00", "manual"))
    assert settle(talk, available()) == (talk, [])


def test_agreement_is_final_whatever_calendars_say_later():
    talk = conversation(*people("auto", "manual 1 10:00"), chosen=TEN)
    assert settle(talk, available(busy=ALL_TAKEN)) == (talk, [])


def test_choosing_makes_the_chooser_wait_for_the_others():
    talk, changes = select(conversation(*people("manual", "manual")), 0, chosen("10:00"), available())
    assert statuses(talk) == [WAITING, NEEDS_ACTION]
    assert selections(talk) == [(TEN,), ()]
    assert changes == [Change(Type.SELECTED, 0, (TEN,))]


def test_another_choice_clears_the_one_before_and_asks_again():
    talk, _ = select(conversation(*people("manual", "manual")), 0, chosen("10:00"), available())
    talk, changes = select(talk, 1, chosen("11:00"), available())
    assert statuses(talk) == [NEEDS_ACTION, WAITING]
    assert changes == [Change(Type.SELECTED, 1, (ELEVEN,)), Change(Type.CLEARED, 0)]
    talk, changes = select(talk, 0, chosen("11:00"), available())
    assert changes == [Change(Type.SELECTED, 0, (ELEVEN,)), Change(Type.AGREED, None, (ELEVEN,))]


def test_sets_of_slots_meet_in_the_earliest_common_one():
    talk, _ = select(conversation(*people("manual", "manual")), 0, chosen("11:00", "10:00", "11:00"), available())
    assert selections(talk) == [(TEN, ELEVEN), ()]
    talk, _ = select(talk, 1, chosen("09:00", "11:00", "10:00"), available())
    assert talk.chosen == TEN


def test_a_later_selection_of_anybody_is_the_newest():
    talk = conversation(*people("manual 7 09:00", "manual", "manual"))
    talk, _ = select(talk, 2, chosen("10:00"), available())
    assert selections(talk) == [(), (), (TEN,)]


@pytest.mark.parametrize(
    ("talk", "position", "starts"),
    [
        pytest.param(conversation(*people("manual 1 09:00 10:00", "manual")), 0, ["09:00", "10:00"], id="the same"),
        pytest.param(conversation(*people("manual 1 09:00 10:00", "manual")), 0, ["10:00", "09:00"], id="reordered"),
        pytest.param(conversation(*people("manual 1 09:00", "manual")), 0, ["09:00", "09:00"], id="named twice"),
        pytest.param(
            conversation(*people("manual 1 09:00", "manual 2 09:00"), chosen=NINE), 0, ["09:00"], id="what is agreed"
        ),
        pytest.param(
            conversation(*people("manual 1 09:00", "manual 2 09:00"), chosen=NINE),
            1,
            ["11:00", "09:00"],
            id="what is agreed, among others",
        ),
        pytest.param(conversation(*people("auto", "auto"), chosen=NINE), 0, ["09:00"], id="what is agreed, by auto"),
    ],
)
def test_a_repeat_succeeds_without_effect_even_when_the_time_is_taken_by_now(talk, position, starts):
    assert select(talk, position, chosen(*starts), available(busy=ALL_TAKEN)) == (talk, [])


@pytest.mark.parametrize(
    ("talk", "position", "starts"),
    [
        pytest.param(conversation(*people("manual 1 09:00", "manual")), 0, ["10:00"], id="while waiting"),
        pytest.param(
            conversation(*people("manual 1 09:00", "manual")), 0, ["09:00", "10:00"], id="more, while waiting"
        ),
        pytest.param(conversation(*people("manual 1 09:00 10:00", "manual")), 0, ["09:00"], id="less, while waiting"),
        pytest.param(conversation(*people("auto", "manual")), 0, ["10:00"], id="by auto"),
        pytest.param(conversation(*people("manual 1 09:00"), chosen=NINE), 0, ["10:00"], id="after completion"),
        pytest.param(
            conversation(*people("manual 1 09:00 10:00", "manual 2 09:00"), chosen=NINE),
            0,
            ["10:00"],
            id="part of an earlier choice, after completion",
        ),
    ],
)
def test_who_is_not_asked_cannot_choose(talk, position, starts):
    with pytest.raises(NotYourTurn):
        select(talk, position, chosen(*starts), available())


ASKED = conversation(*people("manual", "manual"))
AGREED = conversation(*people("manual 1 09:00"), chosen=NINE)


@pytest.mark.parametrize(
    ("talk", "starts", "refusal", "indices"),
    [
        pytest.param(ASKED, [None], SlotsUnknown, (0,), id="an id that no slot can have"),
        pytest.param(ASKED, [NINE, NINE + 60], SlotsUnknown, (1,), id="off the grid"),
        pytest.param(ASKED, [at("18:00"), NINE, at("16:30")], SlotsUnknown, (0, 2), id="outside, every one is named"),
        pytest.param(ASKED, [TEN], SlotsTaken, (0,), id="taken"),
        pytest.param(ASKED, [NINE, TEN, ELEVEN], SlotsTaken, (1,), id="one taken refuses all"),
        pytest.param(ASKED, [TEN, None], SlotsUnknown, (1,), id="unknown comes before taken"),
        pytest.param(AGREED, [NINE, None], SlotsUnknown, (1,), id="unknown comes before a repeat"),
        pytest.param(AGREED, [None], SlotsUnknown, (0,), id="unknown comes before completion"),
    ],
)
def test_one_slot_that_cannot_be_selected_refuses_the_call(talk, starts, refusal, indices):
    with pytest.raises(refusal) as raised:
        select(talk, 0, starts, available(busy=(period("10:00", "11:00"),)))
    assert raised.value.indices == indices


def test_not_being_asked_comes_before_a_slot_that_is_taken():
    with pytest.raises(NotYourTurn):
        select(conversation(*people("auto", "manual")), 0, chosen("10:00"), available(busy=ALL_TAKEN))


def test_past_slots_are_refused_as_taken():
    with pytest.raises(SlotsTaken):
        select(ASKED, 0, chosen("09:00"), available(now=NINE + 1))


def test_standing_selections_are_those_of_the_others():
    talk = conversation(*people("manual 1 09:00", "manual 2 10:00 11:00", "auto"))
    assert talk.standing(0) == [TEN, ELEVEN]
    assert talk.standing(1) == [NINE]
    assert sorted(talk.standing(2)) == [NINE, TEN, ELEVEN]


@pytest.mark.parametrize(
    ("participant", "key"),
    [
        pytest.param(Participant("@a", "acc_1", "a@b.c"), ("participant_id", "@a"), id="by its id first"),
        pytest.param(Participant(None, "acc_1", "a@b.c"), ("sub", "acc_1"), id="else by its account"),
        pytest.param(Participant(email="Ada@Example.ORG"), ("email", "ada@example.org"), id="else by its address"),
    ],
)
def test_a_participant_is_keyed_by_the_first_of_its_identifiers(participant, key):
    assert participant.key == key


def test_accounts_are_named_in_ascending_order():
    talk = conversation(auto("@a", 3), manual("@b"), auto("@c", 1), replace(manual("@d"), account=2))
    assert talk.accounts == [1, 2, 3]


def test_a_conversation_without_a_subject_is_about_a_meeting():
    assert conversation(manual("@a"), subject=None).title == "Meeting"
    assert conversation(manual("@a"), subject="Lunch").title == "Lunch"


def test_people_choose_by_default():
    assert Participant("@a").method is Method.MANUAL
