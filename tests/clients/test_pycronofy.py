"""pycronofy from PyPI, unmodified, drives all that is served."""

from __future__ import annotations

from datetime import UTC, datetime

import pycronofy
import pytest
from pycronofy import settings
from pycronofy.exceptions import PyCronofyRequestError

from tests.make import person, proposal, text

RULE = {
    "availability_rule_id": "work",
    "tzid": "America/Chicago",
    "weekly_periods": [{"day": "monday", "start_time": "09:00", "end_time": "17:00"}],
}


@pytest.fixture
def client(service, application):
    """Make clients of the service; the library reads where it is when a client is made."""
    before = settings.API_BASE_URL, settings.APP_BASE_URL
    settings.API_BASE_URL = settings.APP_BASE_URL = service.url

    def made(**tokens):
        return pycronofy.Client(client_id=application.id, client_secret=application.secret, **tokens)

    yield made
    settings.API_BASE_URL, settings.APP_BASE_URL = before


@pytest.fixture
def graces(client, grace):
    """A client with Grace's tokens."""
    return client(access_token=grace.client.token, refresh_token=grace.refresh_token)


@pytest.fixture
def room(client):
    """A client with the tokens of an application calendar."""
    found = client()
    found.application_calendar("room")
    return found


def calendar_of(client):
    return client.list_calendars()[0]["calendar_id"]


def lunch(event_id="lunch", **more):
    start, end = (datetime(2031, 5, 5, hour, tzinfo=UTC) for hour in (12, 13))
    return {"event_id": event_id, "summary": "Lunch", "description": "", "start": start, "end": end, **more}


def post(client, endpoint="", url="", data=None):
    return client.request_handler.post(endpoint=endpoint, url=url, data=data).json()


def test_a_conversation_runs_from_its_creation_to_the_event(service, graces):
    sub = graces.userinfo()["sub"]
    people = [person("@grace", "auto", sub=sub, email=""), person("@karl")]
    opened = post(graces, "scheduling_conversations", data=proposal(*people))
    path = f"scheduling_conversations/{opened['scheduling_conversation_id']}"
    read = graces.request_handler.get(endpoint=path).json()
    karl = read["scheduling_conversation"]["participants"][1]
    slots = graces.request_handler.get(url=karl["possible_actions"]["slots_list"]["url"]).json()["slots"]
    chosen = {"selected_slots": [{"slot_id": slots[0]["slot_id"]}]}
    told = post(graces, url=karl["possible_actions"]["slots_select"]["url"], data=chosen)
    service.work()
    [event] = graces.read_events().all()
    assert (read, told["status"], told["chosen_slot"]["start"]) == (opened, "complete", text("09:00"))
    assert (event["event_id"], event["start"]) == (opened["scheduling_conversation_id"], text("09:00"))


def test_a_lost_slot_raises_with_the_fresh_slots_in_its_answer(graces, room):
    people = [person("@room", "auto", sub=room.userinfo()["sub"]), person("@karl")]
    opened = post(room, "scheduling_conversations", data=proposal(*people))
    url = opened["participants"][1]["possible_actions"]["slots_select"]["url"]
    slots = room.request_handler.get(url=url).json()["slots"]
    start, end = (datetime(2031, 5, 5, hour, tzinfo=UTC) for hour in (9, 12))
    room.upsert_event(calendar_of(room), {"event_id": "1", "summary": "Busy", "start": start, "end": end})
    with pytest.raises(PyCronofyRequestError) as refused:
        post(room, url=url, data={"selected_slots": slots[:1]})
    told = refused.value.response.json()
    assert told["errors"]["selected_slots[0].slot_id"][0]["key"] == "errors.slot_unavailable"
    assert told["slots"] == slots[3:]


def test_conversations_are_looked_up_and_listed(graces):
    opened = post(graces, "scheduling_conversations", data=proposal())
    token = opened["participants"][0]["page_url"].rpartition("/")[2]
    get = graces.request_handler.get
    looked_up = get(endpoint="scheduling_conversations", params={"token": token}).json()
    listed = get(endpoint="scheduling_conversations").json()["scheduling_conversations"]
    assert looked_up["participant"] == opened["participants"][0]
    assert listed == [opened["scheduling_conversation"]]


def test_an_application_calendar_is_the_same_each_time(client):
    first, again = client().application_calendar("room"), client().application_calendar("room")
    assert first["sub"] == again["sub"]
    assert (first["sub"][:4], first["application_calendar_id"]) == ("apc_", "room")


def test_a_refresh_gives_the_client_a_new_access_token(graces):
    before = graces.auth.access_token
    told = graces.refresh_authorization()
    assert graces.auth.access_token == told["access_token"] != before
    assert not graces.is_authorization_expired()
    assert graces.userinfo()["cronofy.type"] == "account"


def test_a_revoked_client_is_unauthorized(graces):
    graces.revoke_authorization()
    with pytest.raises(PyCronofyRequestError) as refused:
        graces.userinfo()
    assert refused.value.response.status_code == 401


def test_revoking_ends_the_refresh_token_too(client, grace):
    both = [client(access_token=grace.client.token, refresh_token=grace.refresh_token) for _ in range(2)]
    both[0].revoke_authorization()
    with pytest.raises(PyCronofyRequestError) as refused:
        both[1].refresh_authorization()
    assert refused.value.response.json() == {"error": "invalid_grant"}


def test_userinfo_and_calendars_tell_of_the_same_profile(graces, grace):
    info, calendar = graces.userinfo(), graces.list_calendars()[0]
    assert (info["sub"], info["email"]) == (grace.sub, grace.email)
    assert info["cronofy.data"]["profiles"][0]["profile_id"] == calendar["profile_id"]


def test_events_are_written_changed_read_and_deleted(graces):
    calendar = calendar_of(graces)
    graces.upsert_event(calendar, lunch())
    graces.upsert_event(calendar, lunch(location={"description": "Café"}, tzid="Europe/Paris"))
    read = graces.read_events(from_date=datetime(2031, 5, 5, tzinfo=UTC), tzid="Etc/UTC").all()
    graces.delete_event(calendar, "lunch")
    assert [(one["event_id"], one["start"], one["location"]["description"]) for one in read] == [
        ("lunch", text("12:00"), "Café")
    ]
    assert graces.read_events().all() == []


def test_pages_of_events_are_followed_by_themselves(graces):
    calendar = calendar_of(graces)
    for number in range(101):
        graces.upsert_event(calendar, lunch(str(number)))
    assert {one["event_id"] for one in graces.read_events()} == {str(number) for number in range(101)}


def test_a_mistake_raises_with_every_field_in_its_answer(graces):
    with pytest.raises(PyCronofyRequestError) as refused:
        graces.request_handler.post(f"calendars/{calendar_of(graces)}/events", data={"event_id": ""})
    assert refused.value.response.status_code == 422
    assert set(refused.value.response.json()["errors"]) == {"event_id", "summary", "start", "end"}


def test_rules_are_written_listed_read_and_deleted(graces):
    assert graces.upsert_availability_rule(RULE) == RULE
    assert (graces.list_availability_rules(), graces.get_availability_rule("work")) == ([RULE], RULE)
    graces.delete_availability_rule("work")
    assert graces.list_availability_rules() == []


def test_rules_shape_a_managed_conversation(room):
    room.upsert_availability_rule(RULE)
    people = [person("@room", "auto", sub=room.userinfo()["sub"], managed_availability=True)]
    told = post(room, "scheduling_conversations", data=proposal(*people))
    assert told["chosen_slot"]["start"] == text("14:00")  # nine o'clock in Chicago


def test_the_api_key_opens_conversations_and_is_refused_an_accounts_calendars(client):
    keyed = client()
    told = keyed.request_handler.post("scheduling_conversations", data=proposal(), use_api_key=True).json()
    with pytest.raises(PyCronofyRequestError) as refused:
        keyed.request_handler.get(endpoint="calendars", use_api_key=True)
    assert told["status"] == "in_progress"
    assert refused.value.response.status_code == 403
