"""What /metrics tells."""

from __future__ import annotations

import re
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from parley import data_center, metrics
from parley.core.limits import OUTBOX_ATTEMPTS
from parley.metrics import Gauges, LookedUp
from parley.settings import Settings
from parley.store import outbox
from parley.store.outbox import Task
from tests.conftest import ENGINES, served
from tests.make import SUNDAY_NOON, person, proposal
from tests.postgresql import running

PATH = "/v1/scheduling_conversations"


@pytest.fixture(params=ENGINES)
def engine(request):
    """Every database."""
    return request.param


def labels(*values):
    """The labels of a number, as `samples` names it."""
    return tuple(sorted(values))


def samples(client):
    """Every number that /metrics tells, by name and labels."""
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, metrics.TYPE)
    return {
        (one.name, *labels(*one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def grown(service, action):
    """By how much numbers have grown through an action; everything in this process counts together."""
    client = service.client()
    before = samples(client)
    action()
    after = samples(client)
    return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


def test_requests_are_counted_by_route_method_and_status(service, application):
    def ask():
        for _ in range(3):
            application.client.get(f"{PATH}/scv_canary")
        application.client.post(PATH, json=proposal())
        service.client().get("/canary")
        service.client().head("/c/canary?canary=canary")

    told = {key[1:]: by for key, by in grown(service, ask).items() if key[0] == "parley_http_requests_total"}
    assert told == {
        labels("GET", f"{PATH}/{{id}}", "404"): 3,
        labels("POST", PATH, "200"): 1,
        labels("GET", "(none)", "404"): 1,
        labels("HEAD", "/c/{token}", "404"): 1,
        labels("GET", "/metrics", "200"): 1,
    }


def test_how_long_requests_took_is_told_in_buckets(service, application):
    def ask():
        for _ in range(5):
            application.client.get(PATH)

    name, told = "parley_http_request_duration_seconds", grown(service, ask)
    assert told[f"{name}_count", *labels("GET", PATH, "200")] == 5
    assert told[f"{name}_bucket", *labels("GET", PATH, "200", "+Inf")] == 5
    assert 0 < told[f"{name}_sum", *labels("GET", PATH, "200")] < 5


def test_a_method_that_nobody_knows_is_told_as_another(service):
    told = grown(service, lambda: service.client().request("PROPFIND", "/"))
    assert told["parley_http_requests_total", *labels("other", "/", "405")] == 1


def test_conversations_messages_and_connections_are_told(service, application, grace):
    application.client.open(proposal())
    everybody = proposal(person("@grace", sub=grace.sub, slots={"selection_method": "auto"}))
    assert application.client.open(everybody)["status"] == "complete"
    service.dc.db.write(lambda tx: outbox.put(tx, Task("m", "event", "x", "{}"), SUNDAY_NOON - 90))
    told = samples(service.client())
    assert told["parley_conversations", "needs_action"] == 1
    assert told["parley_conversations", "waiting"] == 0
    assert told["parley_conversations", "complete"] == 1
    assert told["parley_outbox_depth",] == 2
    assert told["parley_outbox_oldest_seconds",] == 90
    assert told["parley_outbox_dead",] == 0
    assert told["parley_database_connections_in_use",] >= 0


def test_an_empty_outbox_is_no_time_old(service):
    told = samples(service.client())
    assert (told["parley_outbox_depth",], told["parley_outbox_oldest_seconds",]) == (0, 0)


def test_a_clock_that_was_set_back_makes_nothing_younger_than_new(service):
    service.dc.db.write(lambda tx: outbox.put(tx, Task("m", "event", "x", "{}"), SUNDAY_NOON + 90))
    assert samples(service.client())["parley_outbox_oldest_seconds",] == 0


def put_garbage(service):
    service.dc.db.write(lambda tx: outbox.put(tx, Task("m", "nonsense", "x", "canary"), SUNDAY_NOON))


def test_deliveries_are_counted_by_what_became_of_them(service, application, grace):
    def deliver():
        body = proposal(person("@grace", sub=grace.sub, slots={"selection_method": "auto"}))
        application.client.open(body)
        put_garbage(service)
        service.work()
        service.clock.instant += 100_000
        for _ in range(OUTBOX_ATTEMPTS):
            service.work()
            service.clock.instant += 100_000

    told = {key[1:]: by for key, by in grown(service, deliver).items() if key[0] == "parley_deliveries_total"}
    assert told[labels("event", "done")] == 1
    assert told[labels("nonsense", "again")] == OUTBOX_ATTEMPTS - 1
    assert told[labels("nonsense", "given_up")] == 1
    assert metrics.deliveries()["nonsense.given_up"] >= 1


def test_why_a_message_was_given_up_is_kept_without_what_it_holds(service):
    put_garbage(service)
    for _ in range(OUTBOX_ATTEMPTS):
        service.work()
        service.clock.instant += 100_000
    (dead,) = service.dc.db.read(outbox.dead, 10)
    assert re.fullmatch(r"ValueError in worker\.py:\d+", dead.reason)


def test_what_was_looked_up_is_told_again_for_a_while(dc):
    asked = []
    looked_up = LookedUp(dc.db, lambda tx: asked.append(1) or len(asked), age=0.3)

    def found():
        looked_up.begin()
        return looked_up.found()

    assert [found(), found(), found()] == [1, 1, 1]
    began = time.monotonic()
    while found() == 1:
        assert time.monotonic() < began + 30
        time.sleep(0.01)
    assert time.monotonic() > began + 0.25


def test_what_takes_long_to_look_up_is_looked_up_seldom(dc):
    asked = []

    def slowly(tx):
        time.sleep(0.02)
        return asked.append(1) or len(asked)

    looked_up = LookedUp(dc.db, slowly, age=0)
    for _ in range(10):
        looked_up.begin()
        assert looked_up.found() == 1


def test_without_the_database_the_rest_is_told(dc):
    assert {one.name for one in Gauges(dc, None, None).collect()} == {"parley_database_connections_in_use"}


class TestFrozen:
    """A server that takes what it is sent and answers nothing."""

    @pytest.fixture
    def engine(self):
        return "postgresql"

    def test_what_needs_no_database_is_told_in_time_and_all_of_it_soon_after(self, tmp_path, clock):
        with running(tmp_path) as server:
            settings = Settings(data_dir=tmp_path / "data", database=server.new_database(), rate_limit="0")
            dc = data_center.opened(settings, now=clock)
            with served(dc, clock) as service:
                client = service.client()
                assert ("parley_outbox_depth",) in samples(client)
                server.freeze()
                until(lambda: ("parley_outbox_depth",) not in in_time(client))
                assert ("parley_outbox_depth",) not in in_time(client)
                server.thaw()
                until(lambda: ("parley_outbox_depth",) in in_time(client))
            dc.db.close()


def in_time(client):
    """What is told, which must take no longer than any other answer."""
    began = time.monotonic()
    told = samples(client)
    assert time.monotonic() - began < 5
    return told


def until(happened):
    """Wait for something that is looked up now and then only."""
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)
