"""Choosing on the page: where a choice leads, and what a refused one shows."""

from __future__ import annotations

import pytest

from parley.store import conversations
from tests.make import person, slot_id
from tests.web.talk import SEVERAL, alert, calendar_and_karl, listed, only_nine, talk, title


def test_a_choice_leads_to_the_page_that_shows_it(two):
    answer = two.choose(1, "10:00")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{two.link(1)}?zone=Europe/Berlin"
    assert two.now()["participants"][1]["status"] == "waiting"


def test_the_zone_of_a_choice_is_kept_for_mail(two, service):
    two.choose(1, "10:00", zone="Europe/Lisbon")
    found = service.dc.db.read(conversations.find, two.conversation["scheduling_conversation_id"])
    assert [one.tzid for one in found.participants] == [None, "Europe/Lisbon"]


def test_looking_in_a_zone_keeps_nothing(two, service):
    two.page(1, zone="Europe/Lisbon")
    found = service.dc.db.read(conversations.find, two.conversation["scheduling_conversation_id"])
    assert found.participants[1].tzid is None


def test_a_zone_that_is_none_is_not_passed_on(two):
    answer = two.choose(1, "10:00", zone="//evil.example/?x=")
    assert answer.headers["location"] == two.link(1)


def test_the_history_says_that_it_was_chosen_on_the_page(two):
    two.choose(1, "10:00")
    path = f"/v1/scheduling_conversations/{two.conversation['scheduling_conversation_id']}/history"
    assert two.opener.get(path).json()["history"][-1]["channel"] == "page"


def test_the_same_choice_again_succeeds(two):
    two.choose(1, "10:00")
    assert two.choose(1, "10:00").status_code == 303
    two.choose(0, "10:00")
    assert two.choose(1, "10:00").status_code == 303


def test_a_time_lost_meanwhile_shows_what_is_free_now(service, application, grace):
    first, second = (calendar_and_karl(service, application, grace) for _ in range(2))
    first.choose(1, "10:00")
    answer = second.choose(1, "10:00")
    assert answer.status_code == 422
    assert alert(answer.text).startswith("That time is no longer free. Here are the times")
    assert slot_id("10:00") not in listed(answer.text)
    assert slot_id("11:00") in listed(answer.text)
    assert "Europe/Berlin, UTC+02:00" in answer.text


def test_the_last_time_lost_meanwhile_leaves_none(service, application, grace):
    first, second = (calendar_and_karl(service, application, grace, **only_nine()) for _ in range(2))
    first.choose(1, "09:00")
    answer = second.choose(1, "09:00")
    assert answer.status_code == 422
    assert alert(answer.text).endswith("no other one is left.")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param({}, "No time was selected", id="nothing"),
        pytest.param({"zone": "Europe/Berlin"}, "No time was selected", id="a zone alone"),
        pytest.param({"slot": ""}, "No time was selected", id="an empty slot"),
        pytest.param({"slot": "slt_x"}, "not one of the proposed times", id="no slot id"),
        pytest.param({"slot": "slt_1"}, "not one of the proposed times", id="a slot of nowhere"),
        pytest.param({"slot": [slot_id("10:00"), slot_id("11:00")]}, "at most 1", id="too many"),
    ],
)
def test_a_form_that_names_no_slot_of_the_conversation_is_answered_with_the_list(two, fields, told):
    answer = two.browser.post(two.link(1), data=fields)
    assert answer.status_code == 422
    assert told in alert(answer.text)
    assert len(listed(answer.text)) == 8
    assert two.now()["participants"][1]["status"] == "needs_action"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}", b"slot&" * 2000, b"a=1&" * 2000])
def test_a_body_that_is_no_form_chooses_nothing(two, body):
    assert two.browser.post(two.link(1), content=body).status_code == 422


def test_another_time_than_the_agreed_one_shows_the_agreed_one(two):
    two.choose(0, "10:00")
    two.choose(1, "10:00")
    answer = two.choose(1, "11:00")
    assert answer.status_code == 422
    assert title(answer.text).startswith("Not saved. Agreed: Monday, 5 May 2031")
    assert "agreed in the meantime" in alert(answer.text)


def test_somebody_who_is_not_asked_cannot_choose(two):
    two.choose(1, "10:00")
    answer = two.choose(1, "11:00")
    assert answer.status_code == 422
    assert title(answer.text) == "Not saved. Waiting for the others · Roadmap"
    assert "not your turn" in alert(answer.text)


def test_several_times_can_be_chosen_where_the_application_allows_it(service):
    asked = talk(service, service.application(**SEVERAL).client, person("@grace"), person("@karl"), person("@mia"))
    page = asked.page(1)
    assert "Choose up to 3 times" in page
    assert 'type="checkbox"' in page
    assert asked.choose(1, "10:00", "11:00", "12:00").status_code == 303
    assert asked.page(1).count('<span class="time">') == 3
    assert "at most 3" in alert(asked.choose(0, "09:00", "10:00", "11:00", "12:00").text)
