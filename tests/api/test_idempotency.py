"""Calls with an Idempotency-Key: carried out once, answered the same as often as they are repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.actions import accounts
from parley.store import conversations
from tests.api.conftest import address, error_keys
from tests.api.described import PATHS
from tests.conftest import slots_path
from tests.make import person, proposal, selection, slot_id, text

PATH = "/v1/scheduling_conversations"
REUSED = {"base": ["errors.idempotency_key_reused"]}
DAY = 86400


def keyed(key="one"):
    return {"Idempotency-Key": key}


def post(client, path, body=None, key="one", **more):
    return client.post(path, json=body or {}, headers=keyed(key), **more)


def is_replayed(answer):
    return answer.headers.get("idempotency-replayed") == "true"


def subjects(client):
    return [one["subject"] for one in client.get(PATH).json()["scheduling_conversations"]]


def kept(service, application):
    """Callers, keys and statuses of the answers that are kept for an application."""
    sql = "select caller, key, status from idempotency_keys where application_id = :id order by created_at, key"
    return service.dc.db.read(lambda tx: tx.all(sql, id=application.id))


def event(name="1", **more):
    return {"event_id": name, "summary": "Lunch", "start": text("10:00"), "end": text("11:00"), **more}


@pytest.fixture
def events_path(grace):
    return f"/v1/calendars/{grace.calendar}/events"


def summaries(grace):
    found = grace.client.get("/v1/events", params={"tzid": "Etc/UTC", "include_managed": "true"}).json()["events"]
    return [one["summary"] for one in found]


def test_a_conversation_is_opened_once_and_told_in_the_same_bytes(application):
    answers = [post(application.client, PATH, proposal()) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3
    assert len({one.content for one in answers}) == 1
    assert [is_replayed(one) for one in answers] == [False, True, True]
    assert len({one.headers["content-type"] for one in answers}) == 1
    assert subjects(application.client) == ["Roadmap"]


def test_without_a_key_nothing_is_different(application):
    answers = [application.client.post(PATH, json=proposal()) for _ in range(2)]
    assert answers[0].content != answers[1].content
    assert not any(is_replayed(one) for one in answers)
    assert subjects(application.client) == ["Roadmap"] * 2


def test_a_selection_is_answered_as_it_was_although_the_talk_has_gone_on(application):
    opened = application.client.open(proposal())
    first = post(application.client, slots_path(opened, 1), selection("10:00"))
    assert application.client.select(opened, 0, selection("11:00")).status_code == 200
    again = post(application.client, slots_path(opened, 1), selection("10:00"))
    assert (again.status_code, again.content, is_replayed(again)) == (200, first.content, True)
    assert "selected" not in application.client.again(opened)["participants"][1]["slots"]


def test_an_event_that_was_changed_since_is_not_written_again(grace, events_path):
    assert post(grace.client, events_path, event()).status_code == 202
    assert grace.client.post(events_path, json=event(summary="Dinner")).status_code == 202
    again = post(grace.client, events_path, event())
    assert (again.status_code, again.content, is_replayed(again)) == (202, b"", True)
    assert "content-type" not in again.headers
    assert summaries(grace) == ["Dinner"]


def test_a_refusal_stays_one_when_its_reason_has_gone(application, grace, events_path):
    opened = application.client.open(proposal(person("@grace", "auto", sub=grace.sub), person("@karl")))
    grace.client.post(events_path, json=event())
    refused = post(application.client, slots_path(opened, 1), selection("10:00"))
    assert error_keys(refused) == {"selected_slots[0].slot_id": ["errors.slot_unavailable"]}
    assert slot_id("11:00") in refused.text  # what is free now stands in it
    grace.client.request("DELETE", events_path, json={"event_id": "1"})
    again = post(application.client, slots_path(opened, 1), selection("10:00"))
    assert (again.status_code, again.content, is_replayed(again)) == (422, refused.content, True)
    assert again.headers["status"] == refused.headers["status"]
    assert post(application.client, slots_path(opened, 1), selection("10:00"), "two").json()["status"] == "complete"


@pytest.mark.parametrize(("position", "status"), [("0", 403), ("7", 404)])
def test_who_may_not_is_told_so_again(service, application, position, status):
    opened = application.client.open(proposal())
    karl = service.client(opened["participants"][1]["page_url"].rpartition("/")[2])
    path = slots_path(opened, 1).replace("participants/1", f"participants/{position}")
    answers = [post(karl, path, selection("10:00")) for _ in range(2)]
    assert [(one.status_code, one.content, is_replayed(one)) for one in answers] == [
        (status, b"", False),
        (status, b"", True),
    ]


OTHER_REQUESTS = {
    "another body": lambda grace, path: post(grace.client, path, event(summary="Dinner")),
    "the same in other bytes": lambda grace, path: grace.client.post(
        path, content=str(event()).replace("'", ' "').encode(), headers=keyed()
    ),
    "a query": lambda grace, path: post(grace.client, f"{path}?a=b", event()),
    "another path": lambda grace, path: post(grace.client, "/v1/available_periods", event()),
    "another type": lambda grace, path: grace.client.post(
        path, json=event(), headers={**keyed(), "Content-Type": "text/plain"}
    ),
    "no body": lambda grace, path: grace.client.post(path, headers=keyed()),
}


@pytest.mark.parametrize("ask", OTHER_REQUESTS.values(), ids=OTHER_REQUESTS)
def test_a_key_belongs_to_one_request(service, application, grace, events_path, ask):
    post(grace.client, events_path, event())
    answer = ask(grace, events_path)
    assert (answer.status_code, error_keys(answer)) == (422, REUSED)
    assert len(kept(service, application)) == 1
    assert is_replayed(post(grace.client, events_path, event()))


def test_a_key_in_quotes_and_a_slash_at_the_end_are_the_same(application):
    first = post(application.client, PATH, proposal(), "k-1")
    assert post(application.client, PATH, proposal(), '"k-1"').content == first.content
    assert post(application.client, f"{PATH}/", proposal(), "k-1").content == first.content
    assert post(application.client, PATH, proposal(), "K-1").content != first.content


@pytest.mark.parametrize("key", ["", '""', "a b", "a" * 256, '"a', "é".encode("latin-1")], ids=repr)
def test_a_key_that_is_none_is_refused_and_nothing_done(service, application, key):
    answer = post(application.client, PATH, proposal(), key)
    assert (answer.status_code, error_keys(answer)) == (422, {"base": ["errors.invalid_format"]})
    assert (subjects(application.client), kept(service, application)) == ([], [])


def test_two_keys_in_one_call_are_refused(application):
    answer = application.client.post(
        PATH, json=proposal(), headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    )
    assert (answer.status_code, error_keys(answer)) == (422, {"base": ["errors.invalid_format"]})


def test_every_caller_has_keys_of_their_own(service, application, grace):
    other = service.application()
    ada = service.person(application, address())
    callers = [application.client, grace.client, ada.client, other.client, service.grant(grace.sub, other).client]
    opened = [post(one, PATH, proposal()).json()["scheduling_conversation_id"] for one in callers]
    assert len(set(opened)) == len(callers)
    again = [post(one, PATH, proposal()) for one in callers]
    assert [one.json()["scheduling_conversation_id"] for one in again] == opened
    assert all(is_replayed(one) for one in again)


def test_a_new_token_for_the_same_account_is_the_same_caller(service, application, grace):
    first = post(grace.client, PATH, proposal())
    assert post(service.grant(grace.sub, application).client, PATH, proposal()).content == first.content


def test_participants_have_keys_of_their_own(service, application):
    opened = application.client.open(proposal())
    links = [one["page_url"].rpartition("/")[2] for one in opened["participants"]]
    grace, karl = (service.client(link) for link in links)
    path = slots_path(opened, 1)
    assert post(karl, path, selection("10:00")).status_code == 200
    assert post(grace, path, selection("10:00")).status_code == 403
    assert post(application.client, slots_path(opened, 0), selection("10:00")).json()["status"] == "complete"
    assert is_replayed(post(karl, path, selection("10:00")))
    assert len(kept(service, application)) == 3


def test_a_link_that_is_no_longer_good_gets_nothing_repeated(service, application):
    opened = application.client.open(proposal())
    karl = service.client(opened["participants"][1]["page_url"].rpartition("/")[2])
    assert post(karl, slots_path(opened, 1), selection("10:00")).status_code == 200
    renew_link(service, opened["scheduling_conversation_id"], 1)
    again = post(karl, slots_path(opened, 1), selection("10:00"))
    assert (again.status_code, again.content, is_replayed(again)) == (404, b"", False)


def renew_link(service, conversation_id, position):
    """Have earlier tokens of a participant no longer be good."""

    def record(tx):
        found = conversations.lock(tx, conversation_id)
        people = list(found.participants)
        people[position] = replace(people[position], generation=people[position].generation + 1)
        conversations.save(tx, replace(found, participants=tuple(people)))

    service.dc.db.write(record)


def test_a_token_that_is_no_longer_good_gets_nothing_repeated(service, application, grace):
    profile = grace.client.get("/v1/profiles").json()["profiles"][0]["profile_id"]
    path = f"/v1/profiles/{profile}/revoke"
    assert post(grace.client, path).status_code == 202
    assert post(grace.client, path).status_code == 401
    assert kept(service, application) == [(f"account {grace.key}", "one", 202)]


def test_a_token_of_a_lesser_scope_gets_nothing_repeated(service, application, grace, events_path):
    post(grace.client, events_path, event())
    reader = service.client(service.token(grace, application, "read_events"))
    again = post(reader, events_path, event())
    assert (again.status_code, is_replayed(again)) == (403, False)


def test_after_a_day_a_key_is_new(own_service):
    client = own_service.application().client
    bodies = []
    for seconds in (0, DAY - 1, 1, DAY - 1):
        own_service.clock.instant += seconds
        bodies.append(
            post(client, PATH, proposal(available_periods=[{"start": text("09:00", 4), "end": text("12:00", 4)}]))
        )
    assert [is_replayed(one) for one in bodies] == [False, True, False, True]
    assert bodies[0].content == bodies[1].content != bodies[2].content == bodies[3].content


def test_after_a_day_a_key_may_be_used_for_another_request(own_service):
    client = own_service.application().client
    found = []
    for body, seconds in ((proposal(), 0), ({"tzid": "Mars"}, DAY - 1), ({"tzid": "Mars"}, 1)):
        own_service.clock.instant += seconds
        answer = post(client, PATH, body)
        found.append((answer.status_code, answer.status_code == 422 and error_keys(answer) == REUSED))
    assert found == [(200, False), (422, True), (422, False)]


def test_answers_of_earlier_days_are_forgotten_as_new_ones_come(own_service):
    application = own_service.application()
    for n in range(10):
        post(application.client, PATH, {}, f"early-{n}")
    own_service.clock.instant += DAY
    counts = []
    assert not is_replayed(post(application.client, PATH, {}, "early-9"))
    for n in range(3):
        post(application.client, PATH, {}, f"late-{n}")
        counts.append(sum(key.startswith("early") for _, key, _ in kept(own_service, application)))
    assert counts[0] in (2, 3)  # four are forgotten each time; whether the one that comes anew is among them is chance
    assert counts[1:] == [1, 1]  # the one that is new by now
    assert len(kept(own_service, application)) == 4


def test_what_is_no_outcome_is_not_kept(service, application):
    stranger = service.client("psk_nobody")
    assert post(stranger, PATH, proposal()).status_code == 401
    assert application.client.post(PATH, content=b"x" * (2 << 20), headers=keyed()).status_code == 413
    assert kept(service, application) == []
    assert post(application.client, PATH, proposal()).status_code == 200


def test_a_call_beyond_the_allowance_is_not_kept(serve, dc, clock):
    limited = serve(replace(dc, settings=dc.settings.model_copy(update={"rate_limit": "2/s"})), clock)
    application = limited.application()
    answers = [post(application.client, PATH, proposal(), key) for key in ("one", "two", "three")]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [key for _, key, _ in kept(limited, application)] == ["one", "two"]
    clock.instant += 1
    answer = post(application.client, PATH, proposal(), "three")
    assert (answer.status_code, is_replayed(answer)) == (200, False)


@pytest.fixture
def secrets(service, grace):
    """Calls whose answers hold secrets, or whose requests do."""
    application = service.application("https://app.example/callback")
    person_ = service.person(application, address())
    named = {"client_id": application.id, "client_secret": application.secret}
    code = accounts.authorize(service.dc, person_.sub, application.id, "https://app.example/callback")
    exchanged = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://app.example/callback"}
    refreshed = {"grant_type": "refresh_token", "refresh_token": person_.refresh_token}
    return [
        ("/oauth/token", {**named, **exchanged}),
        ("/oauth/token", {**named, **refreshed}),
        ("/v1/application_calendars", {**named, "application_calendar_id": "room"}),
        ("/oauth/token/revoke", {**named, "token": person_.refresh_token}),
    ]


def test_answers_with_secrets_are_not_kept(service, secrets):
    before = service.dc.db.read(lambda tx: tx.all("select key from idempotency_keys"))
    for path, body in secrets:
        for key in ("one", "not a key"):
            answer = post(service.client(), path, body, key)
            assert not is_replayed(answer)
            assert answer.status_code == 200 or "code" in body
    assert service.dc.db.read(lambda tx: tx.all("select key from idempotency_keys")) == before


def test_links_cannot_be_read_in_what_is_kept(service, application):
    opened = post(application.client, PATH, proposal()).json()
    link = opened["participants"][1]["page_url"].rpartition("/")[2]
    rows = service.dc.db.read(lambda tx: tx.all("select * from idempotency_keys"))
    assert rows
    assert link.rpartition(".")[2] not in str(rows)


def test_where_nothing_is_changed_the_header_is_ignored(service, application, grace, events_path):
    asked = {
        "participants": [{"members": [{"sub": grace.sub}], "required": "all"}],
        "required_duration": {"minutes": 60},
        "query_periods": [{"start": text("09:00"), "end": text("12:00")}],
    }
    for key in ("one", "one", "not a key"):
        assert grace.client.get("/v1/calendars", headers=keyed(key)).status_code == 200
        assert (
            grace.client.request("DELETE", events_path, json={"event_id": "1"}, headers=keyed(key)).status_code == 202
        )
        answer = post(grace.client, "/v1/availability", asked, key)
        assert (answer.status_code, is_replayed(answer)) == (200, False)
    assert kept(service, application) == []


def test_a_page_ignores_the_header(service, application):
    opened = application.client.open(proposal())
    link = opened["participants"][1]["page_url"]
    for _ in range(2):
        assert (
            service.client().post(link, data={"slot": slot_id("10:00")}, headers=keyed("not a key")).status_code == 303
        )
    assert kept(service, application) == []


def test_a_batch_has_one_key_for_all_of_it(service, application, grace, events_path):
    entries = [
        {"method": "POST", "relative_url": events_path, "data": event()},
        {"method": "POST", "relative_url": events_path, "data": {}},
    ]
    first = post(grace.client, "/v1/batch", {"batch": entries})
    assert [one["status"] for one in first.json()["batch"]] == [202, 422]
    grace.client.request("DELETE", events_path, json={"event_id": "1"})
    again = post(grace.client, "/v1/batch", {"batch": entries})
    assert (again.status_code, again.content, is_replayed(again)) == (207, first.content, True)
    assert summaries(grace) == []
    assert kept(service, application) == [(f"account {grace.key}", "one", 207)]


def test_a_large_answer_is_repeated_like_any_other(service):
    application = service.application(max_participants=100, max_listed_slots=5000)
    people = [person(f"@{n}", common_name="ß" * 256) for n in range(100)]
    answers = [post(application.client, PATH, proposal(*people)) for _ in range(2)]
    assert len(answers[0].content) > 200_000
    assert (answers[1].content, is_replayed(answers[1])) == (answers[0].content, True)


KEYED = {
    PATH,
    PATH + "/{id}/participants/{position}/slots",
    "/v1/available_periods",
    "/v1/availability_rules",
    "/v1/batch",
    "/v1/calendars",
    "/v1/calendars/{id}/events",
    "/v1/calendars/{id}/events/{event_uid}/participation_status",
    "/v1/channels",
    "/v1/channels/{id}/deliveries/{delivery_id}/redeliver",
    "/v1/conversation_services",
    "/v1/conversation_services/{id}/prove",
    "/v1/conversation_services/{id}/rotate_secret",
    "/v1/smart_invites",
    "/v1/profiles/{id}/revoke",
}


def test_the_description_names_the_header_where_it_counts():
    named = {
        (path, method)
        for path, methods in PATHS.items()
        for method, told in methods.items()
        for one in told.get("parameters", ())
        if (one["name"], one["in"]) == ("Idempotency-Key", "header")
    }
    assert named == {(path, "post") for path in KEYED}
    for path in KEYED:
        responses = PATHS[path]["post"]["responses"]
        assert {"409", "422"} <= responses.keys()
        assert all("Idempotency-Replayed" in one["headers"] for status, one in responses.items() if status < "300")
