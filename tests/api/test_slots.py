"""Listing and selecting slots: what is answered in which order."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.make import at, person, proposal, selection, slot_id, text

REQUIRED, FORMAT = "errors.required", "errors.invalid_format"
UNKNOWN, TAKEN, NOT_NOW = "errors.not_recognized", "errors.slot_unavailable", "errors.not_available"
SLOT = "selected_slots[0].slot_id"


def starts(answer):
    return [one["start"][11:16] for one in answer.json()["slots"]]


def busy(person, start, end, event_id="busy"):
    """Have something stand in the person's calendar."""
    event = {"event_id": event_id, "summary": "Busy", "start": text(start), "end": text(end)}
    answer = person.client.post(f"/v1/calendars/{person.calendar}/events", json=event)
    assert answer.status_code == 202, answer.text


@pytest.fixture
def with_grace(application, grace):
    """A conversation in which Grace's calendar decides and Karl chooses."""
    return application.client.open(proposal(person("@grace", "auto", sub=grace.sub), person("@karl")))


@pytest.fixture
def complete(application, with_grace):
    """The same, agreed on ten o'clock."""
    return application.client.select(with_grace, 1, selection("10:00")).json()


def test_slots_are_listed_end_to_end_in_what_is_free(application, grace, with_grace):
    busy(grace, "11:20", "12:40")
    answer = application.client.slots(with_grace, 1)
    assert starts(answer) == ["09:00", "10:00", "12:45", "13:45", "14:45", "15:45"]
    assert answer.json()["slots"][0] == {"slot_id": slot_id("09:00"), "start": text("09:00"), "end": text("10:00")}


def test_listing_has_nothing_but_slots_and_changes_nothing(application, with_grace):
    first, again = (application.client.slots(with_grace, 1).json() for _ in range(2))
    assert (list(first), first) == (["slots"], again)
    assert application.client.again(with_grace) == with_grace


def test_listing_is_answered_while_waiting(application, with_grace):
    assert with_grace["participants"][0]["status"] == "waiting"
    assert application.client.slots(with_grace, 0).status_code == 200
    assert len(application.client.slots(with_grace, 0).json()["slots"]) == 8


def test_listing_after_completion_is_empty(application, complete):
    answers = [application.client.slots(complete, position) for position in (0, 1)]
    assert [(one.status_code, one.json()) for one in answers] == [(200, {"slots": []})] * 2


def test_at_most_so_many_slots_are_listed_as_the_application_may_have(service):
    client = service.application(max_listed_slots=3).client
    opened = client.open(proposal())
    client.select(opened, 0, selection("16:00"))
    assert starts(client.slots(opened, 1)) == ["09:00", "10:00", "16:00"]


def test_a_start_on_the_grid_can_be_chosen_though_it_is_not_listed(application, with_grace):
    assert application.client.select(with_grace, 1, selection("09:45")).json()["status"] == "complete"


def test_every_available_period_begins_with_a_slot_though_its_start_is_no_quarter_hour(application):
    periods = [{"start": text(start), "end": text(end)} for start, end in (("09:05", "10:06"), ("13:10", "14:10"))]
    opened = application.client.open(proposal(available_periods=periods))
    assert starts(application.client.slots(opened, 0)) == ["09:05", "13:10"]
    assert application.client.select(opened, 0, selection("13:10")).status_code == 200


def ids(*names):
    return {"selected_slots": [{"slot_id": name} for name in names]}


MALFORMED = {
    "nothing": ({}, {"selected_slots": [REQUIRED]}),
    "null": ({"selected_slots": None}, {"selected_slots": [REQUIRED]}),
    "empty": (ids(), {"selected_slots": [REQUIRED]}),
    "an object": ({"selected_slots": {"slot_id": slot_id("09:00")}}, {"selected_slots": [FORMAT]}),
    "a text": ({"selected_slots": slot_id("09:00")}, {"selected_slots": [FORMAT]}),
    "texts": ({"selected_slots": [slot_id("09:00")]}, {"selected_slots[0]": [FORMAT]}),
    "two": (selection("09:00", "10:00"), {"selected_slots": ["errors.too_many"]}),
    "no id": ({"selected_slots": [{}]}, {SLOT: [REQUIRED]}),
    "id null": (ids(None), {SLOT: [REQUIRED]}),
    "id empty": (ids(""), {SLOT: [REQUIRED]}),
    "id a number": (ids(at("09:00")), {SLOT: [FORMAT]}),
    "only a start": ({"selected_slots": [{"start": text("09:00")}]}, {SLOT: [REQUIRED]}),
}
UNKNOWN_IDS = {
    "words": "soon",
    "no prefix": str(at("09:00")),
    "another prefix": f"scv_{at('09:00')}",
    "leading zero": f"slt_0{at('09:00')}",
    "a sign": f"slt_+{at('09:00')}",
    "a space": f"slt_{at('09:00')} ",
    "a line break": f"slt_{at('09:00')}\n",
    "other digits": "slt_" + str(at("09:00")).translate({ord(str(n)): 0x660 + n for n in range(10)}),
    "off the grid": slot_id("09:10"),
    "a second off": f"slt_{at('09:00') + 1}",
    "before the period": slot_id("08:45"),
    "runs over the end": slot_id("16:15"),
    "at the end": slot_id("17:00"),
    "another day": slot_id("09:00", 1),
    "far away": "slt_999999999999",
    "negative": "slt_-60",
}
MALFORMED |= {name: (ids(given), {SLOT: [UNKNOWN]}) for name, given in UNKNOWN_IDS.items()}


@pytest.mark.parametrize(("body", "expected"), MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("when", ["open", "complete"])
def test_a_selection_that_names_no_slot_is_refused_before_anything_else(
    application, with_grace, request, when, body, expected
):
    opened = request.getfixturevalue("complete") if when == "complete" else with_grace
    answer = application.client.select(opened, 1, body)
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert set(answer.json()) == {"errors"}


@pytest.mark.parametrize("name", ["slot_id", "available_slot_id"])
def test_both_names_of_a_slots_id_are_understood(application, with_grace, name):
    told = application.client.select(with_grace, 1, {"selected_slots": [{name: slot_id("10:00")}]}).json()
    assert told["chosen_slot"]["start"] == text("10:00")


def test_a_slot_can_be_sent_back_as_it_was_listed(application, with_grace):
    slots = application.client.slots(with_grace, 1).json()["slots"]
    assert application.client.select(with_grace, 1, {"selected_slots": slots[3:4]}).json()["status"] == "complete"


def test_whoever_waits_for_an_account_cannot_select(application, with_grace):
    answer = application.client.select(with_grace, 0, selection("10:00"))
    assert (answer.status_code, error_keys(answer)) == (422, {"selected_slots": [NOT_NOW]})


def test_whoever_waits_for_others_repeats_but_does_not_change(application):
    opened = application.client.open(proposal())
    first = application.client.select(opened, 0, selection("10:00"))
    again = application.client.select(opened, 0, selection("10:00"))
    other = application.client.select(opened, 0, selection("11:00"))
    assert (again.status_code, again.json()) == (200, first.json())
    assert (other.status_code, error_keys(other)) == (422, {"selected_slots": [NOT_NOW]})


def test_a_repeat_is_recognised_although_the_slot_has_been_taken_since(application, grace):
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    application.client.select(opened, 1, selection("10:00"))
    busy(grace, "10:00", "11:00")
    assert application.client.select(opened, 1, selection("10:00")).status_code == 200


def test_whose_turn_it_is_not_is_told_so_before_what_is_taken(application, grace, with_grace):
    busy(grace, "10:00", "11:00")
    answer = application.client.select(with_grace, 0, selection("10:00"))
    assert error_keys(answer) == {"selected_slots": [NOT_NOW]}


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize(("clock", "expected"), [("10:00", 200), ("11:00", 422)])
def test_after_completion_only_the_chosen_slot_is_accepted_from_anybody(
    application, complete, position, clock, expected
):
    answer = application.client.select(complete, position, selection(clock))
    assert answer.status_code == expected
    assert expected == 200 or error_keys(answer) == {"selected_slots": [NOT_NOW]}
    assert application.client.again(complete) == complete


def test_after_completion_the_chosen_slot_may_stand_among_others(service, grace):
    client = service.application(max_selected_slots=2).client
    opened = client.open(proposal(person("@karl")))
    complete = client.select(opened, 0, selection("10:00")).json()
    answers = [client.select(opened, 0, selection("09:00", clock)) for clock in ("10:00", "11:00")]
    assert [one.status_code for one in answers] == [200, 422]
    assert client.again(opened) == complete


def test_the_chosen_slot_is_accepted_again_when_it_has_passed(own_service):
    client = own_service.application().client
    opened = client.open(proposal(person("@karl")))
    complete = client.select(opened, 0, selection("10:00")).json()
    own_service.clock.instant = at("10:00", 5)
    answer = client.select(opened, 0, selection("10:00"))
    assert (answer.status_code, answer.json()) == (200, complete)


def test_a_slot_that_was_taken_is_refused_with_the_slots_that_are_free(application, grace, with_grace):
    busy(grace, "09:30", "15:00")
    answer = application.client.select(with_grace, 1, selection("10:00"))
    assert (answer.status_code, error_keys(answer)) == (422, {SLOT: [TAKEN]})
    assert starts(answer) == ["15:00", "16:00"]
    assert answer.json()["slots"] == application.client.slots(with_grace, 1).json()["slots"]


def test_a_slot_that_has_passed_is_refused_with_the_slots_that_are_left(own_service):
    client = own_service.application().client
    opened = client.open(proposal(person("@karl")))
    own_service.clock.instant = at("15:10")
    answer = client.select(opened, 0, selection("10:00"))
    assert (error_keys(answer), starts(answer)) == ({SLOT: [TAKEN]}, ["15:15"])


def test_a_slot_that_another_conversation_booked_is_refused_at_once(service, application, grace, with_grace):
    there = service.application()
    service.grant(grace.sub, there)
    rival = there.client.open(proposal(person("@grace", "auto", sub=grace.sub), person("@karl")))
    there.client.select(rival, 1, selection("09:30"))  # no event is written yet: the booking counts
    answer = application.client.select(with_grace, 1, selection("09:00"))
    assert (answer.status_code, error_keys(answer)) == (422, {SLOT: [TAKEN]})
    assert starts(answer)[0] == "10:30"


def test_one_slot_that_cannot_be_selected_refuses_all(service, grace):
    application = service.application(max_selected_slots=3)
    shared = service.grant(grace.sub, application)
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub), person("@karl")))
    busy(shared, "10:00", "11:00")
    taken = application.client.select(opened, 1, selection("09:00", "10:00"))
    unknown = application.client.select(opened, 1, selection("09:00", "09:10", "10:00"))
    assert error_keys(taken) == {"selected_slots[1].slot_id": [TAKEN]}
    assert error_keys(unknown) == {"selected_slots[1].slot_id": [UNKNOWN]}
    assert application.client.again(opened) == opened


def test_with_a_raised_limit_sets_of_slots_meet_at_the_earliest_common_one(service):
    client = service.application(max_selected_slots=3).client
    opened = client.open(proposal())
    client.select(opened, 0, selection("11:00", "10:00", "11:00"))
    waiting = client.again(opened)["participants"][0]
    told = client.select(opened, 1, selection("09:00", "11:00", "10:00")).json()
    assert [one["start"] for one in waiting["slots"]["selected"]] == [text("10:00"), text("11:00")]
    assert told["chosen_slot"]["start"] == text("10:00")
    assert [one["slots"]["selected"] for one in told["participants"]] == [
        [{"slot_id": slot_id("10:00"), "start": text("10:00"), "end": text("11:00")}]
    ] * 2


def test_one_more_than_the_raised_limit_is_too_many(service):
    client = service.application(max_selected_slots=2).client
    answer = client.select(client.open(proposal()), 0, selection("09:00", "10:00", "11:00"))
    assert error_keys(answer) == {"selected_slots": ["errors.too_many"]}


def test_the_newest_selection_stands_and_the_other_chooses_again(application):
    opened = application.client.open(proposal())
    application.client.select(opened, 0, selection("10:00"))
    told = application.client.select(opened, 1, selection("11:00")).json()
    assert [one["status"] for one in told["participants"]] == ["needs_action", "waiting"]
    assert ["selected" in one["slots"] for one in told["participants"]] == [False, True]
    assert application.client.select(opened, 0, selection("11:00")).json()["status"] == "complete"


def test_a_participant_alone_agrees_with_themselves(application):
    opened = application.client.open(proposal(person("@karl")))
    assert application.client.select(opened, 0, selection("10:00")).json()["status"] == "complete"


def test_a_selection_whose_time_is_taken_meanwhile_is_cleared(service, application, grace):
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    application.client.select(opened, 1, selection("10:00"))
    busy(grace, "10:00", "11:00")
    service.work()
    told = application.client.again(opened)
    assert [one["status"] for one in told["participants"]] == ["needs_action", "needs_action"]


def test_after_revocation_a_selection_is_refused_and_listing_is_empty(service, application, grace, with_grace):
    named = {"client_id": application.id, "client_secret": application.secret, "sub": grace.sub}
    service.client().post("/oauth/token/revoke", json=named)
    answer = application.client.select(with_grace, 1, selection("10:00"))
    assert (answer.status_code, error_keys(answer)) == (422, {"base": ["errors.account_revoked"]})
    assert application.client.slots(with_grace, 1).json() == {"slots": []}


def test_after_a_new_grant_the_conversation_goes_on(service, application, grace, with_grace):
    named = {"client_id": application.id, "client_secret": application.secret, "sub": grace.sub}
    service.client().post("/oauth/token/revoke", json=named)
    service.grant(grace.sub, application)
    assert application.client.select(with_grace, 1, selection("10:00")).json()["status"] == "complete"


def test_five_people_with_sets_agree(service):
    client = service.application(max_participants=5, max_selected_slots=3).client
    opened = client.open(proposal(*(person(name) for name in "abcde")))
    for position in range(4):
        client.select(opened, position, selection("09:00", "12:00", f"{13 + position}:00"))
    assert client.select(opened, 4, selection("12:00", "16:00")).json()["chosen_slot"]["start"] == text("12:00")


def test_an_account_of_an_address_counts_as_well(service, application, grace):
    opened = application.client.open(proposal({"email": grace.email, "common_name": "G"}, {"email": address()}))
    busy(grace, "09:00", "16:00")
    assert starts(application.client.slots(opened, 1)) == ["16:00"]
