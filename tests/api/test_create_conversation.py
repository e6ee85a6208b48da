"""Opening a conversation: what is understood, what is refused and where, what is never taken from a request."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.make import at, person, proposal, text

PATH = "/v1/scheduling_conversations"
REQUIRED, FORMAT, RANGE = "errors.required", "errors.invalid_format", "errors.out_of_range"
TOO_MANY, TOO_LONG, PAIR = "errors.too_many", "errors.too_long", "errors.invalid_time_pair"
NINE, FIVE = text("09:00"), text("17:00")


def everyone(*changes):
    """The two participants, the n-th with the n-th change; a field that is ... is left out."""
    told = []
    for one, change in zip([person("@grace"), person("@karl")], [*changes, {}, {}], strict=False):
        told.append({name: value for name, value in {**one, **change}.items() if value is not ...})
    return {"participants": told}


def one_period(**changed):
    told = {"start": NINE, "end": FIVE, **changed}
    return {"available_periods": [{name: value for name, value in told.items() if value is not ...}]}


def start_of(value):
    return one_period(start=value), {"available_periods[0].start": [FORMAT]}


def method(value, key=FORMAT):
    return everyone({}, {"slots": {"selection_method": value}}), {"participants[1].slots.selection_method": [key]}


def duration(value, key):
    return {"required_duration": value}, {"required_duration": [key]}


def location(value, path, key=FORMAT):
    return {"event": {"location": value}}, {f"event.location{path}": [key]}


NOBODY = {"participant_id": ..., "sub": ..., "email": ...}

VIOLATIONS = {
    "participants absent": ({"participants": None}, {"participants": [REQUIRED]}),
    "participants empty": ({"participants": []}, {"participants": [REQUIRED]}),
    "participants an object": ({"participants": {}}, {"participants": [FORMAT]}),
    "participants a number": ({"participants": 0}, {"participants": [FORMAT]}),
    "participants a boolean": ({"participants": False}, {"participants": [FORMAT]}),
    "participants a text": ({"participants": "@grace"}, {"participants": [FORMAT]}),
    "a participant a text": ({"participants": [person("@grace"), "@karl"]}, {"participants[1]": [FORMAT]}),
    "the organizer a number": ({"participants": [7, person("@karl")]}, {"participants[0]": [FORMAT]}),
    "a third participant": ({"participants": [person(name) for name in "abc"]}, {"participants": [TOO_MANY]}),
    "nothing to call a participant": (everyone({}, NOBODY), {"participants[1]": [REQUIRED]}),
    "nobody has a name": (everyone(NOBODY, NOBODY), {"participants[0]": [REQUIRED], "participants[1]": [REQUIRED]}),
    "participant_id a number": (everyone({}, {"participant_id": 7}), {"participants[1].participant_id": [FORMAT]}),
    "participant_ids numbers": (
        everyone({"participant_id": 7}, {"participant_id": 8}),
        {"participants[0].participant_id": [FORMAT], "participants[1].participant_id": [FORMAT]},
    ),
    "participant_id too long": (
        everyone({}, {"participant_id": "x" * 257}),
        {"participants[1].participant_id": [TOO_LONG]},
    ),
    "participant_id with a null": (
        everyone({}, {"participant_id": "a\0b"}),
        {"participants[1].participant_id": [FORMAT]},
    ),
    "participant_id repeated": (everyone({}, {"participant_id": "@grace"}), {"participants[1]": ["errors.not_unique"]}),
    "sub a number": (everyone({}, {"sub": 7}), {"participants[1].sub": [FORMAT]}),
    "sub not ASCII": (everyone({}, {"sub": "acc_é"}), {"participants[1].sub": [FORMAT]}),
    "sub unknown": (everyone({}, {"sub": "acc_0"}), {"participants[1].sub": ["errors.not_recognized"]}),
    "email without at": (everyone({}, {"email": "karl"}), {"participants[1].email": [FORMAT]}),
    "email with a space": (everyone({}, {"email": "karl c@example.org"}), {"participants[1].email": [FORMAT]}),
    "email with two addresses": (everyone({}, {"email": "a@b.org,c@d.org"}), {"participants[1].email": [FORMAT]}),
    "email with a line break": (everyone({}, {"email": "a@b.org\nBcc: x"}), {"participants[1].email": [FORMAT]}),
    "email a list": (everyone({}, {"email": ["a@b.org"]}), {"participants[1].email": [FORMAT]}),
    "email too long": (everyone({}, {"email": f"a@{'b' * 253}"}), {"participants[1].email": [TOO_LONG]}),
    "emails the same": (
        everyone({"participant_id": ..., "email": "A@b.org"}, {"participant_id": ..., "email": "a@B.org"}),
        {"participants[1]": ["errors.not_unique"]},
    ),
    "organizer without a name": (everyone({"common_name": ...}), {"participants[0].common_name": [REQUIRED]}),
    "organizer's name empty": (everyone({"common_name": ""}), {"participants[0].common_name": [REQUIRED]}),
    "organizer's name a number": (everyone({"common_name": 7}), {"participants[0].common_name": [FORMAT]}),
    "name too long": (everyone({}, {"common_name": "x" * 257}), {"participants[1].common_name": [TOO_LONG]}),
    "managed_availability a text": (
        everyone({}, {"managed_availability": "true"}),
        {"participants[1].managed_availability": ["errors.must_be_boolean"]},
    ),
    "managed_availability a number": (
        everyone({"managed_availability": 1}),
        {"participants[0].managed_availability": ["errors.must_be_boolean"]},
    ),
    "slots a text": (everyone({}, {"slots": "auto"}), {"participants[1].slots": [FORMAT]}),
    "selection_method unknown": method("magic", "errors.not_recognized"),
    "selection_method in capitals": method("AUTO", "errors.not_recognized"),
    "selection_method a list": method(["auto"]),
    "auto without an account": method("auto", "errors.not_supported"),
    "members": (everyone({}, {"members": []}), {"participants[1].members": ["errors.not_supported"]}),
    "tzid absent": ({"tzid": None}, {"tzid": [REQUIRED]}),
    "tzid unknown": ({"tzid": "Mars/Olympus"}, {"tzid": ["errors.tzid_unrecognized"]}),
    "tzid in small letters": ({"tzid": "america/chicago"}, {"tzid": ["errors.tzid_unrecognized"]}),
    "tzid a path": ({"tzid": "../etc/passwd"}, {"tzid": ["errors.tzid_unrecognized"]}),
    "tzid an offset": ({"tzid": "+02:00"}, {"tzid": ["errors.tzid_unrecognized"]}),
    "tzid a list": ({"tzid": ["Etc/UTC"]}, {"tzid": [FORMAT]}),
    "subject a number": ({"subject": 7}, {"subject": [FORMAT]}),
    "subject too long": ({"subject": "x" * 1025}, {"subject": [TOO_LONG]}),
    "subject with a null": ({"subject": "\0"}, {"subject": [FORMAT]}),
    "event a text": ({"event": "lunch"}, {"event": [FORMAT]}),
    "event a list": ({"event": []}, {"event": [FORMAT]}),
    "location a text": location("Room 4", ""),
    "location too long": location({"description": "x" * 513}, ".description", TOO_LONG),
    "location a number": location({"description": 4}, ".description"),
    "latitude a number": location({"lat": 51.5, "long": "0"}, ".lat"),
    "latitude too far": location({"lat": "90.5"}, ".lat"),
    "longitude too far": location({"long": "-181"}, ".long"),
    "longitude words": location({"long": "west"}, ".long"),
    "duration absent": duration(None, REQUIRED),
    "duration a number": duration(60, FORMAT),
    "duration a text": duration("PT1H", FORMAT),
    "duration empty": duration({}, REQUIRED),
    "duration zero": duration({"minutes": 0}, RANGE),
    "duration zero hours": duration({"hours": 0}, RANGE),
    "duration negative": duration({"minutes": -30}, RANGE),
    "duration partly negative": duration({"hours": 1, "minutes": -30}, RANGE),
    "duration too long": duration({"minutes": 1441}, RANGE),
    "duration too many hours": duration({"hours": 24, "minutes": 1}, RANGE),
    "sixty minutes beside hours": duration({"hours": 1, "minutes": 60}, FORMAT),
    "sixty minutes beside no hours": duration({"hours": 0, "minutes": 60}, FORMAT),
    "minutes a text": duration({"minutes": "60"}, FORMAT),
    "minutes a fraction": duration({"minutes": 60.5}, FORMAT),
    "minutes a boolean": duration({"minutes": True}, FORMAT),
    "minutes beyond 32 bits": duration({"minutes": 2**31}, FORMAT),
    "periods absent": ({"available_periods": None}, {"available_periods": [REQUIRED]}),
    "periods empty": ({"available_periods": []}, {"available_periods": [REQUIRED]}),
    "periods an object": ({"available_periods": {"start": NINE, "end": FIVE}}, {"available_periods": [FORMAT]}),
    "a period a text": ({"available_periods": [NINE]}, {"available_periods[0]": [FORMAT]}),
    "start absent": (one_period(start=...), {"available_periods[0].start": [REQUIRED]}),
    "end absent": (one_period(end=...), {"available_periods[0].end": [REQUIRED]}),
    "start a number": start_of(at("09:00")),
    "start a date": start_of("2031-05-05"),
    "start without offset": start_of("2031-05-05T09:00:00"),
    "start with half a second": start_of("2031-05-05T09:00:00.5Z"),
    "start with a millisecond": start_of("2031-05-05T09:00:00.001Z"),
    "start on no day": start_of("2031-02-30T09:00:00Z"),
    "start at no hour": start_of("2031-05-05T25:00:00Z"),
    "start in words": start_of("tomorrow"),
    "start with more behind": start_of("2031-05-05T09:00:00Z\n"),
    "start in the year 0": start_of("0000-01-01T00:00:00Z"),
    "start with an offset out of reach": start_of("0001-01-01T00:00:00+23:00"),
    "start with a wide offset": start_of("2031-05-05T09:00:00+24:00"),
    "start with other digits": start_of("２０３１-05-05T09:00:00Z"),
    "start past": (
        one_period(start="2031-05-04T11:58:59Z"),
        {"available_periods[0].start": ["errors.must_be_in_future"]},
    ),
    "end 59 seconds later": (one_period(end="2031-05-05T09:00:59Z"), {"available_periods[0].end": [PAIR]}),
    "end before start": (one_period(end=text("08:00")), {"available_periods[0].end": [PAIR]}),
    "end after 35 days": (one_period(end="2031-06-09T09:00:01Z"), {"available_periods[0].end": [RANGE]}),
    "second end after 35 days": (
        {"available_periods": [{"start": NINE, "end": FIVE}, {"start": text("09:00", 34), "end": text("09:01", 35)}]},
        {"available_periods[1].end": [RANGE]},
    ),
    "all beyond 201 days": (
        one_period(start=text("09:00", 201), end=text("17:00", 201)),
        {"available_periods[0].end": [RANGE]},
    ),
    "eleven periods": ({"available_periods": [{"start": NINE, "end": FIVE}] * 11}, {"available_periods": [TOO_MANY]}),
}


@pytest.mark.parametrize(("changed", "expected"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_mistake_is_refused_at_its_field(application, changed, expected):
    answer = application.client.post(PATH, json=proposal(**changed))
    assert (answer.status_code, error_keys(answer)) == (422, expected)
    assert application.client.get(PATH).json()["scheduling_conversations"] == []


def test_everything_missing_is_told_at_once(application):
    answer = application.client.post(PATH, json={})
    wanted = ("participants", "tzid", "required_duration", "available_periods")
    assert error_keys(answer) == {name: [REQUIRED] for name in wanted}


def test_mistakes_of_every_kind_are_told_at_once_accounts_included(service, application):
    stranger = service.person(service.application(), address())
    wrong = [
        {"sub": stranger.sub, "managed_availability": "yes"},
        {"sub": "acc_0", "email": "?", "slots": {"selection_method": "never"}},
    ]
    told = {
        "participants": wrong,
        "tzid": 7,
        "subject": 7,
        "event": 7,
        "required_duration": 7,
        "available_periods": [7, {"start": 7, "end": NINE}],
    }
    assert error_keys(application.client.post(PATH, json=told)) == {
        "participants[0].sub": ["errors.not_recognized"],
        "participants[0].managed_availability": ["errors.must_be_boolean"],
        "participants[0].common_name": [REQUIRED],
        "participants[1].sub": ["errors.not_recognized"],
        "participants[1].email": [FORMAT],
        "participants[1].slots.selection_method": ["errors.not_recognized"],
        "tzid": [FORMAT],
        "subject": [FORMAT],
        "event": [FORMAT],
        "required_duration": [FORMAT],
        "available_periods[0]": [FORMAT],
        "available_periods[1].start": [FORMAT],
    }


def test_no_more_than_a_hundred_mistakes_are_told(service):
    application = service.application(max_participants=100)
    people = [{"participant_id": str(n), "common_name": 7, "email": 7} for n in range(100)]
    answer = application.client.post(PATH, json=proposal(*people))
    assert sum(len(found) for found in answer.json()["errors"].values()) == 100


def test_an_account_that_another_application_acts_for_is_not_recognized(service, application):
    stranger = service.person(service.application(), address())
    people = [person("@grace"), {"sub": stranger.sub}]
    assert error_keys(application.client.post(PATH, json=proposal(*people))) == {
        "participants[1].sub": ["errors.not_recognized"]
    }


def test_an_address_of_an_account_that_another_application_acts_for_is_only_an_address(service, application):
    stranger = service.person(service.application(), address())
    people = [person("@grace"), {"email": stranger.email, "slots": {"selection_method": "auto"}}]
    assert error_keys(application.client.post(PATH, json=proposal(*people))) == {
        "participants[1].slots.selection_method": ["errors.not_supported"]
    }


def test_an_address_is_not_a_sub(application, grace):
    answer = application.client.post(PATH, json=proposal(person("@grace"), {"sub": grace.email}))
    assert error_keys(answer) == {"participants[1].sub": ["errors.not_recognized"]}


def test_one_account_cannot_take_part_twice(application, grace):
    people = [person("@grace", sub=grace.sub), {"email": grace.email.upper()}]
    answer = application.client.post(PATH, json=proposal(*people))
    assert error_keys(answer) == {"participants[1]": ["errors.not_unique"]}


def test_an_address_of_an_account_is_enough_for_auto(application, grace):
    people = [{"email": grace.email, "common_name": "Grace", "slots": {"selection_method": "auto"}}]
    told = application.client.open(proposal(*people))
    assert (told["status"], told["chosen_slot"]["start"]) == ("complete", NINE)


def test_the_same_text_as_two_kinds_of_name_are_two_people(application, grace):
    people = [person(grace.sub), {"sub": grace.sub}]
    assert application.client.post(PATH, json=proposal(*people)).status_code == 200


def test_what_the_server_decides_is_not_taken_from_the_request(application):
    forged = {
        "scheduling_conversation_id": "scv_ffffffffffffffffffffffff",
        "status": "complete",
        "application": "other",
        "application_id": "other",
        "creator": 1,
        "chosen": at("09:00"),
        "chosen_slot": {"slot_id": f"slt_{at('09:00')}", "start": NINE, "end": FIVE},
        "version": 9,
    }
    forged_person = {
        "status": "complete",
        "possible_actions": {"slots_select": {"url": "https://evil.example"}},
        "page_url": "https://evil.example",
        "account": 1,
        "turn": 9,
        "generation": 9,
        "selected": [at("09:00")],
        "slots": {"selection_method": "manual", "selected": [{"slot_id": f"slt_{at('09:00')}"}]},
    }
    plain = application.client.open(proposal())
    told = application.client.open(proposal(**everyone(forged_person, forged_person), **forged))
    assert without_ids(told) == without_ids(plain)
    assert told["scheduling_conversation_id"] != forged["scheduling_conversation_id"]


def without_ids(told):
    """The conversation with its id and its participants' codes left out of every text."""
    identifier = told["scheduling_conversation_id"]
    people = [
        {**one, "page_url": one["page_url"].rpartition(".")[0].replace(identifier, "ID"), "possible_actions": ...}
        for one in told["participants"]
    ]
    paths = [one["possible_actions"]["slots_list"]["url"].replace(identifier, "ID") for one in told["participants"]]
    rest = {name: told[name] for name in told if name not in ("scheduling_conversation_id", "scheduling_conversation")}
    return {**rest, "participants": people}, paths


def test_a_conversation_tells_exactly_what_was_asked_and_what_was_decided(service, application):
    event = {"location": {"description": "Room 4", "lat": "51.5", "long": "-0.12"}, "summary": "ignored"}
    people = [{**person("@grace"), "email": "g@example.org"}, {"email": "k@example.org"}]
    told = application.client.open(proposal(*people, event=event))["scheduling_conversation"]
    slots = f"{service.url}{PATH}/{told['scheduling_conversation_id']}/participants/{{}}/slots"
    manual = {
        "managed_availability": False,
        "slots": {"selection_method": "manual"},
        "slot_choice": {"method": "manual"},
        "status": "needs_action",
    }
    actions = [{"slots_list": {"url": slots.format(n)}, "slots_select": {"url": slots.format(n)}} for n in range(2)]
    pages = [one.pop("page_url") for one in told["participants"]]
    assert told == {
        "scheduling_conversation_id": told["scheduling_conversation_id"],
        "participants": [
            {"participant_id": "@grace", "email": "g@example.org", "common_name": "Grace", **manual}
            | {"possible_actions": actions[0]},
            {"email": "k@example.org", **manual, "possible_actions": actions[1]},
        ],
        "tzid": "America/Chicago",
        "subject": "Roadmap",
        "event": {"location": event["location"]},
        "required_duration": {"minutes": 60},
        "available_periods": [{"start": NINE, "end": FIVE}],
        "status": "in_progress",
    }
    assert [page.startswith(f"{service.url}/c/") for page in pages] == [True, True]


def test_an_id_is_a_prefix_and_24_small_hexadecimal_digits(application):
    identifier = application.client.open(proposal())["scheduling_conversation_id"]
    assert identifier[:4] == "scv_"
    assert len(identifier) == 28
    assert set(identifier[4:]) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param({"slots": {"selection_method": "auto"}}, id="slots.selection_method"),
        pytest.param({"slots": {"choice_method": "auto"}}, id="slots.choice_method"),
        pytest.param({"slot_choice": {"method": "auto"}}, id="slot_choice.method"),
        pytest.param({"slot_choice_method": "auto"}, id="slot_choice_method"),
    ],
)
def test_every_spelling_of_the_method_is_understood(application, grace, spelling):
    people = [{"actor_id": "@grace", "sub": grace.sub, "common_name": "Grace", **spelling}, {"actor_id": "@karl"}]
    told = application.client.open({**proposal(), "participants": None, "actors": people})
    assert [one["participant_id"] for one in told["participants"]] == ["@grace", "@karl"]
    assert [one["slots"]["selection_method"] for one in told["participants"]] == ["auto", "manual"]
    assert [one["slot_choice"]["method"] for one in told["participants"]] == ["auto", "manual"]


def test_the_current_spelling_wins(application, grace):
    both = {
        "participant_id": "@now",
        "actor_id": "@then",
        "slots": {"selection_method": "manual", "choice_method": "auto"},
        "slot_choice": {"method": "auto"},
        "slot_choice_method": "auto",
    }
    told = application.client.open({**proposal(person("@grace"), both), "actors": [person("@ann")]})
    karl = told["participants"][1]
    assert (len(told["participants"]), karl["participant_id"], karl["slots"]) == (
        2,
        "@now",
        {"selection_method": "manual"},
    )


@pytest.mark.parametrize("current", [[], {}, ""], ids=["empty list", "object", "empty text"])
def test_participants_that_are_there_but_wrong_are_not_replaced_by_actors(application, current):
    wanted = 200 if current == "" else 422  # an empty text counts as absent
    answer = application.client.post(PATH, json={**proposal(), "participants": current, "actors": [person("@ann")]})
    assert answer.status_code == wanted


def test_mistakes_in_old_spellings_are_told_at_the_current_names(application):
    people = [{"actor_id": 7, "slot_choice_method": "never"}]
    answer = application.client.post(PATH, json={**proposal(), "participants": None, "actors": people})
    assert {"participants[0].slots.selection_method", "participants[0].common_name"} < set(error_keys(answer))


@pytest.mark.parametrize(
    ("limit", "body"),
    [
        pytest.param({"max_participants": 3}, {"participants": [person(name) for name in "abc"]}, id="participants"),
        pytest.param(
            {"max_periods_at_creation": 11},
            {"available_periods": [{"start": NINE, "end": FIVE}] * 11},
            id="periods",
        ),
        pytest.param({"max_days": 36}, one_period(end=text("09:00", 36)), id="days"),
    ],
)
def test_a_raised_limit_admits_what_the_default_refuses(service, application, limit, body):
    raised = service.application(**limit)
    answers = [one.client.post(PATH, json=proposal(**body)).status_code for one in (application, raised)]
    assert answers == [422, 200]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"required_duration": {"hours": 24}}, id="24 hours"),
        pytest.param({"required_duration": {"minutes": 1440}}, id="1440 minutes"),
        pytest.param({"required_duration": {"minutes": 1}}, id="a minute"),
        pytest.param({"required_duration": {"hours": 1, "minutes": None}}, id="null minutes"),
        pytest.param(one_period(start="2031-05-04T11:59:00Z"), id="a minute ago"),
        pytest.param(one_period(end="2031-05-05T09:01:00Z"), id="a minute long"),
        pytest.param(one_period(start="2031-05-05T09:00:00.000Z"), id="zero milliseconds"),
        pytest.param(one_period(start="2031-05-05 09:00:00 UTC"), id="spelt UTC"),
        pytest.param(one_period(start={"time": NINE, "tzid": "Europe/Paris"}), id="time and zone"),
        pytest.param({"subject": None, "event": None}, id="nulls"),
        pytest.param({"subject": "x" * 1024}, id="longest subject"),
        pytest.param({"event": {}}, id="empty event"),
        pytest.param({"event": {"location": None}}, id="null location"),
        pytest.param(everyone({"common_name": "x" * 256, "participant_id": "y/ö?#" + "y" * 251}), id="longest names"),
        pytest.param(everyone({}, {"common_name": ...}), id="guest without a name"),
        pytest.param(everyone({}, {"slots": None}), id="null slots"),
        pytest.param({"anything": {"else": [1, 2.5, None]}}, id="unknown fields"),
    ],
)
def test_what_is_just_allowed_is_accepted(application, changed):
    answer = application.client.post(PATH, json=proposal(**changed))
    assert answer.status_code == 200, answer.text


def test_only_auto_participants_agree_at_once_on_the_earliest_time(service, application, grace):
    karl = service.person(application, address())
    busy = {"event_id": "1", "summary": "Busy", "start": NINE, "end": text("10:30")}
    karl.client.post(f"/v1/calendars/{karl.calendar}/events", json=busy)
    told = application.client.open(proposal(person("@g", "auto", sub=grace.sub), person("@k", "auto", sub=karl.sub)))
    assert [told["status"], *(one["status"] for one in told["participants"])] == ["complete"] * 3
    assert told["chosen_slot"]["start"] == text("10:30")
    assert [one["slots"]["selected"][0]["start"] for one in told["participants"]] == [text("10:30")] * 2


def test_auto_participants_without_common_time_wait_until_there_is_some(service, application, grace):
    event = {"event_id": "1", "summary": "All of it", "start": NINE, "end": FIVE}
    events = f"/v1/calendars/{grace.calendar}/events"
    grace.client.post(events, json=event)
    opened = application.client.open(proposal(person("@g", "auto", sub=grace.sub)))
    grace.client.request("DELETE", events, json={"event_id": "1"})
    service.work()
    assert (opened["status"], opened["participants"][0]["status"]) == ("in_progress", "waiting")
    assert application.client.again(opened)["chosen_slot"]["start"] == NINE
