"""Open hours and the availability query as described for machines."""

from __future__ import annotations

from parley.api.openapi.shapes import (
    ACCEPTED,
    BOOLEAN,
    CALENDARS,
    FORMAT,
    GRACE,
    LATER_PAGE,
    LONG,
    MANY,
    ONE_PAGE,
    PAGE_TOKEN,
    PAIR,
    RANGE,
    REQUIRED,
    TZID,
    UNKNOWN,
    ZONE,
    Answer,
    Body,
    Operation,
    Operations,
    Schema,
    array,
    ascii_text,
    either,
    flag,
    integer,
    one_of,
    paged,
    record,
    ref,
    text,
)
from parley.core import limits
from parley.core.hours import DAYS
from parley.core.limits import DAY, Limits
from parley.wire.availability import CLOCK
from parley.wire.query import INTERVALS, OVERLAPPING, PERIODS, SLOTS

HOURS, QUERY = "Open hours", "Availability query"
RULES, STORED = "/v1/availability_rules", "/v1/available_periods"

CALENDAR_IDS = array(text(longest=limits.KEY_LENGTH), most=limits.CALENDAR_IDS)
PERIOD_ID = ascii_text("The application's own id; the same id replaces the period.", limits.ID_LENGTH)
WITHIN = f"Within {Limits().max_days} days of the earliest start and {limits.HORIZON // DAY} days from now."
GIVEN_PERIODS = array(ref("GivenPeriod"), least=1, most=limits.QUERY_PERIODS)
LENGTH = ref("GivenDuration", "0 minutes are possible here.")
BUFFER = either(
    record({}, {"hours": integer(least=0), "minutes": integer(least=0)}, "A duration, from 0 minutes."),
    record({}, {"minimum": LENGTH, "maximum": LENGTH}, "The minimum is what is kept."),
)

SCHEMAS: dict[str, Schema] = {
    "WeeklyPeriod": record(
        {
            "day": one_of(DAYS),
            "start_time": text(pattern=CLOCK.pattern, example="09:00"),
            "end_time": text("After start_time.", pattern=CLOCK.pattern, example="17:30"),
        }
    ),
    "AvailabilityRule": record(
        {
            "availability_rule_id": ascii_text(
                "The application's own id; the same id replaces the rule.", limits.ID_LENGTH
            ),
            "tzid": TZID,
            "weekly_periods": array(ref("WeeklyPeriod"), least=1, most=limits.WEEKLY_PERIODS),
        },
        {"calendar_ids": CALENDAR_IDS | {"minItems": 1, "description": "Whose events count as busy; else all do."}},
        "Weekly hours on the clock of a zone.",
    ),
    "NewAvailablePeriod": record(
        {
            "available_period_id": PERIOD_ID,
            "start": ref("GivenTime"),
            "end": ref("GivenTime", f"1 minute to {limits.LONGEST_AVAILABLE_PERIOD // DAY} days after start."),
        },
        {"tzid": TZID},
    ),
    "AvailablePeriod": record({"available_period_id": PERIOD_ID, "start": ref("Time"), "end": ref("Time")}),
    "PeriodDeletion": either(
        record({"available_period_id": text(longest=limits.ID_LENGTH)}), record({"delete_all": {"const": True}})
    ),
    "QueryMember": record(
        {"sub": ascii_text("An account that the application may act for.", limits.KEY_LENGTH)},
        {
            "managed_availability": flag("Only inside the stored open hours.", default=False),
            "availability_rule_ids": CALENDAR_IDS | {"description": "Only these rules; asks for open hours, too."},
            "available_periods": GIVEN_PERIODS | {"description": "Only inside these as well."},
            "calendar_ids": CALENDAR_IDS | {"description": "Only events of these calendars count, with `[]` none."},
        },
    ),
    "AvailabilityQuery": record(
        {
            "participants": array(
                record(
                    {
                        "members": array(
                            either(ref("QueryMember"), text("Just the sub.")), least=1, most=limits.QUERY_MEMBERS
                        )
                    },
                    {
                        "required": either(
                            {"const": "all"},
                            integer("How many of the group.", 1, limits.QUERY_MEMBERS),
                            description="Who must be free; `all` by default.",
                        )
                    },
                ),
                f"Groups, all of which must be satisfied. Up to {limits.QUERY_ACCOUNTS} accounts in all together.",
                least=1,
                most=limits.QUERY_GROUPS,
            ),
            "required_duration": ref("GivenDuration"),
        },
        {
            "query_periods": GIVEN_PERIODS | {"description": f"Needed, or `query_slots`. {WITHIN}"},
            "available_periods": GIVEN_PERIODS | {"description": "An older name for `query_periods`."},
            "query_slots": array(
                record({"start": ref("GivenTime")}),
                f"Instead of periods: which of these are possible. {WITHIN}",
                least=1,
                most=limits.QUERY_SLOTS,
            ),
            "start_interval": ref(
                "GivenDuration", f"Between starts: {', '.join(str(one) for one in INTERVALS)} minutes."
            ),
            "buffer": record({}, {"before": BUFFER, "after": BUFFER}, "Kept free of other meetings."),
            "max_results": integer(least=1, most=limits.QUERY_RESULTS) | {"default": limits.QUERY_RESULTS},
            "response_format": one_of((PERIODS, SLOTS, OVERLAPPING), default=PERIODS),
            "include_member_statuses": flag(default=False),
        },
    ),
    "FoundTime": record(
        {
            "start": ref("Time"),
            "end": ref("Time"),
            "participants": array(record({"sub": text()}), "Who is free for all of it.", least=1),
        }
    ),
    "FoundPeriods": record(
        {"available_periods": array(ref("FoundTime"), most=limits.QUERY_RESULTS)},
        {"member_statuses": array(ref("MemberStatus"))},
        "The answer for `periods`.",
    ),
    "FoundSlots": record(
        {"available_slots": array(ref("FoundTime"), most=limits.QUERY_RESULTS)},
        {"member_statuses": array(ref("MemberStatus"))},
        "The answer for `slots`, `overlapping_slots` and `query_slots`.",
    ),
    "MemberStatus": record({"sub": text(), "sync_status": text(example="active")}),
}

RULE = {
    "availability_rule_id": "work",
    "tzid": "America/Chicago",
    "weekly_periods": [{"day": "monday", "start_time": "09:00", "end_time": "12:30"}],
}
PERIOD = {"available_period_id": "open-day", "start": "2031-05-10T08:00:00Z", "end": "2031-05-10T12:00:00Z"}
TOLD_PERIODS = paged("available_periods", ref("AvailablePeriod"))
IN_PATH: dict[str, Schema] = {"id": text("The rule's id.", example="work")}
BOUND = either(ref("TimeText"), ref("Date"))

OPERATIONS: Operations = {
    ("GET", RULES): Operation(
        HOURS,
        "List availability rules",
        {
            200: Answer(
                "The application's rules for the account.",
                record({"availability_rules": array(ref("AvailabilityRule"), most=limits.RULES)}),
                {"availability_rules": [RULE]},
            )
        },
    ),
    ("POST", RULES): Operation(
        HOURS,
        "Store an availability rule",
        {200: Answer("The rule.", record({"availability_rule": ref("AvailabilityRule")}), {"availability_rule": RULE})},
        body=Body(ref("AvailabilityRule"), RULE),
        faults=(REQUIRED, FORMAT, LONG, MANY, ZONE, PAIR, UNKNOWN, CALENDARS),
    ),
    ("GET", RULES + "/{id:path}"): Operation(
        HOURS,
        "Read an availability rule",
        {200: Answer("The rule.", record({"availability_rule": ref("AvailabilityRule")}), {"availability_rule": RULE})},
        parameters=IN_PATH,
    ),
    ("DELETE", RULES + "/{id:path}"): Operation(HOURS, "Delete an availability rule", ACCEPTED, parameters=IN_PATH),
    ("GET", STORED): Operation(
        HOURS,
        "List available periods",
        {200: Answer("By start.", TOLD_PERIODS, {"pages": ONE_PAGE, "available_periods": [PERIOD]})},
        parameters={
            "tzid": TZID | {"description": "Needed with `from` or `to`: the zone in which a date begins."},
            "from": BOUND,
            "to": BOUND | {"description": "Not included."},
        },
        faults=(REQUIRED, FORMAT, LONG, ZONE),
    ),
    ("POST", STORED): Operation(
        HOURS,
        "Store an available period",
        ACCEPTED,
        body=Body(ref("NewAvailablePeriod"), PERIOD),
        faults=(REQUIRED, FORMAT, LONG, MANY, RANGE, ZONE, PAIR),
    ),
    ("DELETE", STORED): Operation(
        HOURS,
        "Delete available periods",
        ACCEPTED,
        "One, or all. A period that is not there is a success too.",
        body=Body(ref("PeriodDeletion"), {"available_period_id": "open-day"}),
        faults=(REQUIRED, FORMAT, LONG, BOOLEAN),
    ),
    ("GET", STORED + "/pages/{token}"): Operation(
        HOURS,
        "The next page of available periods",
        {200: Answer("A page.", TOLD_PERIODS, {"pages": LATER_PAGE, "available_periods": [PERIOD]})},
        parameters={"token": PAGE_TOKEN},
    ),
    ("POST", "/v1/availability"): Operation(
        QUERY,
        "When these people are free",
        {
            200: Answer(
                "One of two keys, `available_periods` or `available_slots`.",
                either(ref("FoundPeriods"), ref("FoundSlots")),
                {
                    "available_periods": [
                        {
                            "start": "2031-05-05T09:00:00Z",
                            "end": "2031-05-05T12:00:00Z",
                            "participants": [{"sub": GRACE}],
                        }
                    ]
                },
            )
        },
        "Books nothing, and opens no conversation.",
        body=Body(
            ref("AvailabilityQuery"),
            {
                "participants": [{"members": [{"sub": GRACE}], "required": "all"}],
                "required_duration": {"minutes": 60},
                "query_periods": [{"start": "2031-05-05T09:00:00Z", "end": "2031-05-05T12:00:00Z"}],
                "response_format": "periods",
            },
        ),
        faults=(
            *(REQUIRED, FORMAT, LONG, MANY, RANGE, BOOLEAN, PAIR, UNKNOWN, ZONE, CALENDARS),
            *("errors.not_unique", "errors.not_supported"),
        ),
    ),
}
