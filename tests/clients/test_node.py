"""The npm library `cronofy`, unmodified, drives all that is served, in one process of Node.js."""

from __future__ import annotations

import base64
import hmac
import json
import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import REDIRECT_URI
from tests.clients.methods import methods
from tests.clients.node_library import DRIVER, PACKAGE, CronofyError, Node, environment, installed
from tests.make import person, proposal, slot_id, text

RULE = {
    "availability_rule_id": "work",
    "tzid": "America/Chicago",
    "weekly_periods": [{"day": "monday", "start_time": "09:00", "end_time": "17:00"}],
}
MONDAY = {"tzid": "Etc/UTC", "from_": "2031-05-05", "to": "2031-05-06"}


@pytest.fixture(scope="session")
def node():
    """Node.js with the library."""
    process = Node(installed())
    yield process
    process.end()


@pytest.fixture
def client(node, service, application):
    """Make clients of the service."""

    def made(**tokens):
        return node.client(service.url, client_id=application.id, client_secret=application.secret, **tokens)

    return made


@pytest.fixture
def graces(client, grace):
    """A client with Grace's tokens."""
    return client(access_token=grace.client.token, refresh_token=grace.refresh_token)


@pytest.fixture
def room(client):
    """A client with the tokens of an application calendar."""
    found = client()
    found.call("applicationCalendar", application_calendar_id="room")
    return found


def calendar_of(client):
    return client.call("listCalendars")["calendars"][0]["calendar_id"]


def lunch(event_id="lunch", **more):
    return {"event_id": event_id, "summary": "Lunch", "start": text("12:00"), "end": text("13:00"), **more}


def put(client, *events):
    for one in events:
        assert client.call("createEvent", calendar_id=calendar_of(client), **one) == ""


def names(client, **query):
    return [
        one["event_id"] for one in client.call("readEvents", tzid="Etc/UTC", include_managed=True, **query)["events"]
    ]


def times(*clocks):
    return [{"start": text(start), "end": text(end)} for start, end in clocks]


def refused(client, method, **options):
    with pytest.raises(CronofyError) as found:
        client.call(method, **options)
    return found.value


# tokens


def test_a_code_is_exchanged_once_for_tokens_that_the_client_keeps(client, code, grace):
    asked = {"code": code(grace), "redirect_uri": REDIRECT_URI}
    one = client()
    told = one.call("requestAccessToken", **asked)
    assert (told["sub"], told["linking_profile"]["profile_name"]) == (grace.sub, grace.email)
    assert one.config["access_token"] == told["access_token"]
    assert one.call("userInfo")["sub"] == grace.sub
    again = refused(client(), "requestAccessToken", **asked)
    assert (again.status, again.told) == (400, {"error": "invalid_grant"})


def test_an_application_calendar_is_the_same_each_time_and_the_client_acts_for_it(client):
    first, again = client(), client()
    told = [one.call("applicationCalendar", application_calendar_id="room") for one in (first, again)]
    assert told[0]["sub"] == told[1]["sub"] == first.call("userInfo")["sub"]
    assert first.config["access_token"] == told[0]["access_token"]


def test_a_refresh_gives_the_client_a_new_access_token(graces):
    before = graces.config["access_token"]
    told = graces.call("refreshAccessToken")
    assert graces.config["access_token"] == told["access_token"] != before
    assert graces.config["refresh_token"] == told["refresh_token"]
    assert graces.call("userInfo")["cronofy.type"] == "account"


def test_a_revoked_client_has_no_tokens_and_the_service_knows_them_no_longer(graces, grace):
    graces.call("revokeAuthorization")
    assert not {"access_token", "refresh_token"} & graces.config.keys()
    assert grace.client.get("/v1/userinfo").status_code == 401


def test_a_revoked_profile_ends_the_consent(graces, grace):
    [profile] = graces.call("profileInformation")["profiles"]
    graces.call("revokeProfileAuthorization", profile_id=profile["profile_id"])
    assert refused(graces, "listCalendars").status == 401
    assert grace.client.get("/v1/userinfo").status_code == 401


# account, profiles, calendars


def test_account_profiles_and_userinfo_tell_of_the_same_person(graces, grace):
    account = graces.call("accountInformation")["account"]
    [profile] = graces.call("profileInformation")["profiles"]
    info = graces.call("userInfo")
    assert (account["account_id"], account["email"]) == (info["sub"], info["email"]) == (grace.sub, grace.email)
    assert profile["profile_id"] == info["cronofy.data"]["profiles"][0]["profile_id"]


def test_a_calendar_is_created_listed_and_not_created_twice(graces):
    [profile] = graces.call("profileInformation")["profiles"]
    asked = {"profile_id": profile["profile_id"], "name": "Travel", "color": "#113355"}
    made = graces.call("createCalendar", **asked)["calendar"]
    assert (made["calendar_name"], made in graces.call("listCalendars")["calendars"]) == ("Travel", True)
    again = refused(graces, "createCalendar", **asked)
    assert (again.status, again.told["errors"]["name"][0]["key"]) == (422, "errors.duplicate_calendar_name")


# events


def test_events_are_written_changed_read_and_deleted(graces):
    put(graces, lunch(), lunch(location={"description": "Café"}, tzid="Europe/Paris"))
    [event] = graces.call("readEvents", include_managed=True, localized_times=True, **MONDAY)["events"]
    graces.call("deleteEvent", calendar_id=calendar_of(graces), event_id="lunch")
    assert (event["location"]["description"], event["start"]["tzid"]) == ("Café", "Europe/Paris")
    assert names(graces) == []
    assert names(graces, include_deleted=True) == ["lunch"]


def test_pages_of_events_are_followed_by_their_address(graces):
    put(graces, *(lunch(f"{number:03}") for number in range(101)))
    asked = {"tzid": "Etc/UTC", "include_managed": True}
    first = graces.call("readEvents", **asked)
    last = graces.call("readEvents", next_page=first["pages"]["next_page"], **asked)  # the library repeats the options
    told = [one["event_id"] for one in (*first["events"], *last["events"])]
    assert sorted(told) == [f"{number:03}" for number in range(101)]
    assert "next_page" not in last["pages"]


def test_events_of_named_calendars_are_deleted_and_then_all(graces):
    [profile] = graces.call("profileInformation")["profiles"]
    made = graces.call("createCalendar", profile_id=profile["profile_id"], name="Travel")["calendar"]
    put(graces, lunch("home"))
    graces.call("createEvent", calendar_id=made["calendar_id"], **lunch("away"))
    graces.call("bulkDeleteEvents", calendar_ids=[made["calendar_id"]])
    assert names(graces) == ["home"]
    graces.call("bulkDeleteEvents", delete_all=True)
    assert names(graces) == []


@pytest.mark.parametrize("method", ["updateExternalEvent", "deleteExternalEvent"])
def test_an_event_of_another_application_is_not_the_clients_to_change(service, graces, grace, method):
    others = service.grant(grace.sub, service.application())
    assert others.client.post(f"/v1/calendars/{others.calendar}/events", json=lunch()).status_code == 202
    [event] = graces.call("readEvents", **MONDAY)["events"]
    asked = {**lunch(), "summary": "Mine", "calendar_id": event["calendar_id"], "event_uid": event["event_uid"]}
    asked.pop("event_id")
    assert refused(graces, method, **asked).status == 403
    assert [one["summary"] for one in graces.call("readEvents", **MONDAY)["events"]] == ["Lunch"]


def test_a_mistake_is_refused_with_every_field(graces):
    told = refused(graces, "createEvent", calendar_id=calendar_of(graces), event_id="")
    assert told.status == 422
    assert set(told.told["errors"]) == {"event_id", "summary", "start", "end"}


def test_free_busy_is_told_in_pages(graces):
    put(graces, *(lunch(f"{number:03}") for number in range(101)))
    first = graces.call("freeBusy", include_managed=True, **MONDAY)
    last = graces.call("freeBusy", next_page=first["pages"]["next_page"])
    assert (len(first["free_busy"]), len(last["free_busy"])) == (100, 1)
    assert {(one["start"], one["end"], one["free_busy_status"]) for one in first["free_busy"] + last["free_busy"]} == {
        (text("12:00"), text("13:00"), "busy")
    }


def test_a_batch_writes_and_deletes_in_order(graces):
    path = f"/v1/calendars/{calendar_of(graces)}/events"
    entries = [
        {"method": "POST", "relative_url": path, "data": lunch("one")},
        {"method": "POST", "relative_url": path, "data": lunch("two")},
        {"method": "DELETE", "relative_url": path, "data": {"event_id": "one"}},
        {"method": "POST", "relative_url": path, "data": {"event_id": "three"}},
    ]
    told = graces.call("batch", batch=entries)["batch"]
    assert [one["status"] for one in told] == [202, 202, 202, 422]
    assert set(told[3]["data"]["errors"]) == {"summary", "start", "end"}
    assert names(graces) == ["two"]


# availability


def test_rules_are_written_listed_read_and_deleted(graces):
    assert graces.call("upsertAvailabilityRule", **RULE) == {"availability_rule": RULE}
    assert graces.call("listAvailabilityRules") == {"availability_rules": [RULE]}
    assert graces.call("readAvailabilityRule", availability_rule_id="work") == {"availability_rule": RULE}
    graces.call("deleteAvailabilityRule", availability_rule_id="work")
    assert refused(graces, "readAvailabilityRule", availability_rule_id="work").status == 404


def test_available_periods_are_written_listed_and_deleted(graces):
    for name, clocks in {"morning": ("09:00", "10:00"), "noon": ("12:00", "13:00")}.items():
        graces.call("upsertAvailablePeriod", available_period_id=name, **times(clocks)[0])
    told = graces.call("listAvailablePeriods", **MONDAY)["available_periods"]
    graces.call("deleteAvailablePeriods", available_period_id="morning")
    left = graces.call("listAvailablePeriods")["available_periods"]
    graces.call("deleteAvailablePeriods", delete_all=True)
    assert [one["available_period_id"] for one in told] == ["morning", "noon"]
    assert [one["available_period_id"] for one in left] == ["noon"]
    assert graces.call("listAvailablePeriods")["available_periods"] == []


def test_pages_of_available_periods_are_followed_by_their_address(graces):
    for number in range(101):
        graces.call("upsertAvailablePeriod", available_period_id=str(number), **times(("09:00", "10:00"))[0])
    first = graces.call("listAvailablePeriods", **MONDAY)
    last = graces.call("listAvailablePeriods", next_page=first["pages"]["next_page"])
    told = [one["available_period_id"] for one in first["available_periods"] + last["available_periods"]]
    assert sorted(told, key=int) == [str(number) for number in range(101)]


@pytest.mark.parametrize(
    ("format_", "key", "expected"),
    [
        pytest.param("periods", "available_periods", [("09:00", "12:00"), ("13:00", "15:00")], id="periods"),
        pytest.param("slots", "available_slots", [("09:00", "11:00"), ("13:00", "15:00")], id="slots"),
    ],
)
def test_availability_is_what_the_calendar_leaves(graces, grace, format_, key, expected):
    put(graces, lunch())
    told = graces.call(
        "availability",
        participants=[{"members": [{"sub": grace.sub}], "required": "all"}],
        required_duration={"minutes": 120},
        query_periods=times(("09:00", "15:00")),
        response_format=format_,
    )
    assert [{"start": one["start"], "end": one["end"]} for one in told[key]] == times(*expected)


# conversations: the library has no methods for them, and its own way of calling does it


def test_a_conversation_runs_from_its_creation_to_the_event(service, graces, grace):
    token = {"access_token": graces.config["access_token"]}
    people = [person("@grace", "auto", sub=grace.sub), person("@karl")]
    opened = graces.call("_httpPost", "/v1/scheduling_conversations", {**proposal(*people), **token})
    karl = opened["participants"][1]["possible_actions"]
    slots = graces.call("_httpCall", "GET", karl["slots_list"]["url"], token)["slots"]
    chosen = {"selected_slots": [{"slot_id": slots[0]["slot_id"]}]}
    told = graces.call("_httpCall", "POST", karl["slots_select"]["url"], {**chosen, **token})
    service.work()
    assert (slots[0]["slot_id"], told["status"]) == (slot_id("09:00"), "complete")
    assert names(graces) == [opened["scheduling_conversation_id"]]


# the library as a whole


def test_callbacks_are_called_with_the_answer_and_with_the_refusal(graces, grace):
    assert graces.call("userInfo", callback=True)["sub"] == grace.sub
    with pytest.raises(CronofyError) as found:
        graces.call("readAvailabilityRule", callback=True, availability_rule_id="none")
    assert found.value.status == 404


def test_a_smart_invite_is_written_read_and_cancelled(client):
    one, karl = client(), {"email": "karl@example.org"}
    event = {"summary": "Lunch", "start": text("12:00"), "end": text("13:00"), "tzid": "America/Chicago"}
    asked = {"smart_invite_id": "one", "recipient": karl}
    sent = one.call("createSmartInvite", **asked, event=event, organizer={"name": "Grace"})
    assert (sent["method"], sent["recipient"]) == ("request", {**karl, "status": "pending"})
    assert "METHOD:REQUEST" in sent["attachments"]["icalendar"]
    told = one.call("getSmartInvite", smart_invite_id="one", recipient_email=karl["email"], include_ics=True)
    assert (told["event"]["start"], told["attachments"]) == (text("12:00"), sent["attachments"])
    cancelled = one.call("cancelSmartInvite", **asked)
    assert (cancelled["method"], "METHOD:CANCEL" in cancelled["attachments"]["icalendar"]) == ("cancel", True)


def test_a_signature_is_checked_without_the_service(graces, application):
    body = '{"notification": {}}'
    signature = base64.b64encode(hmac.digest(application.secret.encode(), body.encode(), "sha256")).decode()
    assert graces.call("hmacValid", hmac=signature, body=body) is True
    assert graces.call("hmacValid", hmac="other", body=body) is False


@pytest.mark.parametrize("method", sorted(methods("Node.js", "What is not served")))
def test_what_is_not_served_is_not_found(graces, method):
    ids = dict.fromkeys(("channel_id", "bookable_event_id", "registration_id"), "one")
    assert refused(graces, method, **ids).status == 404


def test_the_page_tells_of_every_method_of_the_library():
    told = subprocess.run(
        ["node", str(DRIVER), "methods"], env=environment(installed()), capture_output=True, text=True, check=True
    )
    served, not_served = (methods("Node.js", heading) for heading in ("What is served", "What is not served"))
    assert not served & not_served
    assert served | not_served == set(json.loads(told.stdout))


def test_every_method_that_is_served_is_called_here():
    here = "".join((Path(__file__).parent / name).read_text() for name in (Path(__file__).name, "test_pushes.py"))
    assert [one for one in sorted(methods("Node.js", "What is served")) if f'"{one}"' not in here] == []


def test_the_lock_names_no_registry_and_the_version_of_the_package():
    lock = json.loads((PACKAGE / "package-lock.json").read_text())
    wanted = json.loads((PACKAGE / "package.json").read_text())["dependencies"]["cronofy"]
    assert [name for name, one in lock["packages"].items() if "resolved" in one] == []
    assert lock["packages"]["node_modules/cronofy"]["version"] == wanted
