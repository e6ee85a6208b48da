"""When groups of people can meet, over HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import address, error_keys
from tests.make import at, text

NINE_TO_NOON = {"start": text("09:00"), "end": text("12:00")}


def span(start, end, *people):
    return {"start": text(start), "end": text(end), "participants": [{"sub": one.sub} for one in people]}


def query(*members, **changed):
    """Can all of them meet for an hour between nine and noon?"""
    groups = [{"members": [one if isinstance(one, dict) else {"sub": one.sub} for one in members], "required": "all"}]
    asked = {"participants": groups, "required_duration": {"minutes": 60}, "query_periods": [NINE_TO_NOON]}
    return {name: value for name, value in {**asked, **changed}.items() if value is not None}


def busy(person, start, end, calendar=None, **more):
    body = {"event_id": f"{start}-{end}", "summary": "Busy", "start": text(start), "end": text(end), **more}
    answer = person.client.post(f"/v1/calendars/{calendar or person.calendar}/events", json=body)
    assert answer.status_code == 202, answer.text


@pytest.fixture
def ask(application):
    """What the service answers the application."""

    def asked(*members, **changed):
        answer = application.client.post("/v1/availability", json=query(*members, **changed))
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asked


@pytest.fixture
def bo(service, application):
    """Somebody else with a calendar."""
    return service.person(application, address())


@pytest.fixture
def ten_to_eleven(grace):
    """Grace, busy from ten to eleven."""
    busy(grace, "10:00", "11:00")
    return grace


def test_periods_are_what_busy_time_leaves(ask, ten_to_eleven):
    left = [span("09:00", "10:00", ten_to_eleven), span("11:00", "12:00", ten_to_eleven)]
    assert ask(ten_to_eleven) == {"available_periods": left}


def test_a_period_shorter_than_the_duration_is_left_out(ask, ten_to_eleven):
    asked = [{"start": text("09:00"), "end": text("11:45")}]
    assert ask(ten_to_eleven, query_periods=asked) == {"available_periods": [span("09:00", "10:00", ten_to_eleven)]}


@pytest.mark.parametrize(
    ("changed", "starts"),
    [
        pytest.param({}, ["09:00", "11:00"], id="end to end"),
        pytest.param(
            {"required_duration": {"minutes": 20}}, ["09:00", "09:20", "09:40", "11:00", "11:20", "11:40"], id="short"
        ),
        pytest.param(
            {"required_duration": {"minutes": 20}, "start_interval": {"minutes": 30}},
            ["09:00", "09:30", "11:00", "11:30"],
            id="at an interval",
        ),
        pytest.param({"required_duration": {"minutes": 40}, "max_results": 1}, ["09:00"], id="no more than asked for"),
    ],
)
def test_slots_are_cut_from_each_gap(ask, ten_to_eleven, changed, starts):
    found = ask(ten_to_eleven, response_format="slots", **changed)["available_slots"]
    assert [one["start"] for one in found] == [text(one) for one in starts]


def test_overlapping_slots_start_every_half_hour(ask, grace):
    found = ask(grace, response_format="overlapping_slots")["available_slots"]
    assert [one["start"] for one in found] == [text(one) for one in ("09:00", "09:30", "10:00", "10:30", "11:00")]


def test_overlapping_slots_start_at_every_interval(ask, grace):
    found = ask(grace, response_format="overlapping_slots", start_interval={"hours": 1})["available_slots"]
    assert [one["start"] for one in found] == [text(one) for one in ("09:00", "10:00", "11:00")]


def test_query_slots_answers_which_of_them_are_free(ask, ten_to_eleven):
    starts = [{"start": text(one)} for one in ("11:00", "09:30", "09:00")]
    found = ask(ten_to_eleven, query_periods=None, query_slots=starts)
    assert found == {"available_slots": [span("09:00", "10:00", ten_to_eleven), span("11:00", "12:00", ten_to_eleven)]}


def test_available_periods_is_another_name_for_query_periods(ask, grace):
    found = ask(grace, query_periods=None, available_periods=[NINE_TO_NOON])
    assert found == {"available_periods": [span("09:00", "12:00", grace)]}


@pytest.mark.parametrize(
    ("buffer", "starts"),
    [
        pytest.param({}, ["09:00", "11:00"], id="none"),
        pytest.param({"before": {"minutes": 30}}, ["09:00", "11:30"], id="before a meeting"),
        pytest.param({"after": {"minutes": 10}}, ["11:00"], id="after a meeting"),
        pytest.param(
            {"before": {"minimum": {"minutes": 30}, "maximum": {"minutes": 45}}}, ["09:00", "11:30"], id="at least"
        ),
        pytest.param({"before": {"minutes": 0}, "after": {}}, ["09:00", "11:00"], id="of no length"),
    ],
)
def test_buffers_keep_other_meetings_away(ask, ten_to_eleven, buffer, starts):
    asked = [{"start": text("09:00"), "end": text("13:00")}]
    found = ask(ten_to_eleven, query_periods=asked, buffer=buffer, response_format="slots")["available_slots"]
    assert [one["start"] for one in found][: len(starts)] == [text(one) for one in starts]


def test_a_buffer_reaches_busy_time_outside_the_query(ask, grace):
    busy(grace, "08:00", "08:50")
    found = ask(grace, buffer={"before": {"minutes": 30}})
    assert found == {"available_periods": [span("09:20", "12:00", grace)]}


def test_one_of_two_is_enough_where_one_is_required_and_periods_tell_who(ask, ten_to_eleven, bo):
    busy(bo, "11:00", "12:00")
    groups = [{"members": [ten_to_eleven.sub, bo.sub], "required": 1}]
    found = ask(participants=groups)["available_periods"]
    both = [
        span("09:00", "10:00", ten_to_eleven, bo),
        span("10:00", "11:00", bo),
        span("11:00", "12:00", ten_to_eleven),
    ]
    assert found == both


def test_a_slot_needs_the_same_people_for_all_of_it(ask, ten_to_eleven, bo):
    busy(bo, "11:00", "12:00")
    groups = [{"members": [ten_to_eleven.sub, bo.sub], "required": 1}]
    found = ask(participants=groups, required_duration={"minutes": 90}, response_format="overlapping_slots")
    assert found == {"available_slots": [span("09:00", "10:30", bo), span("09:30", "11:00", bo)]}


def test_every_group_must_be_satisfied(ask, ten_to_eleven, bo):
    busy(bo, "09:00", "10:00")
    groups = [
        {"members": [{"sub": ten_to_eleven.sub}], "required": "all"},
        {"members": [{"sub": bo.sub}], "required": 1},
    ]
    assert ask(participants=groups) == {"available_periods": [span("11:00", "12:00", ten_to_eleven, bo)]}


@pytest.fixture
def ruled(grace):
    """Grace, open from nine to ten by one rule and from eleven to twelve by another."""
    for name, start, end in (("early", "09:00", "10:00"), ("late", "11:00", "12:00")):
        weekly = [{"day": "monday", "start_time": start, "end_time": end}]
        rule = {"availability_rule_id": name, "tzid": "Etc/UTC", "weekly_periods": weekly}
        assert grace.client.post("/v1/availability_rules", json=rule).status_code == 200
    return grace


@pytest.mark.parametrize(
    ("limits", "open_at"),
    [
        pytest.param({}, [("09:00", "12:00")], id="hours do not matter unless asked for"),
        pytest.param({"managed_availability": True}, [("09:00", "10:00"), ("11:00", "12:00")], id="all rules together"),
        pytest.param({"availability_rule_ids": ["late"]}, [("11:00", "12:00")], id="only the named rule"),
        pytest.param(
            {"available_periods": [{"start": text("08:00"), "end": text("10:30")}]},
            [("09:00", "10:30")],
            id="own periods",
        ),
        pytest.param(
            {"managed_availability": True, "available_periods": [{"start": text("09:30"), "end": text("12:00")}]},
            [("11:00", "12:00")],
            id="own periods inside the hours",
        ),
    ],
)
def test_a_members_hours_and_own_periods_limit_them(ask, ruled, limits, open_at):
    found = ask({"sub": ruled.sub, **limits})["available_periods"]
    assert found == [span(start, end, ruled) for start, end in open_at]


@pytest.mark.parametrize(
    ("named", "starts"),
    [
        pytest.param(True, ["09:00", "11:00"], id="the busy one"),
        pytest.param(False, ["09:00"], id="an empty list: none counts"),
    ],
)
def test_only_the_named_calendars_count(ask, ten_to_eleven, named, starts):
    calendars = [ten_to_eleven.calendar] if named else []
    found = ask({"sub": ten_to_eleven.sub, "calendar_ids": calendars})["available_periods"]
    assert [one["start"] for one in found] == [text(one) for one in starts]


def test_the_past_and_the_minute_that_runs_are_not_available(own_service, clock):
    application = own_service.application()
    grace = own_service.person(application)
    clock.instant = at("10:30") - 27
    found = application.client.post("/v1/availability", json=query(grace)).json()["available_periods"]
    assert found == [span("10:30", "12:00", grace)]


@pytest.mark.parametrize("buffer", [None, {"before": {"minutes": 30}, "after": {"minutes": 30}}])
@pytest.mark.parametrize("year", ["0001", "1500", "1969"])
def test_nothing_is_free_in_years_gone_by(ask, ruled, year, buffer):
    long_ago = [{"start": f"{year}-01-01T00:00:00Z", "end": f"{year}-01-02T00:00:00Z"}]
    grace = {"sub": ruled.sub, "managed_availability": True}
    assert ask(grace, query_periods=long_ago, buffer=buffer) == {"available_periods": []}


def test_somebody_in_many_groups_is_looked_up_once_and_found(ask, ten_to_eleven, bo):
    groups = [{"members": [{"sub": ten_to_eleven.sub}, {"sub": bo.sub}], "required": 2}] * 20
    left = [span("09:00", "10:00", ten_to_eleven, bo), span("11:00", "12:00", ten_to_eleven, bo)]
    assert ask(participants=groups) == {"available_periods": left}


def test_member_statuses_come_when_asked_for(ask, grace):
    assert ask(grace, include_member_statuses=True)["member_statuses"] == [{"sub": grace.sub, "sync_status": "active"}]


def test_nothing_found_is_an_empty_list_under_the_key_of_the_format(ask, grace):
    busy(grace, "08:00", "13:00")
    assert ask(grace) == {"available_periods": []}
    assert ask(grace, response_format="slots") == {"available_slots": []}


def test_an_access_token_may_ask_for_every_account_of_its_application(grace, bo):
    answer = grace.client.post("/v1/availability", json=query(grace, bo))
    assert answer.json() == {"available_periods": [span("09:00", "12:00", grace, bo)]}


LONG = text("09:00", 36)
DEEP = [{"start": text("09:00"), "end": LONG}]

CROWD = [{"members": [f"acc_{group}_{at}" for at in range(67)]} for group in range(3)]

VIOLATIONS = [
    ({"participants": None}, "participants", "errors.required"),
    ({"participants": [{"members": []}]}, "participants[0].members", "errors.required"),
    ({"participants": [{"members": [7]}]}, "participants[0].members[0]", "errors.invalid_format"),
    ({"participants": [{"members": ["acc_nobody"]}]}, "participants[0].members[0].sub", "errors.not_recognized"),
    ({"participants": [{"members": [{}]}]}, "participants[0].members[0].sub", "errors.required"),
    ({"participants": CROWD}, "participants", "errors.too_many"),
    ({"required_duration": None}, "required_duration", "errors.required"),
    ({"required_duration": {"minutes": 0}}, "required_duration", "errors.out_of_range"),
    ({"query_periods": None}, "query_periods", "errors.required"),
    ({"query_periods": []}, "query_periods", "errors.required"),
    ({"query_periods": [NINE_TO_NOON] * 51}, "query_periods", "errors.too_many"),
    ({"query_periods": DEEP}, "query_periods[0].end", "errors.out_of_range"),
    (
        {"query_periods": [{"start": text("09:00"), "end": text("09:00")}]},
        "query_periods[0].end",
        "errors.invalid_time_pair",
    ),
    ({"query_slots": [{"start": text("09:00")}]}, "query_slots", "errors.not_supported"),
    ({"start_interval": {"minutes": 7}}, "start_interval", "errors.not_recognized"),
    ({"buffer": {"before": {"minutes": -1}}}, "buffer.before", "errors.out_of_range"),
    (
        {"buffer": {"after": {"minimum": {"minutes": 9}, "maximum": {"minutes": 8}}}},
        "buffer.after.maximum",
        "errors.out_of_range",
    ),
    ({"buffer": []}, "buffer", "errors.invalid_format"),
    ({"max_results": 0}, "max_results", "errors.out_of_range"),
    ({"max_results": 513}, "max_results", "errors.out_of_range"),
    ({"response_format": "weeks"}, "response_format", "errors.not_recognized"),
    ({"include_member_statuses": "yes"}, "include_member_statuses", "errors.must_be_boolean"),
]


@pytest.mark.parametrize(("changed", "field", "key"), VIOLATIONS, ids=[f"{row[1]} {row[2]}" for row in VIOLATIONS])
def test_what_is_wrong_is_named(application, grace, changed, field, key):
    answer = application.client.post("/v1/availability", json=query(grace, **changed))
    assert answer.status_code == 422
    assert error_keys(answer)[field] == [key]


@pytest.mark.parametrize(
    ("member", "field", "key"),
    [
        pytest.param({"calendar_ids": ["cal_none"]}, "calendar_ids", "errors.invalid_calendar_ids", id="calendar"),
        pytest.param({"availability_rule_ids": ["none"]}, "availability_rule_ids", "errors.not_recognized", id="rule"),
        pytest.param({"managed_availability": "yes"}, "managed_availability", "errors.must_be_boolean", id="flag"),
    ],
)
def test_what_is_wrong_with_a_member_is_named(application, grace, member, field, key):
    answer = application.client.post("/v1/availability", json=query({"sub": grace.sub, **member}))
    assert error_keys(answer) == {f"participants[0].members[0].{field}": [key]}


@pytest.mark.parametrize("required", [0, 3, "some"], ids=str)
def test_a_group_cannot_require_nobody_or_more_than_it_has(application, grace, bo, required):
    groups = [{"members": [grace.sub, bo.sub], "required": required}]
    answer = application.client.post("/v1/availability", json=query(participants=groups))
    assert list(answer.json()["errors"]) == ["participants[0].required"]


def test_an_account_of_another_application_is_not_recognized(service, application, bo):
    other = service.application()
    answer = other.client.post("/v1/availability", json=query(bo))
    assert list(answer.json()["errors"]) == ["participants[0].members[0].sub"]


def test_booked_time_counts_whatever_calendars_are_named(application, grace):
    body = {
        "participants": [{"sub": grace.sub, "common_name": "Grace", "slots": {"selection_method": "auto"}}],
        "tzid": "Etc/UTC",
        "required_duration": {"minutes": 60},
        "available_periods": [{"start": text("09:00"), "end": text("10:00")}],
    }
    assert application.client.open(body)["status"] == "complete"
    asked = query({"sub": grace.sub, "calendar_ids": []})
    found = application.client.post("/v1/availability", json=asked).json()["available_periods"]
    assert [one["start"] for one in found] == [text("10:00")]
