"""A conversation service as a value: which secrets sign, when it counts, what an asking is about."""

from dataclasses import replace

import pytest

from parley.core.conversation import select
from parley.core.conversation_service import Asked, ConversationService, Proof, Secret
from parley.core.errors import NotYourTurn, SlotsTaken, SlotsUnknown
from tests.make import at, available, conversation, manual, period

SERVICE = ConversationService("csv_1", "app", 1, None, None, "https://a.example/", Secret("new"), 0)
ASKED = Asked("scv_0123456789abcdef01234567", 1, 0, "csv_1", 600)


@pytest.mark.parametrize(
    ("secret", "now", "expected"),
    [
        pytest.param(Secret("new"), 5, ["new"], id="the first"),
        pytest.param(Secret("new", "old", 10), 9, ["new", "old"], id="during the overlap"),
        pytest.param(Secret("new", "old", 10), 10, ["new"], id="when it is over"),
    ],
)
def test_the_secret_before_signs_for_a_while(secret, now, expected):
    assert secret.signing(now) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, True, id="an account's"),
        pytest.param({"disabled_at": 5}, False, id="disabled"),
        pytest.param({"domain": "a.example", "proof": Proof("t")}, False, id="not looked at"),
        pytest.param({"domain": "a.example", "proof": Proof("t", None, 5, "why")}, False, id="failed"),
        pytest.param({"domain": "a.example", "proof": Proof("t", 5, 5)}, True, id="proven"),
        pytest.param({"domain": "a.example", "proof": Proof("t", 5, 5), "disabled_at": 6}, False, id="disabled later"),
    ],
)
def test_a_service_counts_when_it_is_enabled_and_its_domain_proven(changed, expected):
    assert replace(SERVICE, **changed).counts is expected


@pytest.mark.parametrize(
    ("karl", "chosen", "expected"),
    [
        pytest.param(manual("@karl"), None, True, id="nothing has happened"),
        pytest.param(manual("@karl", "10:00", turn=1), None, False, id="they have chosen"),
        pytest.param(manual("@karl", turn=1), None, False, id="they had chosen, and it was cleared"),
        pytest.param(manual("@karl"), "10:00", False, id="complete"),
    ],
)
def test_an_asking_matters_until_the_participant_has_acted(karl, chosen, expected):
    talk = conversation(manual("@grace"), karl, chosen=at(chosen) if chosen else None)
    assert ASKED.still_matters(talk) is expected


def test_askings_of_other_turns_positions_and_services_have_other_names():
    others = [replace(ASKED, **one) for one in ({"turn": 1}, {"position": 0}, {"service": "csv_2"})]
    assert len({one.delivery_id for one in [ASKED, *others]}) == len({one.name for one in [ASKED, *others]}) == 4


def test_the_longer_there_is_nothing_to_choose_the_more_seldom_it_is_looked():
    pauses = [replace(ASKED, deadline=0, looks=number).pause for number in (1, 2, 3, 4, 5, 6, 1000)]
    assert pauses == [60, 120, 240, 480, 960, 960, 960]


def test_an_asking_that_was_put_off_is_the_same_one_and_another_push():
    """A receiver that knows the push from before must not take the later one for its repeat."""
    later = replace(ASKED, deadline=ASKED.deadline + 60)
    assert later.name == ASKED.name
    assert later.delivery_id != ASKED.delivery_id


@pytest.mark.parametrize(
    ("clock", "refusal"),
    [
        pytest.param("10:00", None, id="inside"),
        pytest.param("14:00", SlotsTaken, id="outside, open to others"),
        pytest.param("12:00", SlotsTaken, id="open to nobody"),
        pytest.param("18:00", SlotsUnknown, id="no slot"),
    ],
)
def test_whoever_may_choose_less_is_refused_the_rest(clock, refusal):
    slots = available(busy=(period("12:00", "13:00"),))
    within = slots.without([period("13:00", "17:00")])
    talk = conversation(manual("@grace"), manual("@karl"))
    if refusal is None:
        assert select(talk, 1, [at(clock)], slots, within)[0].participants[1].selected == (at(clock),)
    else:
        with pytest.raises(refusal):
            select(talk, 1, [at(clock)], slots, within)


def test_whose_turn_it_is_is_looked_at_before_what_is_left():
    slots = available()
    talk = conversation(manual("@grace"), manual("@karl", "10:00", turn=1))
    with pytest.raises(NotYourTurn):
        select(talk, 1, [at("14:00")], slots, slots.without([period("12:00", "17:00")]))
