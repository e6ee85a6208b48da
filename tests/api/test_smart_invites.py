"""Smart Invites over HTTP."""

import icalendar
import pytest

from parley.actions.replies import record_reply
from parley.core import limits
from parley.core.event import Attendee, conversation_uid
from parley.core.proposed import Proposed
from parley.core.reply import Answer
from parley.core.smart_invite import KEPT
from tests.api.conftest import error_keys
from tests.make import at, person, proposal, selection, text

PATH = "/v1/smart_invites"
KARL, BO = {"email": "Karl@example.org"}, {"email": "bo@example.org"}
EVENT = {"summary": "Interview", "start": text("09:00"), "end": text("10:00"), "tzid": "Europe/Berlin"}
INVITE = {"smart_invite_id": "interview-17", "recipient": KARL, "event": EVENT}
CALLBACK = "https://app.example/hook"


@pytest.fixture
def client(application):
    return application.client


def sent(client, **changed):
    answer = client.post(PATH, json={**INVITE, **changed})
    assert answer.status_code == 200, answer.text
    return answer.json()


def status(client, email="karl@example.org", smart_invite_id="interview-17", **more):
    return client.get(PATH, params={"smart_invite_id": smart_invite_id, "recipient_email": email, **more})


def event_of(told):
    whole = icalendar.Calendar.from_ical(told["attachments"]["icalendar"])
    (event,) = whole.walk("VEVENT")
    return str(whole["METHOD"]), event


def attendees(event):
    found = event["ATTENDEE"]
    return [str(one) for one in (found if isinstance(found, list) else [found])]


def test_an_invitation_is_answered_with_the_file_to_deliver(client):
    told = sent(client, callback_url=CALLBACK, organizer={"name": "Grace", "email": "grace@example.org"})
    method, event = event_of(told)
    del told["attachments"]
    assert told == {
        "method": "request",
        "smart_invite_id": "interview-17",
        "callback_url": CALLBACK,
        "recipient": {"email": "Karl@example.org", "status": "pending"},
        "organizer": {"name": "Grace", "email": "grace@example.org"},
        "event": {**EVENT, "transparency": "opaque"},
    }
    assert (method, event["SUMMARY"], event["SEQUENCE"], event["DTSTART"].params["TZID"]) == (
        *("REQUEST", "Interview", 0, "Europe/Berlin"),
    )
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == ("mailto:grace@example.org", "Grace")
    assert (attendees(event), event["ATTENDEE"].params["RSVP"]) == (["mailto:Karl@example.org"], "TRUE")


def test_all_that_is_said_of_the_event_is_told_again_and_stands_in_the_file(client):
    event = {
        **EVENT,
        "description": "Bring tea",
        "location": {"description": "Room 4", "lat": "51.5", "long": "-0.1"},
        "url": "https://example.org/talk",
        "reminders": [{"minutes": 30}, {"minutes": 5}],
        "transparency": "transparent",
        "color": "#49BED8",
        "event_private": True,
    }
    told = sent(client, event=event)
    _, written = event_of(told)
    assert told["event"] == event
    assert (written["DESCRIPTION"], written["LOCATION"], written["URL"]) == ("Bring tea", "Room 4", event["url"])
    assert (written["TRANSP"], written["CLASS"], len(written.walk("VALARM"))) == ("TRANSPARENT", "PRIVATE", 2)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param(
            {"start": {"time": "2031-05-05 11:00:00+02:00", "tzid": "Europe/Berlin"}, "tzid": None},
            {"start": text("09:00"), "end": text("10:00"), "tzid": "Europe/Berlin"},
            id="with a zone, and a space as .NET writes it",
        ),
        pytest.param(
            {"start": "2031-05-05", "end": "2031-05-07", "tzid": None},
            {"start": "2031-05-05", "end": "2031-05-07", "tzid": None},
            id="days",
        ),
        pytest.param({"tzid": None}, {"start": text("09:00"), "end": text("10:00"), "tzid": None}, id="no zone: UTC"),
    ],
)
def test_times_are_read_as_those_of_events(client, times, expected):
    told = sent(client, event={**EVENT, **times})["event"]
    assert {"start": told["start"], "end": told["end"], "tzid": told.get("tzid")} == expected


def test_without_an_organizers_address_nobody_is_answered(client):
    _, event = event_of(sent(client, organizer={"name": "Grace"}))
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == ("mailto:no-reply@parley.invalid", "Grace")


def test_the_same_again_changes_nothing_and_a_change_grows_the_sequence(client):
    first, again = event_of(sent(client))[1], event_of(sent(client))[1]
    moved = event_of(sent(client, event={**EVENT, "summary": "Moved", "end": text("11:00")}))[1]
    assert [one["SEQUENCE"] for one in (first, again, moved)] == [0, 0, 1]
    assert first["UID"] == again["UID"] == moved["UID"]
    assert status(client).json()["event"]["summary"] == "Moved"


def test_each_recipient_has_the_event_that_they_were_invited_to(client):
    first = sent(client)
    other = sent(client, recipient=BO, event={**EVENT, "description": "For Bo only"})
    assert event_of(first)[1]["UID"] == event_of(other)[1]["UID"]
    assert attendees(event_of(other)[1]) == ["mailto:bo@example.org"]
    assert "description" not in status(client).json()["event"]
    assert status(client, "bo@example.org").json()["event"]["description"] == "For Bo only"


def test_what_is_not_named_stays_but_the_event_is_replaced(client):
    sent(client, callback_url=CALLBACK, organizer={"name": "Grace"}, event={**EVENT, "description": "Tea"})
    told = sent(client)
    assert (told["callback_url"], told["organizer"]) == (CALLBACK, {"name": "Grace"})
    assert "description" not in told["event"]
    told = sent(client, callback_url=None, organizer=None)
    assert told.keys() & {"callback_url", "organizer"} == set()


def test_several_recipients_get_one_file(client):
    told = sent(client, recipient=None, recipients=[KARL, BO])
    assert [one["email"] for one in told["recipients"]] == ["Karl@example.org", "bo@example.org"]
    assert "recipient" not in told
    assert attendees(event_of(told)[1]) == ["mailto:Karl@example.org", "mailto:bo@example.org"]
    shown = status(client, "bo@example.org", include_ics="True").json()
    assert shown["recipient"] == {"email": "bo@example.org", "status": "pending"}
    assert shown["attachments"]["icalendar"] == told["attachments"]["icalendar"]


def test_cancelling_is_answered_with_the_file_that_says_so(client):
    sent(client)
    told = client.post(PATH, json={"method": "cancel", "smart_invite_id": "interview-17", "recipient": KARL}).json()
    method, event = event_of(told)
    assert (told["method"], told["event"]["summary"]) == ("cancel", "Interview")
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert attendees(event) == ["mailto:Karl@example.org"]
    assert status(client).json()["method"] == "cancel"
    back = sent(client)
    assert (event_of(back)[0], event_of(back)[1]["SEQUENCE"]) == ("REQUEST", 2)


def test_one_of_several_is_removed(client):
    both = sent(client, recipient=None, recipients=[KARL, BO])
    told = client.post(PATH, json={"method": "remove", "smart_invite_id": "interview-17", "recipient": KARL}).json()
    method, event = event_of(told)
    removed = {"email": "Karl@example.org", "icalendar": told["attachments"]["icalendar"]}
    assert (told["method"], told["attachments"]["removed"]) == ("remove", removed)
    assert (method, attendees(event)) == ("CANCEL", ["mailto:Karl@example.org"])
    assert event["ORGANIZER"] == event_of(both)[1]["ORGANIZER"]
    left = status(client, "bo@example.org", include_ics="1").json()
    assert (left["method"], attendees(event_of(left)[1])) == ("request", ["mailto:bo@example.org"])


@pytest.mark.parametrize("method", ["cancel", "remove"])
@pytest.mark.parametrize("named", [{"smart_invite_id": "other"}, {"recipient": BO}])
def test_what_was_never_sent_cannot_be_called_off(client, method, named):
    sent(client)
    body = {"method": method, "smart_invite_id": "interview-17", "recipient": KARL, **named}
    answer = client.post(PATH, json=body)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"smart_invite_id": None}, {"smart_invite_id": ["errors.required"]}, id="no id"),
        pytest.param({"smart_invite_id": "x" * 257}, {"smart_invite_id": ["errors.too_long"]}, id="a long id"),
        pytest.param(
            {"smart_invite_id": "scv_5d1f0b62c38e4a97b0c4d6e8"},
            {"smart_invite_id": ["errors.not_supported"]},
            id="the id of a conversation",
        ),
        pytest.param({"recipient": None}, {"recipient": ["errors.required"]}, id="nobody"),
        pytest.param({"recipient": "karl"}, {"recipient": ["errors.invalid_format"]}, id="no object"),
        pytest.param({"recipient": {}}, {"recipient.email": ["errors.required"]}, id="no address"),
        pytest.param({"recipient": {"email": "karl"}}, {"recipient.email": ["errors.invalid_format"]}, id="a name"),
        pytest.param({"recipients": [BO]}, {"recipients": ["errors.not_supported"]}, id="one and several"),
        pytest.param({"recipient": None, "recipients": []}, {"recipients": ["errors.required"]}, id="an empty list"),
        pytest.param(
            {"recipient": None, "recipients": [BO, {"email": "BO@example.org"}, {}]},
            {"recipients[1].email": ["errors.not_unique"], "recipients[2].email": ["errors.required"]},
            id="one twice, one without an address",
        ),
        pytest.param(
            {"recipient": None, "recipients": [BO] * (limits.ATTENDEES + 1)},
            {"recipients": ["errors.too_many"]},
            id="too many",
        ),
        pytest.param({"event": None}, {"event": ["errors.required"]}, id="no event"),
        pytest.param({"event": []}, {"event": ["errors.invalid_format"]}, id="a list as event"),
        pytest.param(
            {"event": {}},
            {f"event.{name}": ["errors.required"] for name in ("summary", "start", "end")},
            id="an empty event",
        ),
        pytest.param(
            {"event": {**EVENT, "end": text("09:00")}}, {"event.end": ["errors.invalid_time_pair"]}, id="no time"
        ),
        pytest.param(
            {"event": {**EVENT, "tzid": "Mars", "reminders": [{"minutes": -1}], "url": "x"}},
            {
                "event.tzid": ["errors.tzid_unrecognized"],
                "event.reminders[0].minutes": ["errors.out_of_range"],
                "event.url": ["errors.invalid_format"],
            },
            id="several faults of the event",
        ),
        pytest.param({"method": "publish"}, {"method": ["errors.not_recognized"]}, id="another method"),
        pytest.param(
            {"callback_url": "http://127.0.0.1/hook"},
            {"callback_url": ["errors.invalid_callback_url"]},
            id="a callback inside",
        ),
        pytest.param({"callback_url": "hook"}, {"callback_url": ["errors.invalid_callback_url"]}, id="no address"),
        pytest.param({"organizer": "Grace"}, {"organizer": ["errors.invalid_format"]}, id="a name as organizer"),
        pytest.param(
            {"organizer": {"email": "grace", "name": "x" * 257}},
            {"organizer.email": ["errors.invalid_format"], "organizer.name": ["errors.too_long"]},
            id="a bad organizer",
        ),
    ],
)
def test_everything_that_is_wrong_is_told_at_once(client, changed, expected):
    answer = client.post(PATH, json={**INVITE, **changed})
    assert answer.status_code == 422, answer.text
    assert error_keys(answer) == expected
    assert status(client).status_code == 404


def test_an_id_has_so_many_recipients_and_no_more(client):
    many = [{"email": f"p{number}@example.org"} for number in range(limits.ATTENDEES)]
    sent(client, recipient=None, recipients=many)
    answer = client.post(PATH, json=INVITE)
    assert error_keys(answer) == {"recipients": ["errors.too_many"]}
    assert status(client).status_code == 404
    sent(client, recipient=many[7])


def test_whoever_is_removed_makes_room_for_somebody_else(client):
    many = [{"email": f"p{number}@example.org"} for number in range(limits.ATTENDEES)]
    sent(client, recipient=None, recipients=many)
    sent(client, method="cancel", recipient=many[1], event=None)
    assert error_keys(client.post(PATH, json=INVITE)) == {"recipients": ["errors.too_many"]}
    sent(client, method="remove", recipient=many[2], event=None)
    sent(client)
    assert status(client).json()["method"] == "request"
    assert status(client, many[2]["email"]).json()["method"] == "remove"
    assert error_keys(client.post(PATH, json={**INVITE, "recipient": many[2]})) == {"recipients": ["errors.too_many"]}


def test_an_id_remembers_so_many_recipients_and_no_more(client):
    for first in range(0, KEPT, limits.ATTENDEES):
        many = [{"email": f"p{number}@example.org"} for number in range(first, first + limits.ATTENDEES)]
        sent(client, recipient=None, recipients=many)
        sent(client, recipient=None, recipients=many, method="remove", event=None)
    assert error_keys(client.post(PATH, json=INVITE)) == {"recipients": ["errors.too_many"]}
    sent(client, recipient=many[7])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, {"smart_invite_id": ["errors.required"], "recipient_email": ["errors.required"]}, id="none"),
        pytest.param(
            {"smart_invite_id": "x", "recipient_email": "k@example.org", "include_ics": "maybe"},
            {"include_ics": ["errors.must_be_boolean"]},
            id="neither yes nor no",
        ),
    ],
)
def test_a_question_that_is_none(client, query, expected):
    assert error_keys(client.get(PATH, params=query)) == expected


def test_a_status_has_the_file_only_when_it_is_asked_for(client):
    told = sent(client)
    shown = status(client).json()
    assert shown["replies"] == []
    assert "attachments" not in shown
    assert status(client, include_ics="true").json()["attachments"] == told["attachments"]


@pytest.mark.parametrize("written", ["karl+x@example.org", "karl x@example.org", "KARL+X@EXAMPLE.ORG"])
def test_an_address_is_found_however_the_query_writes_it(client, written):
    sent(client, recipient={"email": "karl+x@example.org"})
    assert status(client, written).json()["recipient"]["email"] == "karl+x@example.org"


def test_what_is_another_applications_is_not_there(service, client):
    sent(client)
    other = service.application().client
    assert (status(other).status_code, status(other).content) == (404, b"")
    sent(other, event={**EVENT, "summary": "Another"})
    assert status(client).json()["event"]["summary"] == "Interview"


def test_an_account_may_not(grace):
    assert grace.client.post(PATH, json=INVITE).status_code == 403
    assert status(grace.client).status_code == 403


def test_a_call_is_safe_to_repeat(client):
    first = client.post(PATH, json=INVITE, headers={"Idempotency-Key": "one"})
    again = client.post(PATH, json=INVITE, headers={"Idempotency-Key": "one"})
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


HOSTILE = [
    pytest.param("x\r\nATTENDEE:mailto:eve@example.org", id="a line of its own"),
    pytest.param('x";PARTSTAT=ACCEPTED:mailto:eve@example.org', id="quotes"),
    pytest.param("\u202eevil\u2066", id="turned around"),
    pytest.param("=HYPERLINK(1)", id="a formula"),
    pytest.param("<script>alert(1)</script>\x1b[31m", id="a script"),
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_stay_words_in_the_file(client, words):
    event = {**EVENT, "summary": words, "description": words, "location": {"description": words}}
    told = sent(client, event=event, organizer={"name": words, "email": "o@example.org"})
    assert told["event"]["summary"] == words
    _, written = event_of(told)
    plain = event_of(sent(client, event={**EVENT, "description": "x", "location": {"description": "x"}}))[1]
    assert sorted(written) == sorted(plain)
    assert (attendees(written), str(written["ORGANIZER"])) == (["mailto:Karl@example.org"], "mailto:o@example.org")
    assert written["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"


@pytest.fixture
def agreed(client):
    people = [person("@grace"), {"email": "Karl+1@example.org", "common_name": "Karl"}]
    opened = client.open(proposal(*people))
    for position in (0, 1):
        assert client.select(opened, position, selection("09:00")).status_code == 200
    return opened["scheduling_conversation_id"]


def test_a_participant_with_an_address_alone_is_invited_by_the_conversation(client, agreed):
    told = status(client, "karl+1@example.org", agreed, include_ics="true").json()
    method, event = event_of(told)
    del told["attachments"]
    assert told == {
        "method": "request",
        "smart_invite_id": agreed,
        "recipient": {"email": "Karl+1@example.org", "status": "pending"},
        "organizer": {"name": "Grace"},
        "event": {
            "summary": "Roadmap",
            "description": "With Grace",
            "start": text("09:00"),
            "end": text("10:00"),
            "tzid": "America/Chicago",
            "transparency": "opaque",
        },
        "replies": [],
    }
    assert (method, event["UID"], attendees(event)) == ("REQUEST", f"{agreed}@parley", ["mailto:Karl+1@example.org"])


def test_what_such_a_participant_answers_is_told_whole(service, client, agreed):
    answer = Answer(
        conversation_uid(agreed),
        (Attendee("karl+1@example.org", None, "tentative"),),
        comment="A day later?",
        proposed=Proposed(at("10:00"), at("11:00"), "Europe/Berlin"),
    )
    assert record_reply(service.dc, agreed, 1, answer) == "recorded"
    told = status(client, "karl+1@example.org", agreed).json()
    assert told["recipient"] == {
        "email": "Karl+1@example.org",
        "status": "tentative",
        "comment": "A day later?",
        "proposal": {
            "start": {"time": "2031-05-05T12:00:00+02:00", "tzid": "Europe/Berlin"},
            "end": {"time": "2031-05-05T13:00:00+02:00", "tzid": "Europe/Berlin"},
        },
    }
    assert told["replies"] == [told["recipient"]]


def test_nobody_else_is_invited_by_a_conversation(service, client, agreed):
    open_one = client.open(proposal(person("@grace"), {"email": "karl@example.org"}))
    assert status(client, "karl@example.org", open_one["scheduling_conversation_id"]).status_code == 404
    assert status(client, "eve@example.org", agreed).status_code == 404
    assert status(service.application().client, "karl+1@example.org", agreed).status_code == 404


def test_whoever_has_an_account_is_not_invited_by_a_conversation(service, application, grace):
    opened = application.client.open(proposal(person("@grace", "auto", email=grace.email)))
    assert opened["status"] == "complete"
    assert status(application.client, grace.email, opened["scheduling_conversation_id"]).status_code == 404
