"""A conversation's JSON: every spelling of a request, and what each reader of a conversation sees."""

import json
from dataclasses import replace

import pytest

from parley.core.access import Standing
from parley.core.conversation import Change, Entry, EventDetails, Location, Method, Type
from parley.core.errors import Invalid
from parley.core.limits import Limits
from parley.core.periods import Period
from parley.wire.conversations import (
    envelope,
    mentioned,
    read_proposal,
    slots_path,
    write_conversation,
    write_history,
)
from tests.make import MONDAY, SUNDAY_NOON, at, auto, conversation, manual, period, person, proposal, text

KNOWN = {("sub", "acc_grace"): 1, ("email", "grace@example.org"): 1, ("email", "karl@example.org"): 2}
TEN_PEOPLE = Limits(max_participants=10)


def read(values, allowed=TEN_PEOPLE):
    return read_proposal(values, KNOWN, allowed, SUNDAY_NOON)


def faults(values, allowed=TEN_PEOPLE):
    with pytest.raises(Invalid) as refusal:
        read(values, allowed)
    return [(one.path, one.key.removeprefix("errors.")) for one in refusal.value.faults]


def first(**named):
    """The first participant that is read from these fields."""
    return read(proposal({"common_name": "Grace", **named})).participants[0]


def test_a_request_is_read_as_documented():
    read_one = read(proposal(person("@grace", "auto", sub="acc_grace", managed_availability=True), person("@karl")))
    grace, karl = read_one.participants
    assert (grace.participant_id, grace.sub, grace.common_name) == ("@grace", "acc_grace", "Grace")
    assert (grace.method, grace.account, grace.managed_availability) == (Method.AUTO, 1, True)
    assert (karl.method, karl.account, karl.managed_availability) == (Method.MANUAL, None, False)
    assert (read_one.tzid, read_one.subject, read_one.event) == ("America/Chicago", "Roadmap", None)
    assert (read_one.duration, read_one.periods) == (3600, (period("09:00", "17:00"),))


def test_what_is_ours_to_decide_is_not_read_from_a_request():
    decided = {"status": "complete", "chosen_slot": {"slot_id": "slt_1"}, "scheduling_conversation_id": "scv_mine"}
    people = [person("@grace", selected=["slt_1"], status="complete", account=7, generation=3)]
    assert read(proposal(*people, **decided)) == read(proposal(person("@grace")))


AUTO = {"participant_id": "@grace", "sub": "acc_grace"}


@pytest.mark.parametrize(
    ("named", "method"),
    [
        pytest.param({}, "manual", id="nothing"),
        pytest.param({"slots": {}}, "manual", id="an empty object"),
        pytest.param({"slots": {"selection_method": "auto"}}, "auto", id="slots.selection_method"),
        pytest.param({"slots": {"choice_method": "auto"}}, "auto", id="slots.choice_method"),
        pytest.param({"slot_choice": {"method": "auto"}}, "auto", id="slot_choice.method"),
        pytest.param({"slot_choice_method": "auto"}, "auto", id="slot_choice_method"),
        pytest.param(
            {"slots": {"selection_method": "manual", "choice_method": "auto"}, "slot_choice": {"method": "auto"}},
            "manual",
            id="the current spelling wins",
        ),
        pytest.param(
            {"slots": {"selection_method": ""}, "slot_choice": {"method": "auto"}}, "auto", id="where it says something"
        ),
    ],
)
def test_a_method_is_read_in_every_spelling(named, method):
    assert first(**AUTO, **named).method == method


def test_the_earliest_drafts_called_participants_actors():
    actors = [{"actor_id": "@grace", "common_name": "Grace", "slot_choice_method": "manual"}, {"actor_id": "@karl"}]
    drafted = proposal(actors=actors) | {"participants": None}
    assert [one.participant_id for one in read(drafted).participants] == ["@grace", "@karl"]
    assert [one.participant_id for one in read(proposal(actors=actors)).participants] == ["@grace", "@karl"]
    assert first(participant_id="@ada", actor_id="@bo").participant_id == "@ada"


@pytest.mark.parametrize(
    ("named", "account"),
    [
        ({"participant_id": "@a"}, None),
        ({"sub": "acc_grace"}, 1),
        ({"participant_id": "@a", "sub": "acc_grace"}, 1),
        ({"email": "karl@example.org"}, 2),
        ({"email": "Karl@Example.ORG"}, 2),
        ({"email": "stranger@example.org"}, None),
        ({"sub": "acc_grace", "email": "karl@example.org"}, 1),
        ({"participant_id": "@a", "email": ""}, None),
    ],
    ids=str,
)
def test_an_account_is_found_by_sub_and_else_by_address(named, account):
    assert first(**named).account == account


def test_every_sub_and_address_is_looked_up_before_the_request_is_read():
    people = [{"sub": "acc_1"}, {"email": "Karl@Example.org"}, "nobody", {"sub": 5, "email": None}]
    assert mentioned({"participants": people}) == {("sub", "acc_1"), ("email", "karl@example.org")}
    assert mentioned({"participants": "nobody"}) == mentioned({}) == set()


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param([{"common_name": "Grace"}], [("participants[0]", "required")], id="nobody in particular"),
        pytest.param([{"common_name": "Grace", "email": ""}], [("participants[0]", "required")], id="an empty address"),
        pytest.param(
            [person("@grace"), {}, {}],
            [("participants[1]", "required"), ("participants[2]", "required")],
            id="two of nobody in particular",
        ),
        pytest.param([{"participant_id": "@a"}], [("participants[0].common_name", "required")], id="no name"),
        pytest.param([person("@a"), person("@a")], [("participants[1]", "not_unique")], id="the same id"),
        pytest.param(
            [person("@a", email="grace@example.org"), person("@b", sub="acc_grace")],
            [("participants[1]", "not_unique")],
            id="the same account",
        ),
        pytest.param(
            [{"common_name": "A", "email": "a@b.c"}, {"email": "A@B.C"}],
            [("participants[1]", "not_unique")],
            id="the same address",
        ),
        pytest.param(
            [person("@a", sub="acc_stranger")], [("participants[0].sub", "not_recognized")], id="an unknown account"
        ),
        pytest.param(
            [person("@a", sub="grace@example.org")],
            [("participants[0].sub", "not_recognized")],
            id="an address is no sub",
        ),
        pytest.param([person("@a", sub="acc_ä")], [("participants[0].sub", "invalid_format")], id="a sub in letters"),
        pytest.param([person("@a", email="a")], [("participants[0].email", "invalid_format")], id="no address"),
        pytest.param(
            [person("@a", "auto")], [("participants[0].slots.selection_method", "not_supported")], id="auto, no account"
        ),
        pytest.param(
            [person("@a", "auto", email="stranger@example.org")],
            [("participants[0].slots.selection_method", "not_supported")],
            id="auto, an address without account",
        ),
        pytest.param(
            [person("@a", "maybe")], [("participants[0].slots.selection_method", "not_recognized")], id="no method"
        ),
        pytest.param([person("@a", slots=5)], [("participants[0].slots", "invalid_format")], id="slots are no object"),
        pytest.param(
            [person("@a", managed_availability="yes")],
            [("participants[0].managed_availability", "must_be_boolean")],
            id="managed is no boolean",
        ),
        pytest.param([person("@a", members=[])], [("participants[0].members", "not_supported")], id="a group"),
        pytest.param([person("@" + "a" * 256)], [("participants[0].participant_id", "too_long")], id="a long id"),
        pytest.param(
            [person("@a\0")],
            [("participants[0].participant_id", "invalid_format"), ("participants[0].common_name", "invalid_format")],
            id="null characters",
        ),
        pytest.param(["@a"], [("participants[0]", "invalid_format")], id="a text"),
        pytest.param([person(f"@{n}") for n in range(11)], [("participants", "too_many")], id="too many"),
    ],
)
def test_each_fault_of_a_participant_is_told_at_its_place(people, expected):
    assert sorted(faults(proposal(*people))) == sorted(expected)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"participants": []}, [("participants", "required")], id="no participants"),
        pytest.param({"participants": {}}, [("participants", "invalid_format")], id="participants in an object"),
        pytest.param({"tzid": None}, [("tzid", "required")], id="no zone"),
        pytest.param({"tzid": "Mars/Olympus"}, [("tzid", "tzid_unrecognized")], id="an unknown zone"),
        pytest.param({"subject": "a" * 1025}, [("subject", "too_long")], id="a long subject"),
        pytest.param({"event": "lunch"}, [("event", "invalid_format")], id="an event that is no object"),
        pytest.param({"event": {"location": "here"}}, [("event.location", "invalid_format")], id="a place in words"),
        pytest.param(
            {"event": {"location": {"lat": 5, "long": "181"}}},
            [("event.location.lat", "invalid_format"), ("event.location.long", "invalid_format")],
            id="a place off the map",
        ),
        pytest.param({"required_duration": {"minutes": 0}}, [("required_duration", "out_of_range")], id="no time"),
        pytest.param(
            {"required_duration": {"hours": 1, "minutes": 60}}, [("required_duration", "invalid_format")], id="1 h 60"
        ),
        pytest.param({"available_periods": []}, [("available_periods", "required")], id="no periods"),
        pytest.param(
            {"available_periods": [{"start": text("09:00"), "end": text("17:00")}] * 11},
            [("available_periods", "too_many")],
            id="eleven periods",
        ),
    ],
)
def test_each_fault_of_a_request_is_told_at_its_place(changed, expected):
    assert sorted(faults(proposal(**changed))) == expected


def test_all_faults_are_told_at_once():
    wrong = proposal({"email": "a"}, tzid="Mars", subject=5, required_duration={}, available_periods=[{}])
    assert sorted(path for path, _ in faults(wrong)) == [
        "available_periods[0].end",
        "available_periods[0].start",
        "participants[0].common_name",
        "participants[0].email",
        "required_duration",
        "subject",
        "tzid",
    ]


def span(start, end):
    """One period from and to times as text."""
    return proposal(available_periods=[{"start": start, "end": end}])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param("2031-05-04T12:00:00Z", "2031-05-04T12:01:00Z", None, id="now, for a minute"),
        pytest.param("2031-05-04T11:59:00Z", "2031-05-04T13:00:00Z", None, id="a minute ago, by another clock"),
        pytest.param("2031-05-04T11:58:59Z", "2031-05-04T13:00:00Z", ("start", "must_be_in_future"), id="past"),
        pytest.param("2031-05-05T09:00:00Z", "2031-05-05T09:00:59Z", ("end", "invalid_time_pair"), id="59 seconds"),
        pytest.param("2031-05-05T09:00:00Z", "2031-05-05T08:00:00Z", ("end", "invalid_time_pair"), id="backwards"),
        pytest.param("2031-05-05T09:00:00Z", "2031-06-09T09:00:00Z", None, id="35 days"),
        pytest.param("2031-05-05T09:00:00Z", "2031-06-09T09:00:01Z", ("end", "out_of_range"), id="a second more"),
        pytest.param("2031-11-20T12:00:00Z", "2031-11-21T12:00:00Z", None, id="201 days ahead"),
        pytest.param("2031-11-20T12:00:00Z", "2031-11-21T12:00:01Z", ("end", "out_of_range"), id="a second further"),
        pytest.param("2031-05-05", "2031-05-05T09:00:00Z", ("start", "invalid_format"), id="a date alone"),
        pytest.param("2031-05-05T09:00:00", "2031-05-05T10:00:00Z", ("start", "invalid_format"), id="no offset"),
        pytest.param("9999-12-31T23:00:00Z", "9999-12-31T23:59:59Z", ("end", "out_of_range"), id="the end of time"),
    ],
)
def test_a_period_lies_within_its_bounds(start, end, expected):
    values = span(start, end)
    if expected is None:
        assert len(read(values).periods) == 1
    else:
        assert faults(values) == [(f"available_periods[0].{expected[0]}", expected[1])]


def test_the_days_are_counted_from_the_earliest_start_of_all_periods():
    two = [("2031-06-08T09:00:00Z", "2031-06-09T09:00:01Z"), ("2031-05-05T09:00:00Z", "2031-05-05T10:00:00Z")]
    values = proposal(available_periods=[{"start": start, "end": end} for start, end in two])
    assert faults(values) == [("available_periods[0].end", "out_of_range")]
    assert len(read(values, Limits(max_days=36)).periods) == 2


def test_limits_are_the_applications():
    assert faults(proposal(person("@a"), person("@b"), person("@c")), Limits()) == [("participants", "too_many")]
    ten = [{"start": text("09:00"), "end": text("17:00")}] * 10
    assert len(read(proposal(available_periods=ten)).periods) == 10
    assert len(read(proposal(available_periods=ten * 2), Limits(max_periods_at_creation=20)).periods) == 20


def test_a_place_is_read():
    place = {"description": "Room 4", "lat": "51.5", "long": "-0.12"}
    assert read(proposal(event={"location": place, "color": "red"})).event == EventDetails(
        Location("Room 4", "51.5", "-0.12")
    )
    assert read(proposal(event={})).event == EventDetails(None)


# What is told.

GRACE = replace(auto("@grace"), sub="acc_grace", email="grace@example.org", common_name="Grace")
KARL = replace(manual("@karl", "10:00", "11:00", turn=1), email="karl@example.org", managed_availability=True)
IDA = replace(manual("@ida"), email="ida@example.org")
TALK = conversation(GRACE, KARL, IDA, event=EventDetails(Location("Room 4")))
PAGES = ["https://p.example/c/0", "https://p.example/c/1", "https://p.example/c/2"]
OWNER, AS_KARL, AS_IDA = Standing(owner=True), Standing(False, 1), Standing(False, 2)
TEN = {"slot_id": f"slt_{at('10:00')}", "start": text("10:00"), "end": text("11:00")}
ELEVEN = {"slot_id": f"slt_{at('11:00')}", "start": text("11:00"), "end": text("12:00")}


def told(standing=OWNER, talk=TALK):
    return write_conversation(talk, standing, "https://p.example", PAGES)


def test_a_conversation_is_told_as_documented():
    written = told()
    url = f"https://p.example/v1/scheduling_conversations/{TALK.id}/participants/2/slots"
    del written["participants"][:2]
    assert written == {
        "scheduling_conversation_id": TALK.id,
        "participants": [
            {
                "participant_id": "@ida",
                "email": "ida@example.org",
                "common_name": "@ida",
                "managed_availability": False,
                "slots": {"selection_method": "manual"},
                "slot_choice": {"method": "manual"},
                "status": "needs_action",
                "possible_actions": {"slots_list": {"url": url}, "slots_select": {"url": url}},
                "page_url": "https://p.example/c/2",
            }
        ],
        "tzid": "America/Chicago",
        "subject": "Roadmap",
        "event": {"location": {"description": "Room 4"}},
        "required_duration": {"minutes": 60},
        "available_periods": [{"start": text("09:00"), "end": text("17:00")}],
        "status": "in_progress",
    }


def test_people_keep_their_order_and_say_where_they_stand():
    written = told()["participants"]
    assert [one["participant_id"] for one in written] == ["@grace", "@karl", "@ida"]
    assert [one["status"] for one in written] == ["waiting", "waiting", "needs_action"]
    assert [bool(one["possible_actions"]) for one in written] == [False, False, True]
    assert [one["slots"].get("selected") for one in written] == [None, [TEN, ELEVEN], None]
    assert [one["slots"]["selection_method"] for one in written] == ["auto", "manual", "manual"]
    assert [one["slot_choice"]["method"] for one in written] == ["auto", "manual", "manual"]


SECRETS = {"email", "sub", "page_url"}


@pytest.mark.parametrize(
    ("standing", "seen"),
    [
        pytest.param(OWNER, [SECRETS, {"email", "page_url"}, {"email", "page_url"}], id="the owner sees all"),
        pytest.param(AS_KARL, [set(), {"email", "page_url"}, set()], id="a participant sees their own"),
        pytest.param(AS_IDA, [set(), set(), {"email", "page_url"}], id="whoever it is"),
    ],
)
def test_who_sees_whose_address_and_links(standing, seen):
    assert [SECRETS & set(one) for one in told(standing)["participants"]] == seen


def test_a_participant_sees_neither_others_choices_nor_their_actions_before_agreement():
    written = told(AS_IDA)["participants"]
    assert [one["slots"].get("selected") for one in written] == [None, None, None]
    assert [bool(one["possible_actions"]) for one in written] == [False, False, True]
    assert [bool(one["possible_actions"]) for one in told(AS_KARL)["participants"]] == [False, False, False]
    assert told(AS_KARL)["participants"][1]["slots"]["selected"] == [TEN, ELEVEN]


@pytest.mark.parametrize("standing", [OWNER, AS_KARL, AS_IDA], ids=["owner", "karl", "ida"])
def test_after_agreement_everybody_sees_the_chosen_slot_as_everybodys(standing):
    written = told(standing, replace(TALK, chosen=at("10:00")))
    assert (written["status"], written["chosen_slot"]) == ("complete", {"available_slot_id": TEN["slot_id"], **TEN})
    assert [one["status"] for one in written["participants"]] == ["complete"] * 3
    assert [one["slots"]["selected"] for one in written["participants"]] == [[TEN]] * 3
    assert [one["possible_actions"] for one in written["participants"]] == [{}] * 3


def test_what_was_not_said_is_not_told():
    written = told(talk=replace(TALK, subject=None, event=None))
    assert not {"subject", "event", "chosen_slot"} & set(written)


def test_hours_and_minutes_come_back_as_minutes():
    assert told(talk=replace(TALK, duration=90 * 60))["required_duration"] == {"minutes": 90}


def test_the_envelope_holds_the_conversation_bare_and_wrapped():
    answer = json.loads(envelope(told()))
    assert answer.pop("scheduling_conversation") == answer == told()


def test_a_position_names_the_participant_in_a_path():
    assert slots_path("scv_1", 12) == "/v1/scheduling_conversations/scv_1/participants/12/slots"


def test_history_is_told_with_its_slots():
    entries = [
        Entry(1, SUNDAY_NOON, "api", Change(Type.CREATED)),
        Entry(2, MONDAY, "page", Change(Type.SELECTED, 1, (at("10:00"), at("11:00")))),
    ]
    assert write_history(entries, TALK) == [
        {"at": "2031-05-04T12:00:00Z", "type": "created", "participant": None, "channel": "api"},
        {
            "at": "2031-05-05T00:00:00Z",
            "type": "selected",
            "participant": 1,
            "channel": "page",
            "slots": [TEN, ELEVEN],
        },
    ]


def test_a_slot_is_as_long_as_the_duration():
    assert replace(TALK, duration=90 * 60).slot(at("10:00")) == Period(at("10:00"), at("11:30"))
