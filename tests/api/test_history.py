"""The history of a conversation."""

from __future__ import annotations

import pytest

from tests.api.conftest import address
from tests.make import person, proposal, selection, slot_id, text


def history_of(client, opened):
    return client.get(f"/v1/scheduling_conversations/{opened['scheduling_conversation_id']}/history")


def told(answer):
    """Type, participant, channel and the first slot's start of every entry."""
    return [
        (one["type"], one["participant"], one["channel"], one.get("slots", [{}])[0].get("start"))
        for one in answer.json()["history"]
    ]


def test_every_change_is_kept_with_who_what_and_through_which_channel(service, application, grace):
    opened = application.client.open(
        proposal(
            person("@g", "auto", sub=grace.sub),
            person("@k"),
        )
    )
    application.client.select(opened, 1, selection("10:00"))
    service.work()
    assert told(history_of(application.client, opened)) == [
        ("created", None, "api", None),
        ("selected", 1, "api", text("10:00")),
        ("agreed", None, "engine", text("10:00")),
        ("event_written", 0, "engine", None),
    ]


def test_a_selection_that_gives_way_is_told_as_cleared(application):
    opened = application.client.open(proposal())
    application.client.select(opened, 0, selection("10:00"))
    application.client.select(opened, 1, selection("11:00"))
    assert told(history_of(application.client, opened))[2:] == [
        ("selected", 1, "api", text("11:00")),
        ("cleared", 0, "engine", None),
    ]


def test_repeats_refusals_and_reads_leave_no_trace(application):
    opened = application.client.open(proposal())
    application.client.select(opened, 0, selection("10:00"))
    before = history_of(application.client, opened).json()
    application.client.select(opened, 0, selection("10:00"))
    application.client.select(opened, 0, selection("11:00"))
    application.client.select(opened, 1, selection("23:00"))
    application.client.slots(opened, 1)
    application.client.again(opened)
    assert history_of(application.client, opened).json() == before
    assert len(before["history"]) == 2


def test_entries_have_time_slots_and_a_page(own_service):
    client = own_service.application().client
    opened = client.open(proposal())
    own_service.clock.instant += 90
    client.select(opened, 0, selection("10:00"))
    slot = {"slot_id": slot_id("10:00"), "start": text("10:00"), "end": text("11:00")}
    created = {"at": text("12:00", -1), "type": "created", "participant": None, "channel": "api"}
    selected = {"at": "2031-05-04T12:01:30Z", "type": "selected", "participant": 0, "channel": "api", "slots": [slot]}
    assert history_of(client, opened).json() == {
        "pages": {"current": 1, "total": 1},
        "history": [created, selected],
    }


def test_a_long_history_comes_in_pages_oldest_first(application):
    opened = application.client.open(proposal())
    for turn in range(60):  # each selection clears the one before it
        application.client.select(opened, turn % 2, selection(f"{9 + turn % 8:02}:00"))
    first = history_of(application.client, opened).json()
    last = application.client.get(first["pages"]["next_page"]).json()
    types = [one["type"] for one in first["history"] + last["history"]]
    assert [len(first["history"]), len(last["history"])] == [100, 20]
    assert types == ["created", "selected", *(["selected", "cleared"] * 59)]
    assert (first["pages"]["total"], last["pages"]) == (2, {"current": 2, "total": 2})


def test_the_creating_account_may_read_it(grace):
    assert history_of(grace.client, grace.client.open(proposal())).status_code == 200


@pytest.mark.parametrize(
    ("who", "expected"), [("takes part", 403), ("has a link", 403), ("stranger", 404), ("other application", 404)]
)
def test_nobody_else_may_read_it(service, application, grace, who, expected):
    opened = application.client.open(proposal(person("@grace", sub=grace.sub)))
    clients = {
        "takes part": lambda: grace.client,
        "has a link": lambda: service.client(opened["participants"][0]["page_url"].rpartition("/")[2]),
        "stranger": lambda: service.person(application, address()).client,
        "other application": lambda: service.application().client,
    }
    answer = history_of(clients[who](), opened)
    assert (answer.status_code, answer.content) == (expected, b"")
