"""The running service against the oracle: some cases are stored, proposed and asked through the API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from parley import data_center
from parley.core.account import Calendar
from parley.core.periods import Period
from parley.settings import Settings
from parley.store import accounts, bookings
from parley.wire.reading import read_time
from parley.wire.writing import time_text
from tests import make
from tests.conftest import Application, Clock, Person, Service, served
from tests.oracle.case import Account, Case, Group, Member, Rule, Stretch
from tests.oracle.engine import as_json
from tests.oracle.generator import generated
from tests.oracle.oracle import judged

MINUTE = 60
SEED = int(os.environ.get("PARLEY_ORACLE_SEED", "20310505"))
FORMATS = (
    ("periods", "periods", False),
    ("slots", "slots", False),
    ("slots on an interval", "slots", True),
    ("overlapping", "overlapping_slots", False),
    ("overlapping on an interval", "overlapping_slots", True),
)
numbers = count()


@pytest.fixture(scope="module")
def standing() -> Iterator[Clock]:
    """The clock that the cases set one after the other."""
    return Clock()


@pytest.fixture(scope="module")
def one_service(tmp_path_factory: pytest.TempPathFactory, standing: Clock) -> Iterator[Service]:
    """The service that the cases share; each brings its own application and people."""
    dc = data_center.opened(Settings(data_dir=tmp_path_factory.mktemp("oracle") / "data", rate_limit="0"), now=standing)
    with served(dc, standing) as service:
        yield service
    dc.db.close()


@pytest.mark.parametrize("seed", range(SEED, SEED + 30))
def test_the_service_answers_as_the_oracle(one_service, standing, seed):
    case = storable(generated(seed))
    standing.instant = (min(start for start, _ in (*case.periods, *((one, 0) for one in case.starts))) - 30) * MINUTE
    standing.instant = min(standing.instant, case.now * MINUTE)
    application = one_service.application(max_participants=10)
    people = [stored(one_service, application, account) for account in case.accounts]
    conversation = application.client.open(proposed(case, people))
    standing.instant = case.now * MINUTE
    expected = judged(case, [])
    assert listed(application, conversation) == expected["listed"]
    for name, body in questions(case, people):
        assert found(application, people, body) == expected[name][:512], f"{name} of seed {seed}: {case}"


def storable(case: Case) -> Case:
    """The case as it can be stored and asked: no booking overlaps another, and nobody has chosen anything yet."""
    kept = tuple(replace(one, bookings=_apart(one.bookings)) for one in case.accounts)
    return replace(case, accounts=kept, standing=(), most=512)


def _apart(stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    kept: list[Stretch] = []
    for start, end in stretches:
        if all(end <= first or last <= start for first, last in kept):
            kept.append((start, end))
    return tuple(kept)


def stored(service: Service, application: Application, account: Account) -> Person:
    """The account with all its time, mostly written through the API."""
    person = service.person(application, f"oracle-{next(numbers)}@example.org", account.tzid or "Etc/UTC")
    calendars = {name: f"{name}_{person.key}" for name in ("cal_home", "cal_work", "cal_else")}
    service.dc.db.write(lambda tx: _add_calendars(tx, person, calendars, account))
    for at, event in enumerate(account.events):
        body = as_json(event) | {"event_id": f"event {at}"}
        done(person.client.post(f"/v1/calendars/{calendars[event.calendar]}/events", json=body))
    for rule in account.rules:
        done(person.client.post("/v1/availability_rules", json=_rule(rule, person)))
    for at, one in enumerate(account.periods):
        done(person.client.post("/v1/available_periods", json={"available_period_id": str(at), **_stretch(one)}))
    return person


def _add_calendars(tx: Any, person: Person, calendars: dict[str, str], account: Account) -> None:
    for name, calendar_id in calendars.items():
        accounts.add_calendar(tx, Calendar(calendar_id, person.key, name, False, 0))
    for at, (start, end) in enumerate(account.bookings):
        bookings.take(tx, f"scv_{person.key}_{at}", person.key, Period(start * MINUTE, end * MINUTE))


def done(answer: Any) -> None:
    assert answer.status_code in (200, 202), answer.text


def _rule(rule: Rule, person: Person) -> dict[str, Any]:
    weekly = [{"day": day, "start_time": _clock(start), "end_time": _clock(end)} for day, start, end in rule.weekly]
    named = {"calendar_ids": [f"{one}_{person.key}" for one in rule.calendars]} if rule.calendars else {}
    return {"availability_rule_id": rule.id, "tzid": rule.tzid, "weekly_periods": weekly, **named}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _stretch(stretch: Stretch) -> dict[str, str]:
    return {"start": time_text(stretch[0] * MINUTE), "end": time_text(stretch[1] * MINUTE)}


def proposed(case: Case, people: list[Person]) -> dict[str, Any]:
    """The conversation, in which everybody is asked to choose."""
    limits = [
        {} if account is None else {"sub": people[account].sub, "managed_availability": managed}
        for account, managed in case.people
    ]
    participants = [make.person(f"@{at}", **one) for at, one in enumerate([*limits, {}, {}])]
    return {
        "participants": participants,
        "tzid": "Etc/UTC",
        "required_duration": {"minutes": case.duration},
        "available_periods": [_stretch(one) for one in case.periods],
    }


def listed(application: Application, conversation: dict[str, Any]) -> list[int]:
    """The starts that the first participant is shown."""
    path = f"/v1/scheduling_conversations/{conversation['scheduling_conversation_id']}/participants/0/slots"
    answer = application.client.get(path)
    assert answer.status_code == 200, answer.text
    return [_minute(one["start"]) for one in answer.json()["slots"]]


def _minute(text: str) -> int:
    return (read_time(text) or 0) // MINUTE


def questions(case: Case, people: list[Person]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The query in each format."""
    body = {
        "participants": [_group(one, case, people) for one in case.groups],
        "required_duration": {"minutes": case.duration},
        "buffer": {"before": {"minutes": case.before}, "after": {"minimum": {"minutes": case.after}}},
    }
    periods = {"query_periods": [_stretch(one) for one in case.periods]}
    for name, answer_format, on_interval in FORMATS:
        interval = {"start_interval": {"minutes": case.interval}} if on_interval else {}
        yield name, {**body, **periods, **interval, "response_format": answer_format}
    yield "at", {**body, "query_slots": [{"start": time_text(one * MINUTE)} for one in case.starts]}


def _group(group: Group, case: Case, people: list[Person]) -> dict[str, Any]:
    everybody = group.required == len(group.members)
    members = [_member(one, people[one.account]) for one in group.members]
    return {"members": members, "required": "all" if everybody else group.required}


def _member(member: Member, person: Person) -> dict[str, Any]:
    limits = {
        "calendar_ids": member.calendars and [f"{one}_{person.key}" for one in member.calendars],
        "availability_rule_ids": member.rules,
        "available_periods": member.periods and [_stretch(one) for one in member.periods],
    }
    named = {name: list(value) for name, value in limits.items() if value is not None}
    return {"sub": person.sub, "managed_availability": member.managed, **named}


def found(application: Application, people: list[Person], body: dict[str, Any]) -> list[Any]:
    """What the service finds, as the oracle writes it."""
    answer = application.client.post("/v1/availability", json=body)
    assert answer.status_code == 200, answer.text
    positions = {person.sub: at for at, person in enumerate(people)}
    (rows,) = answer.json().values()
    return [
        (_minute(one["start"]), _minute(one["end"]), tuple(positions[each["sub"]] for each in one["participants"]))
        for one in rows
    ]
