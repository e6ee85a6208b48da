"""What channels are told: of events and of conversations, by whomever, as far as they asked for it."""

from __future__ import annotations

import pytest

from parley.actions import replies, sending
from parley.core.event import Attendee, conversation_uid
from parley.core.reply import Answer
from parley.worker import work_off
from tests.make import person, proposal, selection, text

EVENTS = {"tzid": "Etc/UTC", "include_managed": "true", "include_deleted": "true"}


def changes(receiver):
    return [one.told["notification"]["changes_since"] for one in receiver.received if one.type == "change"]


@pytest.fixture
def verified(service, channel):
    """Open a channel whose verification has been sent."""

    def opened(*given, **wishes):
        made = channel(*given, **wishes)
        service.work()
        return made

    return opened


def test_the_first_word_is_the_verification(service, receiver, channel):
    made = channel()
    service.work()
    assert [one.told for one in receiver.received] == [
        {
            "notification": {"type": "verification"},
            "channel": {"channel_id": made, "callback_url": receiver.url, "filters": {}},
        }
    ]
    assert receiver.received[0].method == "POST"
    assert receiver.received[0].headers["content-type"] == "application/json; charset=utf-8"


def test_what_is_read_since_the_told_time_has_the_change(service, grace, receiver, verified, write):
    write("before")
    service.clock.instant += 60
    verified(filters={"calendar_ids": [grace.calendar]})
    write("lunch")
    service.work()
    (since,) = changes(receiver)
    assert receiver.received[-1].told["channel"]["filters"] == {"calendar_ids": [grace.calendar]}
    read = grace.client.get("/v1/events", params={**EVENTS, "last_modified": since}).json()["events"]
    assert [one["event_id"] for one in read] == ["lunch"]


def test_every_way_to_change_an_event_is_told(service, grace, receiver, verified, write):
    path = f"/v1/calendars/{grace.calendar}/events"
    verified()
    told = []

    def after(answer=None):
        assert answer is None or answer.status_code == 202
        service.work()
        service.clock.instant += 60
        told.append(len(changes(receiver)))

    after(write("lunch"))
    after(write("lunch", start="2031-05-05T11:30:00Z"))
    uid = grace.client.get("/v1/events", params=EVENTS).json()["events"][0]["event_uid"]
    status = {"status": "declined"}
    after(grace.client.post(f"{path}/{uid}/participation_status", json=status))
    after(grace.client.post(f"{path}/{uid}/participation_status", json=status))  # as it was
    after(grace.client.request("DELETE", path, json={"event_id": "lunch"}))
    after(grace.client.request("DELETE", path, json={"event_id": "lunch"}))  # gone already
    write("tea")
    write("dinner")
    after()
    after(grace.client.request("DELETE", "/v1/events", json={"delete_all": True}))
    after(grace.client.request("DELETE", "/v1/events", json={"delete_all": True}))
    assert told == [1, 2, 3, 3, 4, 4, 5, 6, 6]


def test_an_agreement_is_told_once_its_event_stands(service, application, grace, receiver, verified):
    verified()
    service.clock.instant += 60
    opened = application.client.open(proposal(person("@grace", sub=grace.sub, slots={"selection_method": "auto"})))
    service.work()
    (since,) = changes(receiver)
    read = grace.client.get("/v1/events", params={**EVENTS, "last_modified": since}).json()["events"]
    assert [one["event_id"] for one in read] == [opened["scheduling_conversation_id"]]


def test_an_agreement_that_is_written_early_is_told_too(service, application, grace, receiver, verified):
    verified()
    opened = application.client.open(proposal(person("@grace", sub=grace.sub, slots={"selection_method": "auto"})))
    event = {"event_id": opened["scheduling_conversation_id"]}
    answer = grace.client.request("DELETE", f"/v1/calendars/{grace.calendar}/events", json=event)
    service.work()
    assert (answer.status_code, len(changes(receiver))) == (202, 1)


def test_what_another_application_writes_is_told(service, grace, receiver, elsewhere, verified, channel, write):
    verified()
    verified(elsewhere, filters={"only_managed": True})
    other = service.grant(grace.sub, service.application())
    write("theirs", client=other.client)
    service.work()
    assert (len(changes(receiver)), len(changes(elsewhere))) == (1, 0)
    service.clock.instant += 60
    write("ours")
    service.work()
    assert (len(changes(receiver)), len(changes(elsewhere))) == (2, 1)


def test_a_channel_for_some_calendars_is_told_of_those(service, grace, receiver, verified, write):
    profile = grace.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    made = grace.client.post("/v1/calendars", json={"profile_id": profile, "name": "Private"}).json()
    private = made["calendar"]["calendar_id"]
    verified(filters={"calendar_ids": [private]})
    write("public")
    service.work()
    assert changes(receiver) == []
    write("private", calendar=private)
    service.work()
    assert len(changes(receiver)) == 1


def test_changes_before_the_word_has_gone_out_are_told_by_it(service, receiver, verified, write):
    verified()
    for number in range(5):
        write(f"event-{number}")
        service.clock.instant += 1
    service.work()
    assert changes(receiver) == ["2031-05-04T12:00:00Z"]
    write("later")
    service.work()
    assert changes(receiver) == ["2031-05-04T12:00:00Z", "2031-05-04T12:00:05Z"]
    ids = {one.headers["webhook-id"] for one in receiver.received}
    assert len(ids) == 3


def test_changes_of_one_second_are_told_anew_once_the_word_has_gone_out(service, receiver, verified, write):
    verified()
    for number in range(3):
        write(f"event-{number}")
        service.work()
    assert changes(receiver) == ["2031-05-04T12:00:00Z"] * 3
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 4


def test_while_one_fails_later_changes_are_told_by_another(service, receiver, verified, write):
    verified()
    receiver.status = 500
    write("lunch")
    service.work()
    receiver.status = 200
    service.clock.instant += 1
    write("tea")
    service.work()
    assert changes(receiver) == ["2031-05-04T12:00:00Z", "2031-05-04T12:00:01Z"]


def conversations(receiver):
    return [one.told["notification"] for one in receiver.received if one.type.startswith("scheduling")]


def test_a_conversation_is_told_when_it_is_opened_and_whenever_it_changes(
    service, application, grace, receiver, verified
):
    verified(scheduling_conversations={"enabled": True})
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    identifier = opened["scheduling_conversation_id"]
    service.work()
    application.client.select(opened, 1, selection("10:00"))
    service.work()
    application.client.select(opened, 1, selection("10:00"))  # as before
    service.work()
    grace.client.select(opened, 0, selection("10:00"))
    service.work()
    joined, updated = (f"scheduling_conversation_{one}" for one in ("joined", "updated"))
    assert conversations(receiver) == [
        {"type": one, "scheduling_conversation_id": identifier} for one in (joined, updated, updated)
    ]
    assert receiver.received[-1].told["channel"]["scheduling_conversations"] == {"enabled": True}


def test_who_did_not_ask_is_not_told_of_conversations(service, application, grace, receiver, verified):
    verified()
    verified(scheduling_conversations={"enabled": False})
    application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    service.work()
    assert receiver.types == ["verification"]


def test_everybody_with_an_account_is_told_and_nobody_else(service, application, grace, receiver, elsewhere, channel):
    karl = service.person(application, "karl@example.org")
    ada = service.person(application, "ada@example.org")
    enabled = {"scheduling_conversations": {"enabled": True}}
    channel(**enabled)
    mine = channel(elsewhere, client=karl.client, **enabled)
    channel(elsewhere, client=ada.client, **enabled)
    other = service.grant(grace.sub, service.application())
    channel(elsewhere, client=other.client, **enabled)
    opened = ada.client.open(proposal(person("@grace", sub=grace.sub), person("karl", email="karl@example.org")))
    karl.client.select(opened, 1, selection("10:00"))
    service.work()
    told = [one.told["channel"]["channel_id"] for one in elsewhere.received if one.type != "verification"]
    assert told == [mine] * 2
    assert sorted(receiver.types) == [
        *("scheduling_conversation_joined", "scheduling_conversation_updated", "verification"),
    ]


def test_an_agreement_at_creation_is_told_as_joined_alone(service, application, grace, receiver, verified):
    verified(scheduling_conversations={"enabled": True})
    application.client.open(proposal(person("@grace", sub=grace.sub, slots={"selection_method": "auto"})))
    service.work()
    assert [one["type"] for one in conversations(receiver)] == ["scheduling_conversation_joined"]


def test_what_the_engine_changes_is_told(service, application, grace, receiver, verified, write):
    """Grace has chosen ten o'clock; then something comes into her calendar, and her choice is cleared."""
    verified(scheduling_conversations={"enabled": True})
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    service.work()
    grace.client.select(opened, 0, selection("10:00"))
    service.work()
    write("dentist", start=text("09:30"))
    service.work()
    assert [one["type"].rpartition("_")[2] for one in conversations(receiver)] == ["joined", "updated", "updated"]
    assert application.client.again(opened)["participants"][0]["slots"].get("selected") in (None, [])


def test_nothing_of_others_stands_in_what_is_told(service, application, grace, receiver, verified):
    verified(scheduling_conversations={"enabled": True})
    opened = application.client.open(
        proposal(person("@grace", sub=grace.sub), person("karl", email="karl@example.org"), subject="Secret")
    )
    application.client.select(opened, 1, selection("10:00"))
    service.work()
    bodies = b"".join(one.body for one in receiver.received)
    assert not any(word in bodies for word in (b"karl", b"Secret", b"/c/", grace.sub.encode()))


def test_pushes_of_one_account_are_not_lost_between_two_workers(service, receiver, verified, write):
    verified()
    write("lunch")
    work_off(service.dc)
    work_off(service.dc)
    assert len(changes(receiver)) == 1


def test_an_answer_to_the_invitation_and_a_refused_address_are_told(service, application, grace, receiver, verified):
    verified(scheduling_conversations={"enabled": True})
    people = person("@grace", sub=grace.sub), person("karl", email="karl@example.org")
    opened = application.client.open(proposal(*people))
    identifier = opened["scheduling_conversation_id"]
    service.dc.db.write(lambda tx: sending.bounced(tx, service.dc, identifier, 1, "550 no such user"))
    service.work()
    assert len(conversations(receiver)) == 2
    for position in (1, 0):
        application.client.select(opened, position, selection("10:00"))
    service.work()
    before = len(conversations(receiver))
    declined = Answer(conversation_uid(identifier), (Attendee("karl@example.org", status="declined"),))
    replies.record_reply(service.dc, identifier, 1, declined)
    service.work()
    assert len(conversations(receiver)) == before + 1


def test_what_changes_while_the_word_is_on_its_way_is_told_anew(service, receiver, verified, write):
    """The receiver has not answered yet when the next change is made: it may have read before that."""
    verified()

    def answer(handler):
        receiver.answering = None
        write("tea")
        handler.send_response(200)
        handler.end_headers()

    write("lunch")
    receiver.answering = answer
    service.work()
    assert len(changes(receiver)) == 2
