"""Slots and their ids."""

import pytest

from parley.core.errors import Invalid
from parley.wire.slots import read_selection, read_slot_id, slot_id, write_chosen, write_slot, write_slots
from tests.make import at, period, text

TOLD = {"slot_id": f"slt_{at('09:00')}", "start": text("09:00"), "end": text("10:00")}


def test_a_slot_id_is_the_start_and_says_it_again():
    assert slot_id(1930000000) == "slt_1930000000"
    assert read_slot_id("slt_1930000000") == 1930000000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "slt_",
        "1930000000",
        "slt_01",
        "slt_-5",
        "slt_+5",
        "slt_1.5",
        "slt_1e9",
        "SLT_1930000000",
        "slt_1930000000 ",
        "slt_1930000000\n",
        "slt_" + "9" * 13,
        "slt_" + "9" * 5000,
        "slt_١٢٣",
        "avl_1930000000",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_an_id_that_no_slot_can_have_names_nothing(text):
    assert read_slot_id(text) is None


def test_a_slot_is_told_by_id_start_and_end():
    assert write_slot(period("09:00", "10:00")) == TOLD
    assert write_slots([period("09:00", "10:00")]) == {"slots": [TOLD]}
    assert write_slots([]) == {"slots": []}


def test_the_chosen_slot_has_both_names_of_its_id():
    assert write_chosen(period("09:00", "10:00")) == {"available_slot_id": TOLD["slot_id"], **TOLD}


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        pytest.param([{"slot_id": "slt_5"}], [5], id="by its name"),
        pytest.param([{"available_slot_id": "slt_5"}], [5], id="by its other name"),
        pytest.param([{"slot_id": "slt_5", "available_slot_id": "slt_6"}], [5], id="the first name wins"),
        pytest.param([{"slot_id": "", "available_slot_id": "slt_6"}], [6], id="where it says something"),
        pytest.param([{"slot_id": "slt_5", "start": "x", "status": "complete"}], [5], id="the rest is ignored"),
        pytest.param([{"slot_id": "nine o'clock"}, {"slot_id": "slt_5"}], [None, 5], id="an id of no slot"),
        pytest.param([{"slot_id": "slt_5"}, {"slot_id": "slt_5"}], [5, 5], id="twice"),
    ],
)
def test_a_selection_names_slots(selected, expected):
    assert read_selection({"selected_slots": selected}, most=2) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, [("selected_slots", "errors.required")], id="missing"),
        pytest.param({"selected_slots": []}, [("selected_slots", "errors.required")], id="none"),
        pytest.param({"selected_slots": "slt_5"}, [("selected_slots", "errors.invalid_format")], id="no array"),
        pytest.param(
            {"selected_slots": [{"slot_id": "slt_5"}] * 3}, [("selected_slots", "errors.too_many")], id="too many"
        ),
        pytest.param({"selected_slots": ["slt_5"]}, [("selected_slots[0]", "errors.invalid_format")], id="no object"),
        pytest.param(
            {"selected_slots": [{}, {"slot_id": 5}]},
            [("selected_slots[0].slot_id", "errors.required"), ("selected_slots[1].slot_id", "errors.invalid_format")],
            id="no id, and a number",
        ),
        pytest.param(
            {"selected_slots": [{"slot_id": "slt_5\0"}]},
            [("selected_slots[0].slot_id", "errors.invalid_format")],
            id="a null character",
        ),
    ],
)
def test_a_malformed_selection_is_refused(values, expected):
    with pytest.raises(Invalid) as refusal:
        read_selection(values, most=2)
    assert [(one.path, one.key) for one in refusal.value.faults] == expected
