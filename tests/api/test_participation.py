"""Saying whether the owner of a calendar takes part in an event."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.api.event_calls import delete, event, put, read
from tests.make import person, proposal, text


def path(person, uid, calendar_id=None):
    return f"/v1/calendars/{calendar_id or person.calendar}/events/{uid}/participation_status"


def answer(person, uid, status):
    return person.client.post(path(person, uid), json={"status": status})


def is_free(application, grace):
    """Whether Grace can be met at nine."""
    nine = [{"start": text("09:00"), "end": text("10:00")}]
    opened = application.client.open(proposal(person("@g", sub=grace.sub), available_periods=nine))
    return application.client.slots(opened, 0).json()["slots"] != []


@pytest.fixture
def elsewhere(service, grace):
    """The same account, with another application acting for it."""
    return service.grant(grace.sub, service.application())


@pytest.mark.parametrize("status", ["accepted", "tentative", "declined"])
@pytest.mark.parametrize("whose", ["own", "external"])
def test_the_answer_is_shown_with_the_event(grace, elsewhere, whose, status):
    put(grace if whose == "own" else elsewhere, event())
    uid = read(grace)[0]["event_uid"]
    told = answer(grace, uid, status)
    assert (told.status_code, told.content) == (202, b"")
    assert [one["participation_status"] for one in (*read(grace), *read(elsewhere))] == [status] * 2


def test_the_owner_among_the_attendees_answers_too(grace):
    people = {"invite": [{"email": grace.email.upper()}, {"email": "karl@example.org"}]}
    put(grace, event(attendees=people))
    answer(grace, read(grace)[0]["event_uid"], "declined")
    assert [one["status"] for one in read(grace)[0]["attendees"]] == ["declined", "needs_action"]


def test_writing_the_event_again_keeps_the_answer(grace):
    put(grace, event())
    answer(grace, read(grace)[0]["event_uid"], "tentative")
    put(grace, event(summary="Dinner"))
    assert read(grace)[0]["participation_status"] == "tentative"


@pytest.mark.parametrize(("status", "free"), [("tentative", False), ("declined", True), ("accepted", False)])
def test_a_declined_event_no_longer_blocks(application, grace, status, free):
    put(grace, event())
    answer(grace, read(grace)[0]["event_uid"], status)
    assert is_free(application, grace) == free


def test_who_declines_an_agreements_event_has_the_time_back(service, application, grace):
    karl = service.person(application, address())
    opened = application.client.open(proposal(person("@g", "auto", sub=grace.sub), person("@k", "auto", sub=karl.sub)))
    service.work()
    answer(grace, f"{opened['scheduling_conversation_id']}@parley", "declined")
    assert [is_free(application, one) for one in (grace, karl)] == [True, False]
    assert read(karl)[0]["participation_status"] == "accepted"
    assert application.client.again(opened)["status"] == "complete"


def test_an_agreements_event_may_be_answered_before_it_is_written(service, application, grace):
    opened = application.client.open(proposal(person("@g", "auto", sub=grace.sub)))
    told = answer(grace, f"{opened['scheduling_conversation_id']}@parley", "tentative")
    service.work()
    assert (told.status_code, [one["participation_status"] for one in read(grace)]) == (202, ["tentative"])


def test_open_conversations_are_settled_when_time_is_given_back(service, application, grace):
    put(grace, event())
    nine = [{"start": text("09:00"), "end": text("10:00")}]
    opened = application.client.open(proposal(person("@g", "auto", sub=grace.sub), available_periods=nine))
    assert opened["status"] == "in_progress"
    answer(grace, next(one["event_uid"] for one in read(grace)), "declined")
    service.work()
    assert application.client.again(opened)["status"] == "complete"


@pytest.mark.parametrize("uid", ["unknown", "evt_external_0123456789abcdef01234567", "a%2Fb", "%25"])
def test_an_unknown_event_is_404(grace, uid):
    put(grace, event())
    told = answer(grace, uid, "accepted")
    assert (told.status_code, told.content) == (404, b"")


def test_a_deleted_event_and_one_of_another_account_are_404(service, application, grace):
    put(grace, event())
    uid = read(grace)[0]["event_uid"]
    karl = service.person(application, address())
    assert karl.client.post(path(grace, uid), json={"status": "accepted"}).status_code == 404
    assert answer(karl, uid, "accepted").status_code == 404
    delete(grace, "one")
    assert answer(grace, uid, "accepted").status_code == 404


def test_an_external_event_goes_by_its_external_uid_only(grace, elsewhere):
    put(elsewhere, event())
    assert answer(grace, read(elsewhere)[0]["event_uid"], "accepted").status_code == 404


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "errors.required"),
        ({"status": "maybe"}, "errors.not_recognized"),
        ({"status": "needs_action"}, "errors.not_recognized"),
        ({"status": 1}, "errors.invalid_format"),
    ],
)
def test_an_answer_is_one_of_three_words(grace, body, key):
    put(grace, event())
    told = grace.client.post(path(grace, read(grace)[0]["event_uid"]), json=body)
    assert (told.status_code, error_keys(told)) == (422, {"status": [key]})
