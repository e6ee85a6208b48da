"""The rows of the conformance checklist that concern what is served, each shown by a test named after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.api.conftest import address, error_keys
from tests.make import MONDAY, at, person, proposal, selection, slot_id, text

PATH = "/v1/scheduling_conversations"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def with_auto_organizer(grace, **changed):
    return proposal(person("@grace", "auto", sub=grace.sub), person("@karl"), **changed)


def test_1_every_answer_carries_the_conversation_bare_and_wrapped(application, grace):
    opened = application.client.open(with_auto_organizer(grace))
    read = application.client.again(opened)
    selected = application.client.select(opened, 1, selection("09:00")).json()
    for told in (opened, read, selected):
        assert told == {**told["scheduling_conversation"], "scheduling_conversation": told["scheduling_conversation"]}


def test_1_the_look_up_holds_participant_and_conversation_and_nothing_bare(application):
    opened = application.client.open(proposal())
    token = opened["participants"][1]["page_url"].rpartition("/")[2]
    told = application.client.get(PATH, params={"token": token}).json()
    expected = opened["scheduling_conversation"]
    assert told == {"participant": expected["participants"][1], "scheduling_conversation": expected}


def test_2_the_published_example_waits_for_the_second_participant_who_alone_has_actions(application, grace):
    participants = [
        {
            "participant_id": "@grace",
            "sub": grace.sub,
            "email": "",
            "common_name": "Grace",
            "managed_availability": True,
            "slots": {"selection_method": "auto"},
        },
        {"participant_id": "@karl", "email": "", "common_name": "Karl", "slots": {"selection_method": "manual"}},
    ]
    told = application.client.open(proposal(*participants))
    assert told["status"] == "in_progress"
    assert [one["status"] for one in told["participants"]] == ["waiting", "needs_action"]
    assert [sorted(one["possible_actions"]) for one in told["participants"]] == [[], ["slots_list", "slots_select"]]
    assert ["email" in one for one in told["participants"]] == [False, False]


def test_3_selecting_the_first_listed_slot_completes_everybody_and_writes_the_event(service, application, grace):
    opened = application.client.open(with_auto_organizer(grace))
    actions = opened["participants"][1]["possible_actions"]
    slots = application.client.get(actions["slots_list"]["url"]).json()["slots"]
    told = application.client.post(actions["slots_select"]["url"], json={"selected_slots": slots[:1]}).json()
    service.work()
    events = grace.client.get("/v1/events", params={"tzid": "Etc/UTC", "include_managed": "true"}).json()["events"]
    assert told["chosen_slot"] == {
        "available_slot_id": slot_id("09:00"),
        "slot_id": slot_id("09:00"),
        "start": text("09:00"),
        "end": text("10:00"),
    }
    assert [told["status"], *(one["status"] for one in told["participants"])] == ["complete"] * 3
    assert [(one["start"], one["end"]) for one in events] == [(text("09:00"), text("10:00"))]


def test_4_repeating_the_selection_changes_nothing_and_another_slot_is_refused(application, grace):
    opened = application.client.open(with_auto_organizer(grace))
    first = application.client.select(opened, 1, selection("09:00"))
    again = application.client.select(opened, 1, selection("09:00"))
    other = application.client.select(opened, 1, selection("10:00"))
    assert (again.status_code, again.json()) == (200, first.json())
    assert (other.status_code, error_keys(other)) == (422, {"selected_slots": ["errors.not_available"]})
    assert application.client.again(opened) == first.json()


def periods(number):
    return [{"start": text("09:00", day), "end": text("10:00", day)} for day in range(number)]


def until(seconds):
    """One period whose end is this long after its start."""
    return [{"start": text("09:00"), "end": stamp(at("09:00") + seconds)}]


def stamp(instant):
    days, rest = divmod(instant - MONDAY, 86400)
    return f"{text(f'{rest // 3600:02}:{rest % 3600 // 60:02}', days)[:-3]}{rest % 60:02}Z"


@pytest.mark.parametrize(
    ("available_periods", "faults"),
    [
        pytest.param(periods(10), None, id="ten"),
        pytest.param(periods(11), {"available_periods": ["errors.too_many"]}, id="eleven"),
        pytest.param(until(35 * 86400), None, id="35 days"),
        pytest.param(until(35 * 86400 + 1), {"available_periods[0].end": ["errors.out_of_range"]}, id="a second more"),
    ],
)
def test_5_ten_periods_within_35_days_are_the_most(application, available_periods, faults):
    answer = application.client.post(PATH, json=proposal(available_periods=available_periods))
    assert answer.status_code == (422 if faults else 200)
    assert not faults or error_keys(answer) == faults


ANYBODY = [person("@grace"), person("@karl")]
WRONG = [
    ({"participants": [*ANYBODY, person("@ann")]}, "participants", "errors.too_many"),
    ({"participants": [{"participant_id": "@grace"}]}, "participants[0].common_name", "errors.required"),
    ({"participants": [ANYBODY[0], {"common_name": "Karl"}]}, "participants[1]", "errors.required"),
    ({"tzid": "America/Springfield"}, "tzid", "errors.tzid_unrecognized"),
    ({"required_duration": {"minutes": 0}}, "required_duration", "errors.out_of_range"),
    ({"required_duration": {"hours": 1, "minutes": 60}}, "required_duration", "errors.invalid_format"),
    (
        {"available_periods": [{"start": text("09:00", -2), "end": text("10:00")}]},
        "available_periods[0].start",
        "errors.must_be_in_future",
    ),
    ({"available_periods": until(59)}, "available_periods[0].end", "errors.invalid_time_pair"),
]


@pytest.mark.parametrize(("changed", "path", "key"), WRONG, ids=[row[1] + " " + row[2] for row in WRONG])
def test_6_each_mistake_is_told_with_its_field(application, changed, path, key):
    answer = application.client.post(PATH, json=proposal(**changed))
    assert (answer.status_code, error_keys(answer)) == (422, {path: [key]})


def test_6_mistakes_are_told_together(application):
    chosen = [WRONG[at] for at in (2, 3, 5, 7)]
    changed = {name: value for row in chosen for name, value in row[0].items()}
    answer = application.client.post(PATH, json=proposal(**changed))
    assert error_keys(answer) == {path: [key] for _, path, key in chosen}


def test_7_a_duration_comes_back_in_minutes(application):
    told = application.client.open(proposal(required_duration={"hours": 1, "minutes": 30}))
    assert told["required_duration"] == {"minutes": 90}


@pytest.mark.parametrize("spelling", [{"slots": {"choice_method": "auto"}}, {"slot_choice": {"method": "auto"}}])
def test_8_older_spellings_of_the_method_are_understood(application, grace, spelling):
    organizer = {"sub": grace.sub, "common_name": "Grace", **spelling}
    told = application.client.open(proposal(organizer, person("@karl")))["participants"][0]
    assert (told["slots"], told["slot_choice"]) == ({"selection_method": "auto"}, {"method": "auto"})


@pytest.mark.parametrize("start", ["2031-05-05 09:00:00Z", "2031-05-05T09:00:00+00:00", "2031-05-05T11:00:00+02:00"])
def test_9_times_may_have_a_space_or_an_offset(application, start):
    told = application.client.open(proposal(available_periods=[{"start": start, "end": text("17:00")}]))
    assert told["available_periods"] == [{"start": text("09:00"), "end": text("17:00")}]


def test_9_fractions_of_a_second_are_refused(application):
    wrong = [{"start": "2031-05-05T09:00:00.500Z", "end": text("17:00")}]
    answer = application.client.post(PATH, json=proposal(available_periods=wrong))
    assert error_keys(answer) == {"available_periods[0].start": ["errors.invalid_format"]}


def test_11_forms_are_understood_by_the_three_endpoints_that_take_credentials(service, application):
    client = service.client()
    named = {"client_id": application.id, "client_secret": application.secret}

    def sent(path, **fields):
        return client.post(path, content=urlencode({**named, **fields}), headers=FORM)

    made = sent("/v1/application_calendars", application_calendar_id="room & board")
    refreshed = sent("/oauth/token", grant_type="refresh_token", refresh_token=made.json()["refresh_token"])
    revoked = sent("/oauth/token/revoke", token=made.json()["access_token"])
    assert made.json()["application_calendar_id"] == "room & board"
    assert [one.status_code for one in (made, refreshed, revoked)] == [200, 200, 200]
    assert service.client(refreshed.json()["access_token"]).get("/v1/userinfo").status_code == 401


def test_12_a_foreign_host_does_not_change_the_addresses_in_answers(service, application):
    headers = {"Host": "api-de.cronofy.com", "X-Forwarded-Host": "evil.example"}
    told = application.client.post(PATH, json=proposal(), headers=headers).json()
    karl = told["participants"][1]
    urls = [karl["page_url"], *(one["url"] for one in karl["possible_actions"].values())]
    assert [url.startswith(f"{service.url}/") for url in urls] == [True] * 3


def test_15_the_next_page_is_a_path_without_question_mark_and_absent_on_the_last(service, application):
    for _ in range(101):
        application.client.open(proposal())
    first = application.client.get(PATH).json()["pages"]
    last = application.client.get(first["next_page"]).json()["pages"]
    assert first["next_page"].startswith(f"{service.url}{PATH}/pages/")
    assert "?" not in first["next_page"]
    assert last == {"current": 2, "total": 2}


def test_17_two_selections_at_once_make_one_event(service, application):
    grace = service.person(application, address())
    opened = application.client.open(with_auto_organizer(grace))
    with ThreadPoolExecutor(2) as pool:
        chosen = [selection("09:00"), selection("10:00")]
        answers = list(pool.map(lambda one: application.client.select(opened, 1, one), chosen))
    service.work()
    events = grace.client.get("/v1/events", params={"tzid": "Etc/UTC", "include_managed": "true"}).json()["events"]
    assert sorted(one.status_code for one in answers) == [200, 422]
    assert [one["start"] for one in events] == [application.client.again(opened)["chosen_slot"]["start"]]


def test_18_another_applications_key_finds_nothing_to_read_list_or_select(service, application):
    opened = application.client.open(proposal())
    stranger = service.application().client
    read = stranger.get(f"{PATH}/{opened['scheduling_conversation_id']}")
    answers = [read, stranger.slots(opened, 1), stranger.select(opened, 1, selection("09:00"))]
    assert [(one.status_code, one.content) for one in answers] == [(404, b"")] * 3
    assert application.client.again(opened) == opened
