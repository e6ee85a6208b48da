"""pycronofy from PyPI, unmodified, drives all that is served."""

from __future__ import annotations

import base64
import hmac
import inspect
from datetime import UTC, datetime
from pathlib import Path

import pycronofy
import pytest
import requests
from pycronofy import settings
from pycronofy.batch import BatchBuilder
from pycronofy.exceptions import PyCronofyPartialSuccessError, PyCronofyRequestError, PyCronofyValidationError

from tests.clients.conftest import REDIRECT_URI
from tests.clients.methods import methods
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


def test_a_code_is_exchanged_once_for_tokens_that_the_client_keeps(client, code, grace):
    given, one = code(grace), client()
    told = one.get_authorization_from_code(given, redirect_uri=REDIRECT_URI)
    assert one.auth.access_token == told["access_token"]
    assert one.userinfo()["sub"] == grace.sub
    with pytest.raises(PyCronofyRequestError) as refused:
        client().get_authorization_from_code(given, redirect_uri=REDIRECT_URI)
    assert (refused.value.response.status_code, refused.value.response.json()) == (400, {"error": "invalid_grant"})


def test_the_redirect_uri_of_the_link_is_remembered_for_the_exchange(client, code, grace):
    one = client()
    one.user_auth_link(REDIRECT_URI)
    one.get_authorization_from_code(code(grace))
    assert one.account()["account_id"] == grace.sub


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


def test_a_revoked_profile_ends_the_consent(graces, grace):
    graces.revoke_profile(graces.list_profiles()[0]["profile_id"])
    with pytest.raises(PyCronofyRequestError) as refused:
        graces.list_calendars()
    assert refused.value.response.status_code == 401
    assert grace.client.get("/v1/userinfo").status_code == 401


def test_userinfo_account_profiles_and_calendars_tell_of_the_same_person(graces, grace):
    info, account, calendar = graces.userinfo(), graces.account(), graces.list_calendars()[0]
    [profile] = graces.list_profiles()
    assert (info["sub"], info["email"]) == (account["account_id"], account["email"]) == (grace.sub, grace.email)
    assert info["cronofy.data"]["profiles"][0]["profile_id"] == profile["profile_id"] == calendar["profile_id"]


def test_a_calendar_is_created_once_and_found_again_when_asked_to(graces):
    profile = graces.list_profiles()[0]["profile_id"]
    made = graces.create_calendar(profile, "Travel")["calendar"]
    with pytest.raises(PyCronofyRequestError) as refused:
        graces.create_calendar(profile, "Travel")
    found = graces.create_calendar(profile, "Travel", error_on_duplicate=False)
    assert refused.value.response.json()["errors"]["name"][0]["key"] == "errors.duplicate_calendar_name"
    assert found == made == graces.list_calendars()[1]


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


def test_events_are_chosen_by_every_parameter_of_the_library(graces):
    first, second = calendar_of(graces), graces.create_calendar(graces.list_profiles()[0]["profile_id"], "Travel")
    graces.upsert_event(first, lunch("home", location={"description": "Café", "lat": "51.5", "long": "-0.1"}))
    graces.upsert_event(second["calendar"]["calendar_id"], lunch("away"))
    graces.upsert_event(first, lunch("gone"))
    graces.delete_event(first, "gone")
    [home] = graces.read_events(calendar_ids=(first,), only_managed=True, include_geo=True, localized_times=True).all()
    gone = graces.read_events(include_deleted=True, include_moved=True, last_modified=datetime(2031, 5, 4, tzinfo=UTC))
    assert (home["event_id"], home["location"]["lat"]) == ("home", "51.5")
    assert home["start"] == {"time": text("12:00"), "tzid": "Etc/UTC"}
    assert {(one["event_id"], one["deleted"]) for one in gone} == {("home", False), ("away", False), ("gone", True)}
    assert graces.read_events(include_managed=False).all() == []


def test_events_of_named_calendars_are_deleted_and_then_all(graces):
    calendar = graces.create_calendar(graces.list_profiles()[0]["profile_id"], "Travel")["calendar"]["calendar_id"]
    graces.upsert_event(calendar_of(graces), lunch("home"))
    graces.upsert_event(calendar, lunch("away"))
    graces.delete_all_events(calendar_ids=(calendar,))
    assert [one["event_id"] for one in graces.read_events()] == ["home"]
    graces.delete_all_events()
    assert graces.read_events().all() == []


def test_an_event_of_another_application_is_answered_and_not_deleted(service, graces, grace):
    others = service.grant(grace.sub, service.application())
    body = {"event_id": "1", "summary": "Lunch", "start": text("12:00"), "end": text("13:00")}
    assert others.client.post(f"/v1/calendars/{others.calendar}/events", json=body).status_code == 202
    [event] = graces.read_events().all()
    graces.change_participation_status(event["calendar_id"], event["event_uid"], "declined")
    with pytest.raises(PyCronofyRequestError) as refused:
        graces.delete_external_event(event["calendar_id"], event["event_uid"])
    assert refused.value.response.status_code == 403
    assert [one["participation_status"] for one in graces.read_events()] == ["declined"]


def test_pages_of_free_busy_are_followed_by_themselves(graces):
    calendar = calendar_of(graces)
    for number in range(101):
        graces.upsert_event(calendar, lunch(str(number)))
    monday = {"from_date": "2031-05-05", "to_date": "2031-05-06", "calendar_ids": (calendar,)}
    told = graces.read_free_busy(**monday, localized_times=True).all()
    assert [one["free_busy_status"] for one in told] == ["busy"] * 101
    assert told[0]["start"] == {"time": text("12:00"), "tzid": "Etc/UTC"}
    assert graces.read_free_busy(include_managed=False).all() == []


def test_a_batch_writes_and_deletes_in_order(graces):
    calendar, builder = calendar_of(graces), BatchBuilder()
    builder.upsert_event(calendar, lunch("one")).upsert_event(calendar, lunch("two")).delete_event(calendar, "one")
    told = graces.batch(builder)
    assert [one.status() for one in told.entries] == [202, 202, 202]
    assert [one["event_id"] for one in graces.read_events()] == ["two"]


def test_a_batch_tells_of_its_failures_and_does_the_rest(graces):
    calendar, builder = calendar_of(graces), BatchBuilder()
    builder.upsert_event(calendar, lunch("")).upsert_event(calendar, lunch("two"))
    builder.delete_external_event(calendar, "evt_external_1")
    with pytest.raises(PyCronofyPartialSuccessError) as partial:
        graces.batch(builder)
    wrong, right, external = partial.value.batch_response.entries
    assert [one.status() for one in (wrong, right, external)] == [422, 202, 403]
    assert set(wrong.response["data"]["errors"]) == {"event_id"}
    assert [one["event_id"] for one in graces.read_events()] == ["two"]


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


def periods(*clocks):
    return [{"start": text(start), "end": text(end)} for start, end in clocks]


def whole(told):
    return [(one["start"], one["end"]) for one in told]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, periods(("09:00", "12:00"), ("13:00", "17:00")), id="periods"),
        pytest.param({"max_results": 1}, periods(("09:00", "12:00")), id="one result"),
        pytest.param({"buffer": {"before": 30}}, periods(("09:00", "12:00"), ("13:30", "17:00")), id="buffer"),
        pytest.param(
            {"buffer": {"after": {"minimum": 60, "maximum": {"minutes": 90}}}},
            periods(("09:00", "11:00"), ("13:00", "17:00")),
            id="buffer with a minimum",
        ),
        pytest.param(
            {"response_format": "slots"},
            periods(("09:00", "11:00"), ("13:00", "15:00"), ("15:00", "17:00")),
            id="slots",
        ),
        pytest.param(
            {"response_format": "overlapping_slots", "start_interval": 60, "max_results": 3},
            periods(("09:00", "11:00"), ("10:00", "12:00"), ("13:00", "15:00")),
            id="overlapping slots",
        ),
    ],
)
def test_availability_is_what_the_calendar_leaves(graces, grace, more, expected):
    graces.upsert_event(calendar_of(graces), lunch())
    asked = {"participants": {"members": [grace.sub]}, "required_duration": 120, **more}
    start, end = (datetime(2031, 5, 5, hour, tzinfo=UTC) for hour in (9, 17))
    told = graces.availability(**asked, available_periods=[{"start": start, "end": end}])
    assert whole(told) == whole(expected)
    assert told[0]["participants"] == [{"sub": grace.sub}]


def test_availability_tells_which_of_some_slots_are_possible(graces, grace):
    graces.upsert_event(calendar_of(graces), lunch())
    slots = [{"start": datetime(2031, 5, 5, hour, tzinfo=UTC)} for hour in (9, 12, 13)]
    asked = {"participants": [{"members": [{"sub": grace.sub}], "required": 1}], "response_format": "slots"}
    told = graces.availability(**asked, required_duration={"minutes": 60}, query_slots=slots)
    assert whole(told) == whole(periods(("09:00", "10:00"), ("13:00", "14:00")))


def test_availability_keeps_to_rules_and_to_periods_of_a_member(graces, grace):
    graces.upsert_availability_rule(RULE)
    member = {"sub": grace.sub, "managed_availability": True, "available_periods": periods(("14:30", "16:00"))}
    told = graces.availability({"members": [member]}, 60, periods(("09:00", "17:00")))
    assert whole(told) == whole(periods(("14:30", "16:00")))  # it opens at nine o'clock in Chicago


def test_a_smart_invite_is_written_read_and_cancelled(client):
    one, start, end = client(), datetime(2031, 5, 5, 12, tzinfo=UTC), datetime(2031, 5, 5, 13, tzinfo=UTC)
    event = {"summary": "Lunch", "start": start, "end": end, "tzid": "America/Chicago"}
    sent = one.upsert_smart_invite("one", KARL, event, "https://app.example/hook", {"name": "Grace"})
    assert (sent["method"], sent["recipient"]) == ("request", {**KARL, "status": "pending"})
    assert "METHOD:REQUEST" in sent["attachments"]["icalendar"]
    told = one.get_smart_invite("one", KARL["email"])
    assert (told["event"]["start"], told["organizer"], told["replies"]) == (text("12:00"), {"name": "Grace"}, [])
    cancelled = one.cancel_smart_invite("one", KARL)
    assert (cancelled["method"], "METHOD:CANCEL" in cancelled["attachments"]["icalendar"]) == ("cancel", True)


def test_a_smart_invite_has_several_recipients(client):
    people = [KARL, {"email": "bo@example.org"}]
    sent = client().upsert_smart_invite("one", people, dict(MEETING))
    assert [one["status"] for one in sent["recipients"]] == ["pending", "pending"]
    assert len(client().cancel_smart_invite("one", people)["recipients"]) == 2


def test_what_needs_no_service_is_done_without_it(client, application):
    one, body = client(), "{}"
    signature = base64.b64encode(hmac.digest(application.secret.encode(), body.encode(), "sha256")).decode()
    assert (one.hmac_valid(signature, body), one.hmac_valid("other", body)) == (True, False)
    assert one.is_authorization_expired()
    with pytest.raises(PyCronofyValidationError):
        one.validate("read_events")


# the library as a whole

NOWHERE = "https://app.example/callback"
SERIES = {"sequence_id": "1", "participants": {"members": ["acc_1"]}, "required_duration": 60}
MEETING = {"summary": "Lunch", "start": text("12:00"), "end": text("13:00")}
KARL = {"email": "karl@example.org"}
NOT_SERVED = {
    "real_time_scheduling": ({}, {"redirect_uri": NOWHERE}, MEETING),
    "get_real_time_scheduling_status": ("token",),
    "disable_real_time_scheduling_link": ("rts_1", "over"),
    "real_time_sequencing": ({"sequence": [SERIES]}, {"redirect_uri": NOWHERE}, MEETING),
    "sequenced_availability": ([SERIES], periods(("09:00", "17:00"))),
    "elevated_permissions": ([{"calendar_id": "cal_1", "permission_level": "unrestricted"}],),
    "authorize_with_service_account": ("karl@example.org", "read_events", NOWHERE),
    "authorize_multiple_accounts_via_service_account": ([KARL],),
    "resources": (),
    "get_conferencing_services_auth_link": (NOWHERE,),
    "get_ui_element_token": (["account_management"], ["acc_1"], "https://app.example"),
}


@pytest.mark.parametrize("method", NOT_SERVED)
def test_what_is_not_served_is_not_found(graces, method):
    with pytest.raises(PyCronofyRequestError) as refused:
        getattr(graces, method)(*NOT_SERVED[method])
    assert refused.value.response.status_code == 404


def test_the_link_for_consent_leads_here_and_nothing_is_there_yet(service, client):
    link = client().user_auth_link(REDIRECT_URI, state="one")
    assert link.startswith(f"{service.url}/oauth/authorize?")
    assert requests.get(link, timeout=30, allow_redirects=False).status_code == 404


def test_the_page_tells_of_every_method_of_the_library():
    public = {name for name, _ in inspect.getmembers(pycronofy.Client, inspect.isfunction) if not name.startswith("_")}
    calls = {name for name in public if not name.startswith(("map_", "translate_"))}  # those prepare what is sent
    served, not_served = (methods("Python", heading) for heading in ("What is served", "What is not served"))
    assert not served & not_served
    assert served | not_served == calls
    assert not_served == {*NOT_SERVED, "user_auth_link"}


def test_every_method_that_is_served_is_called_here():
    here = "".join((Path(__file__).parent / name).read_text() for name in (Path(__file__).name, "test_pushes.py"))
    assert [one for one in sorted(methods("Python", "What is served")) if f".{one}(" not in here] == []
