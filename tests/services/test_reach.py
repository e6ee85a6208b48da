"""How far the token of a conversation service reaches: three routes of one conversation, and no further."""

from __future__ import annotations

import pytest

from parley.routes import ROUTES
from tests.make import person, selection
from tests.services.conftest import SERVICES, slots_path

CONVERSATIONS = "/v1/scheduling_conversations"
SLOTS = f"{CONVERSATIONS}/{{id}}/participants/{{position}}/slots"
REACHED = {("GET", f"{CONVERSATIONS}/{{id}}"), ("GET", SLOTS), ("POST", SLOTS)}
CLOSED = [(one.method, one.path) for one in ROUTES if one.access.application or one.access.account]
PAGES = [(one.method, one.path) for one in ROUTES if one.path.startswith("/c/")]


def ids(routes):
    return [" ".join(one) for one in routes]


@pytest.fixture
def opened(asked):
    return asked()[1]


@pytest.mark.parametrize(("method", "path"), CLOSED, ids=ids(CLOSED))
def test_it_is_good_for_three_routes(world, opened, method, path):
    names = {"id": opened["scheduling_conversation_id"], "position": 1}
    filled = path.replace(":path", "").format(**{"token": "none", "event_uid": "none", "delivery_id": "none", **names})
    body = selection("10:00") if path == SLOTS else {}
    answer = world.assistant().request(method, filled, json=body)
    expected = 200 if (method, path) in REACHED else 403
    assert answer.status_code == expected
    assert expected == 200 or answer.content == b""


@pytest.mark.parametrize(("method", "path"), PAGES, ids=ids(PAGES))
def test_it_opens_no_page(world, opened, method, path):
    token = world.push().told["participant_token"]
    answer = world.service.client().request(method, path.format(token=token), data={"slot": "slt_1935741600"})
    assert answer.status_code == 404
    assert world.told(opened) == ["created", "asked"]


def test_it_is_not_found_by_a_look_up(world, opened):
    token = world.push().told["participant_token"]
    assert world.application.client.get(CONVERSATIONS, params={"token": token}).status_code == 404


def test_it_is_no_token_of_another_participant_or_conversation(world, opened):
    other, assistant = world.open(), world.assistant()
    refused = [assistant.slots(opened, 0), assistant.select(opened, 0, selection("10:00"))]
    assert [(one.status_code, one.content) for one in refused] == [(403, b"")] * 2
    elsewhere = [assistant.slots(other, 1), assistant.select(other, 1, selection("10:00"))]
    elsewhere += [assistant.get(f"{CONVERSATIONS}/{other['scheduling_conversation_id']}")]
    assert [(one.status_code, one.content) for one in elsewhere] == [(404, b"")] * 3


def test_it_reads_the_conversation_as_its_participant_may_and_never_their_page(world, opened):
    told = world.assistant().again(opened)
    karl = told["participants"][1]
    assert karl["sub"] == world.karl.sub
    assert sorted(karl["possible_actions"]) == ["slots_list", "slots_select"]
    selected = world.assistant().select(opened, 1, selection("10:00")).json()
    after = world.assistant().again(opened)
    for one in (told, selected, after):
        assert one["participants"][0].keys() & {"sub", "email", "page_url"} == set()
        assert "page_url" not in one["participants"][1]
        assert "/c/" not in str(one)


def reached(world, opened, assistant):
    """The three answers, in this order: nothing is selected before the last."""
    path = f"{CONVERSATIONS}/{opened['scheduling_conversation_id']}"
    answers = assistant.get(path), assistant.slots(opened, 1), assistant.select(opened, 1, selection("10:00"))
    return [(one.status_code, one.content) for one in answers]


def delete(world, made, opened):
    assert world.karl.client.delete(f"{SERVICES}/{made['conversation_service_id']}").status_code == 202


def be_gone(world, made, opened):
    world.receiver.status = 410
    world.open()
    world.work()


def revoke(world, made, opened):
    profile = world.karl.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    assert world.karl.client.post(f"/v1/profiles/{profile}/revoke").status_code == 202


def raise_generation(world, made, opened):
    world.raise_generation(opened, 1)


@pytest.mark.parametrize("end", [delete, be_gone, revoke, raise_generation])
def test_it_ends(world, asked, end):
    made, opened = asked()
    assistant = world.assistant(world.push(0))
    assert assistant.slots(opened, 1).status_code == 200
    end(world, made, opened)
    assert reached(world, opened, assistant) == [(404, b"")] * 3


def test_it_ends_for_what_is_complete_as_well(world, asked):
    made, opened = asked()
    assistant = world.assistant()
    assistant.select(opened, 1, selection("10:00"))
    delete(world, made, opened)
    assert reached(world, opened, assistant) == [(404, b"")] * 3


def test_it_ends_for_a_repeated_call_with_a_key_as_well(world, asked):
    made, opened = asked()
    assistant, path, headers = world.assistant(), slots_path(opened, 1), {"Idempotency-Key": "once"}
    answers = [assistant.post(path, json=selection("10:00"), headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].headers["idempotency-replayed"] == "true"
    delete(world, made, opened)
    assert assistant.post(path, json=selection("10:00"), headers=headers).status_code == 404


def test_a_key_of_the_participant_themselves_repeats_nothing_for_the_service(world, asked):
    """Their answer has the address of their page in it."""
    _, opened = asked()
    page = world.service.client(opened["participants"][1]["page_url"].rpartition("/")[2])
    path, headers = slots_path(opened, 1), {"Idempotency-Key": "once"}
    first = page.post(path, json=selection("10:00"), headers=headers)
    second = world.assistant().post(path, json=selection("10:00"), headers=headers)
    assert "page_url" in first.text
    assert (second.status_code, "page_url" in second.text) == (200, False)


@pytest.mark.parametrize("kind", ["made up", "not proven"])
def test_a_token_for_a_service_that_may_not_act_finds_nothing(world, asked, kind):
    """Nobody can make such tokens; if anybody could, this is what would come of it."""
    _, opened = asked()
    service = "csv_0123456789abcdef01234567"
    if kind == "not proven":
        service = world.enable(world.application.client, domain="example.org")["conversation_service_id"]
    assert reached(world, opened, world.service.client(world.token(opened, 1, service))) == [(404, b"")] * 3


@pytest.mark.parametrize("part", range(5))
def test_a_token_of_which_anything_is_changed_is_none(world, asked, part):
    _, opened = asked()
    parts = world.push().told["participant_token"].split(".")
    parts[part] = parts[part][:-1] + ("0" if parts[part][-1] != "0" else "1")
    changed = world.service.client(".".join(parts))
    assert [status for status, _ in reached(world, opened, changed)] == [401] * 3


def test_a_page_token_with_the_service_taken_out_is_none(world, asked):
    _, opened = asked()
    parts = world.push().told["participant_token"].split(".")
    shortened = world.service.client(".".join([*parts[:3], parts[4]]))
    assert shortened.slots(opened, 1).status_code == 401


def test_a_participant_without_the_service_is_not_limited(world, asked):
    _, opened = asked(earliest_hour=20)
    page = world.service.client(opened["participants"][1]["page_url"].rpartition("/")[2])
    assert world.assistant().slots(opened, 1).json() == {"slots": []}
    assert page.slots(opened, 1).json()["slots"]
    assert world.application.client.select(opened, 1, selection("10:00")).status_code == 200


def test_whoever_is_written_to_instead_keeps_their_page(world):
    world.receiver.status = 400
    world.enable()
    opened = world.open(person("@grace", "auto", sub=world.grace.sub), person("@karl", email=world.karl.email))
    world.work()
    page = world.service.client(opened["participants"][1]["page_url"].rpartition("/")[2])
    assert page.select(opened, 1, selection("10:00")).json()["status"] == "complete"
