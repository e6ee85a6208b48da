"""Asking a service: what it is pushed, what happens when it does not take it, and when it says nothing."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from jsonschema import Draft202012Validator

from parley import worker
from parley.core.conversation_service import SHARDS
from parley.core.limits import OUTBOX_LEASE
from parley.store import outbox
from tests.api.described import closed
from tests.docs.documents import DOCS
from tests.make import SUNDAY_NOON, period, person, selection, text
from tests.services.conftest import SERVICES, TIMEOUT

SCHEMA = json.loads((DOCS / "conversation-service.schema.json").read_text())


def opened_up(schema):
    """The schema, its objects open to the test that closes them."""
    if isinstance(schema, dict):
        return {name: opened_up(one) for name, one in schema.items()} | (
            {"additionalProperties": True} if "properties" in schema else {}
        )
    return [opened_up(one) for one in schema] if isinstance(schema, list) else schema


def test_a_service_is_called_when_there_is_something_to_push_and_not_before(world):
    service = world.enable()
    world.karl.client.post(f"/v1/conversation_services/{service['conversation_service_id']}/rotate_secret")
    world.work()
    assert world.receiver.received == []
    world.open()
    world.work()
    assert len(world.receiver.received) == 1


def test_a_push_is_as_the_schema_says_and_holds_nothing_else(world):
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(closed(opened_up(SCHEMA)))
    world.enable(limits={"earliest_hour": 9})
    world.open(event={"location": {"description": "Room 4", "lat": "41.9", "long": "-87.6"}})
    world.open(*[person("@ada", sub=world.grace.sub), person("@karl", email=world.karl.email)])
    world.work()
    assert len(world.receiver.received) == 2
    for push in world.receiver.received:
        assert [f"{one.json_path}: {one.message}" for one in validator.iter_errors(push.told)] == []


def test_a_push_says_what_to_do_and_by_when(world, asked):
    enabled, opened = asked(earliest_hour=8, latest_hour=18)
    push, identifier = world.push(), opened["scheduling_conversation_id"]
    slots = f"{world.service.url}/v1/scheduling_conversations/{identifier}/participants/1/slots"
    assert (push.method, push.path, push.headers["content-type"]) == ("POST", "/hook", "application/json")
    assert push.told["notification"] == {
        "type": "scheduling_conversation_action_required",
        "scheduling_conversation_id": identifier,
    }
    assert push.told["conversation_service"] == {
        "conversation_service_id": enabled["conversation_service_id"],
        "limits": {"earliest_hour": 8, "latest_hour": 18, "minimum_notice_minutes": 0, "pause_minutes": 0},
    }
    assert (push.told["slots_list"], push.told["slots_select"]) == (slots, slots)
    assert push.told["deadline"] == "2031-05-04T12:10:00Z"
    assert push.told["participant"] == push.told["scheduling_conversation"]["participants"][1]
    assert push.told["participant"]["sub"] == world.karl.sub
    assert world.happened(opened)[-1] == ("asked", "service", 1, "")
    assert world.letters() == []


def signed(secret, push):
    """What the headers of a push must be for this secret: those of Standard Webhooks, and Cronofy's."""
    whole = f"{push.headers['webhook-id']}.{push.headers['webhook-timestamp']}.".encode() + push.body
    key = b64decode(secret.removeprefix("whsec_"))
    return (
        "v1," + b64encode(hmac.digest(key, whole, sha256)).decode(),
        b64encode(hmac.digest(secret.encode(), push.body, sha256)).decode(),
    )


def test_a_push_is_signed_in_both_ways_with_the_secret_of_the_service(world, asked):
    enabled, _ = asked()
    push = world.push()
    assert len(b64decode(enabled["secret"].removeprefix("whsec_"))) == 32
    standard, cronofys = signed(enabled["secret"], push)
    assert (push.headers["webhook-signature"], push.headers["cronofy-hmac-sha256"]) == (standard, cronofys)
    assert push.headers["webhook-timestamp"] == str(SUNDAY_NOON)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", push.headers["webhook-id"])


def test_after_a_rotation_both_secrets_sign_for_a_day_and_a_second_rotation_ends_the_first(world):
    made = world.enable()
    path = f"{SERVICES}/{made['conversation_service_id']}/rotate_secret"

    def pushed():
        world.open(available_periods=[{"start": text("09:00", 7), "end": text("17:00", 7)}])
        world.work()
        return world.push(), world.push().headers["webhook-signature"].split()

    second = world.karl.client.post(path).json()["conversation_service"]["secret"]
    push, signatures = pushed()
    assert signatures == [signed(one, push)[0] for one in (second, made["secret"])]
    third = world.karl.client.post(path).json()["conversation_service"]["secret"]
    push, signatures = pushed()
    assert signatures == [signed(one, push)[0] for one in (third, second)]
    world.pass_time(86400)
    push, signatures = pushed()
    assert signatures == [signed(third, push)[0]]


def test_nothing_of_others_is_in_a_push(world):
    """The whole of what goes out is searched, headers and path as well."""
    ada = world.service.person(world.application, "ada@example.org")
    world.application = world.service.application(max_participants=3)
    for one in (world.grace, world.karl, ada):
        world.service.grant(one.sub, world.application)
    world.enable()
    opened = world.open(
        person("@grace", sub=world.grace.sub, email="grace@example.org"),
        person("@karl", sub=world.karl.sub, email="karl@example.org"),
        person("@ada", email="ada@example.org"),
    )
    world.application.client.select(opened, 0, selection("14:00"))
    world.work()
    (push,) = world.receiver.received
    whole = push.body + push.path.encode() + json.dumps(push.headers).encode()
    pages = [one["page_url"].rpartition("/")[2] for one in opened["participants"]]
    secrets = [*pages, world.grace.sub, ada.sub, "grace@example.org", "ada@example.org", '@example.org"}']
    secrets += [world.application.secret, world.application.id, "participants/0", "participants/2", "/c/", "page_url"]
    secrets += ["2031-05-05T14:00:00Z"]  # what somebody else has selected
    assert [one for one in secrets if one.encode() in whole] == []
    assert whole.count(b"karl@example.org") == 2


def test_the_token_of_a_push_is_not_that_of_the_page(world, asked):
    enabled, opened = asked()
    token = world.push().told["participant_token"]
    assert token != opened["participants"][1]["page_url"].rpartition("/")[2]
    assert enabled["conversation_service_id"] in token


FINAL = [400, 401, 403, 404, 410, 413, 422]


@pytest.mark.parametrize("status", FINAL)
def test_what_is_refused_for_good_goes_to_the_next_channel_at_once(world, status):
    world.receiver.status = status
    enabled = world.enable()
    opened = world.open()
    world.work()
    assert len(world.receiver.received) == 1
    assert world.happened(opened)[1:] == [("service_failed", "service", 1, f"status {status}")]
    assert (world.letters(), world.waiting()) == ([("ask", 1)], [])
    listed = world.karl.client.get(f"{SERVICES}/{enabled['conversation_service_id']}").json()["conversation_service"]
    assert listed["enabled"] == (status != 410)
    assert listed.get("disabled_at") == (None if status != 410 else "2031-05-04T12:00:00Z")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 302, 304])
def test_what_may_be_taken_later_is_tried_within_15_and_45_seconds_and_then_goes_to_the_next_channel(world, status):
    world.receiver.status = status
    world.receiver.headers = {"Location": f"{world.receiver.url}/elsewhere", "Retry-After": "3600"}
    world.enable()
    opened = world.open()
    world.work()
    tried = [len(world.receiver.received)]
    for seconds in (9, 6, 39, 6):
        world.pass_time(seconds)
        tried.append(len(world.receiver.received))
    assert tried == [1, 1, 2, 2, 3]
    assert len({one.headers["webhook-id"] for one in world.receiver.received}) == 1
    assert {(one.method, one.path) for one in world.receiver.received} == {("POST", "/hook")}
    assert len({one.body for one in world.receiver.received}) == 1
    assert world.happened(opened)[1:] == [("service_failed", "service", 1, f"status {status}")]
    assert (world.letters(), world.waiting()) == ([("ask", 1)], [])


def test_a_push_that_is_taken_at_the_second_try_is_taken(world):
    world.receiver.status = 500
    world.enable()
    opened = world.open()
    world.work()
    world.receiver.status = 204
    world.pass_time(15)
    assert world.told(opened) == ["created", "asked"]
    assert (world.letters(), world.waiting()) == ([], ["asked"])


@pytest.mark.parametrize(
    ("url", "reason", "tries"),
    [
        pytest.param("https://parley.invalid/hook", "unknown name", 3, id="a name that nobody has"),
        pytest.param("http://localtest.invalid./hook", "unknown name", 3, id="another"),
    ],
)
def test_an_address_that_cannot_be_called_is_tried_and_left(world, url, reason, tries):
    world.enable(callback_url=url)
    opened = world.open()
    world.work()
    for seconds in (15, 45):
        assert world.told(opened) == ["created"]
        world.pass_time(seconds)
    assert world.happened(opened)[-1] == ("service_failed", "service", 1, reason)
    assert world.letters() == [("ask", 1)]


def test_a_service_that_says_nothing_until_the_deadline_is_not_waited_for_any_longer(world, asked):
    _, opened = asked()
    world.pass_time(TIMEOUT - 1)
    before = world.told(opened), world.letters()
    world.pass_time(1)
    assert before == (["created", "asked"], [])
    assert world.happened(opened)[-1] == ("service_timed_out", "service", 1, "")
    assert (world.letters(), world.waiting()) == ([("ask", 1)], [])


def test_a_service_that_acts_in_time_is_left_alone_at_the_deadline(world, asked):
    _, opened = asked()
    assert world.assistant().select(opened, 1, selection("10:00")).json()["status"] == "complete"
    world.pass_time(TIMEOUT + 1)
    assert world.told(opened) == ["created", "asked", "selected", "agreed", "event_written", "event_written"]
    assert [one for one in world.letters() if one[0] == "ask"] == []
    assert "asked" not in world.waiting()


def test_the_selection_of_a_service_stands_in_the_history_as_one(world, asked):
    _, opened = asked()
    world.assistant().select(opened, 1, selection("10:00"))
    assert ("selected", "service", 1, "") in world.happened(opened)


def test_a_service_that_is_late_may_still_act(world, asked):
    _, opened = asked()
    world.pass_time(TIMEOUT + 5)
    assert world.assistant().select(opened, 1, selection("10:00")).json()["status"] == "complete"


def test_whoever_acts_before_the_push_goes_out_is_not_asked(world):
    world.enable()
    opened = world.open()
    world.application.client.select(opened, 1, selection("10:00"))
    world.work()
    assert world.receiver.received == []
    assert [one for one in world.told(opened) if one in ("asked", "service_failed")] == []


def test_a_participant_whose_choice_is_cleared_is_asked_anew_under_another_id(world):
    world.enable()
    opened = world.open(person("@ada", email="ada@example.org"), person("@karl", sub=world.karl.sub))
    world.work()
    world.assistant().select(opened, 1, selection("10:00"))
    world.application.client.select(opened, 0, selection("14:00"))
    world.work()
    first, second = world.receiver.received
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    assert world.told(opened) == ["created", "asked", "selected", "selected", "cleared", "asked"]
    world.pass_time(TIMEOUT)  # of both askings, only the second still matters
    assert world.told(opened)[6:] == ["service_timed_out"]


def test_a_push_that_is_carried_out_twice_leaves_one_asking(world):
    """A worker is so slow that another one claims its message as well."""
    world.enable()
    opened = world.open()
    claimed = [one for one in claim(world) if one.kind == "ask"]
    world.service.clock.instant += OUTBOX_LEASE
    for message in claimed + [one for one in claim(world) if one.kind == "ask"]:
        worker.carry_out(world.dc, message)
    assert len(world.receiver.received) == 2
    assert len({one.headers["webhook-id"] for one in world.receiver.received}) == 1
    assert world.told(opened) == ["created", "asked"]


def claim(world):
    lanes = world.dc.db.read(outbox.lanes, world.dc.now(), 15)
    return [
        one
        for lane in lanes
        for one in world.dc.db.write(lambda tx, lane=lane: outbox.claim(tx, lane, world.dc.now(), 15, 20))
    ]


def test_failure_and_deadline_at_once_write_one_letter(world):
    world.receiver.status = 400
    world.enable()
    opened = world.open()
    world.service.clock.instant += TIMEOUT
    messages = [one for one in claim(world) if one.kind in ("ask", "asked")]
    assert len(messages) == 2
    for message in messages:
        worker.carry_out(world.dc, message)
    assert len([one for one in world.told(opened) if one.startswith("service_")]) == 1
    assert (world.letters(), world.waiting()) == ([("ask", 1)], [])


def test_a_service_that_ends_before_it_is_asked_is_passed_over(world):
    made = world.enable()
    opened = world.open()
    assert world.karl.client.delete(f"{SERVICES}/{made['conversation_service_id']}").status_code == 202
    world.work()
    assert world.receiver.received == []
    assert world.happened(opened)[-1] == ("service_failed", "service", 1, "disabled")
    assert world.letters() == [("ask", 1)]


def test_a_service_that_is_gone_is_not_asked_again(world):
    world.receiver.status = 410
    world.enable()
    for _ in range(2):
        world.open()
        world.work()
    assert len(world.receiver.received) == 1
    assert world.letters() == [("ask", 1), ("ask", 1)]


def test_a_service_sees_the_time_of_one_conversation_only_while_it_lasts(world, asked):
    """Complete is final: the token still reads the conversation, and selects nothing."""
    _, opened = asked()
    assistant = world.assistant()
    assistant.select(opened, 1, selection("10:00"))
    assert assistant.slots(opened, 1).json() == {"slots": []}
    assert assistant.select(opened, 1, selection("11:00")).status_code == 422
    assert assistant.again(opened)["chosen_slot"]["start"] == "2031-05-05T10:00:00Z"


def test_both_participants_may_have_services(world):
    world.enable(world.grace.client)
    world.enable()
    opened = world.open(person("@grace", sub=world.grace.sub), person("@karl", sub=world.karl.sub))
    world.work()
    by_position = {one.told["slots_list"].split("/")[-2]: one for one in world.receiver.received}
    assert sorted(by_position) == ["0", "1"]
    first = world.assistant(by_position["0"]).select(opened, 0, selection("10:00"))
    second = world.assistant(by_position["1"]).select(opened, 1, selection("10:00"))
    assert (first.status_code, second.json()["status"]) == (200, "complete")


def test_the_slots_that_a_push_leads_to_can_be_selected(world, asked):
    asked()
    push = world.push().told
    assistant = world.assistant()
    slots = assistant.get(push["slots_list"]).json()["slots"]
    answer = assistant.post(push["slots_select"], json={"selected_slots": [{"slot_id": slots[0]["slot_id"]}]})
    assert answer.json()["status"] == "complete"
    assert period("09:00", "17:00").start == int(slots[0]["slot_id"].removeprefix("slt_"))


def test_deadlines_of_an_application_wait_in_one_lane_however_many_services_there_are(world):
    """The worker looks at each lane whenever it is free."""
    for who in (world.karl, world.grace):
        body = {"callback_url": world.receiver.url}
        assert who.client.post(SERVICES, json=body).status_code == 200
        world.open(person("@ada", sub=world.grace.sub), person("@karl", sub=world.karl.sub))
    waiting = world.dc.db.read(outbox.listed, 1000)
    assert {one.lane for one in waiting if one.kind == "asked"} == {f"asked:{world.application.id}"}
    assert len({one.lane.rpartition(":")[0] for one in waiting if one.kind == "ask"}) == 2


UNDELIVERED = ("service_failed", "service", 1, "not delivered in time")


@pytest.mark.parametrize("first", ["ask", "asked"])
def test_a_push_that_was_not_taken_until_the_deadline_is_not_sent_after_it(world, first):
    """The service was busy with others all the time, or we were not running."""
    world.enable()
    opened = world.open()
    world.service.clock.instant += TIMEOUT
    messages = sorted((one for one in claim(world) if one.kind in ("ask", "asked")), key=lambda one: one.kind != first)
    for message in messages:
        worker.carry_out(world.dc, message)
    assert [one.kind for one in messages[:1]] == [first]
    assert world.receiver.received == []
    assert world.happened(opened)[1:] == [UNDELIVERED]
    assert (world.letters(), world.waiting()) == ([("ask", 1)], [])


def test_a_claimed_push_is_not_sent_once_the_next_channel_has_taken_over(world):
    """The clock of whoever handed over was ahead of ours."""
    world.enable()
    opened = world.open()
    (push,) = [one for one in claim(world) if one.kind == "ask"]
    world.service.clock.instant += TIMEOUT
    (deadline,) = [one for one in claim(world) if one.kind == "asked"]
    worker.carry_out(world.dc, deadline)
    world.service.clock.instant -= TIMEOUT
    worker.carry_out(world.dc, push)
    assert world.receiver.received == []
    assert world.happened(opened)[1:] == [UNDELIVERED]


def test_a_push_that_somebody_else_has_claimed_since_is_left_to_them(world):
    world.enable()
    opened = world.open()
    (push,) = [one for one in claim(world) if one.kind == "ask"]
    worker.carry_out(world.dc, push, lambda: False)
    assert world.receiver.received == []
    assert world.told(opened) == ["created"]
    assert world.waiting() == ["ask", "asked"]


def test_a_push_is_not_tried_again_where_the_deadline_comes_first(world):
    world.receiver.status = 503
    world.enable()
    opened = world.open()
    world.service.clock.instant += TIMEOUT - 10
    world.work()
    assert len(world.receiver.received) == 1
    assert world.happened(opened)[1:] == [("service_failed", "service", 1, "status 503")]
    assert (world.letters(), world.waiting()) == ([("ask", 1)], [])


def test_pushes_to_a_service_wait_for_few_others_of_it(world):
    """One that is slow is told of many conversations at once, and keeps no more than so many threads busy."""
    world.enable()
    for day in range(24):
        world.open(available_periods=[{"start": text("09:00", day), "end": text("17:00", day)}])
    lanes = {one.lane for one in world.dc.db.read(outbox.listed, 1000) if one.kind == "ask"}
    assert 4 < len(lanes) <= SHARDS
    assert all(one.startswith(f"push:{world.application.id}:") for one in lanes)
