"""Calls with an Idempotency-Key that meet themselves, a hanging or failing database, and a power cut."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier

import apsw
import psycopg
import pytest

from parley import data_center
from parley.actions import applications
from parley.settings import Settings
from parley.store.database import Database
from tests.api.conftest import error_keys
from tests.command_line.conftest import Serving, Shell
from tests.conftest import Client
from tests.make import person, proposal, selection, text

PATH = "/v1/scheduling_conversations"
IN_USE = {"base": ["errors.idempotency_key_in_use"]}


def post(client, path, body, key="one"):
    return client.post(path, json=body, headers={"Idempotency-Key": key})


def insistent(client, path, body, key="one"):
    """The answer of a client that comes again for as long as it is told to."""
    until = time.monotonic() + 20
    while (answer := post(client, path, body, key)).status_code in (409, 503) and time.monotonic() < until:
        time.sleep(0.02)
    return answer


def is_replayed(answer):
    return answer.headers.get("idempotency-replayed") == "true"


def count(db, table="conversations"):
    return db.read(lambda tx: tx.one(f"select count(*) from {table}"))[0]


@contextmanager
def blocked(db: Database) -> Iterator[None]:
    """Nobody can open a conversation."""
    if db.is_shared:
        with psycopg.connect(db.address) as connection:
            connection.execute("lock table conversations in share mode")
            yield
    else:
        with closing(apsw.Connection(db.name)) as connection:
            connection.execute("begin immediate")
            yield
            connection.execute("rollback")


@contextmanager
def broken(db: Database, table: str) -> Iterator[None]:
    """Nothing can be written into a table, for a reason that nobody has thought of."""
    if db.is_shared:
        with psycopg.connect(db.address, autocommit=True) as connection:
            connection.execute(
                "create or replace function refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'broken'; end $$"
            )
            connection.execute(f"create trigger broken before insert on {table} for each row execute function refuse()")
            yield
            connection.execute(f"drop trigger broken on {table}")
    else:
        with closing(apsw.Connection(db.name)) as connection:
            connection.execute(
                f"create trigger broken before insert on {table} begin select raise(abort, 'broken'); end"
            )
            yield
            connection.execute("drop trigger broken")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(24) as threads:
        yield threads


@pytest.fixture
def second_service(own_service, serve, database_address):
    """One more service on the same database."""
    settings = Settings(data_dir=own_service.dc.settings.data_dir, database=database_address, rate_limit="0")
    dc = data_center.opened(settings, now=own_service.clock)
    yield serve(dc, own_service.clock)
    dc.db.close()


def in_use_meanwhile(pool, db, clients):
    """The answers to the same call of two clients, of whom the one has to wait for the database."""
    with blocked(db):
        calls = [pool.submit(post, one, PATH, proposal()) for one in clients]
        told, waiting = wait(calls, return_when=FIRST_COMPLETED)
        other = pool.submit(post, clients[0], PATH, proposal(), "two")
        time.sleep(0.1)
        assert not other.done()
    assert other.result().status_code == 200
    return [one.result() for one in (*told, *waiting)]


def test_while_a_call_runs_its_key_is_in_use(own_service, pool):
    client = own_service.application().client
    refused, opened = in_use_meanwhile(pool, own_service.dc.db, [client, client])
    assert (refused.status_code, error_keys(refused), refused.headers["retry-after"]) == (409, IN_USE, "1")
    assert (opened.status_code, count(own_service.dc.db)) == (200, 2)
    assert insistent(client, PATH, proposal()).content == opened.content


@pytest.mark.parametrize("engine", ["postgresql"])
def test_while_a_call_runs_in_one_service_its_key_is_in_use_in_another(own_service, second_service, pool):
    application = own_service.application()
    clients = [application.client, second_service.client(application.secret)]
    refused, opened = in_use_meanwhile(pool, own_service.dc.db, clients)
    assert (refused.status_code, error_keys(refused), refused.headers["retry-after"]) == (409, IN_USE, "1")
    assert [insistent(one, PATH, proposal()).content for one in clients] == [opened.content] * 2
    assert count(own_service.dc.db) == 2


def at_once(pool, calls: list[Callable[[], object]]):
    barrier = Barrier(len(calls))
    return [one.result() for one in [pool.submit(lambda c=call: (barrier.wait(), c())[1]) for call in calls]]


def is_one_conversation(answers):
    done = [one for one in answers if one.status_code == 200]
    refused = [error_keys(one) for one in answers if one.status_code != 200]
    return len({one.content for one in done}) == 1 and all(one == IN_USE for one in refused)


def test_of_many_calls_at_once_one_is_carried_out(own_service, pool):
    client = own_service.application().client
    for n in range(5):
        calls = [lambda key=f"key-{n}": post(client, PATH, proposal(), key)] * 20
        assert is_one_conversation(at_once(pool, calls))
    assert count(own_service.dc.db) == 5


@pytest.mark.parametrize("engine", ["postgresql"])
def test_of_many_calls_at_two_services_one_is_carried_out(own_service, second_service, pool):
    application = own_service.application()
    clients = [application.client, second_service.client(application.secret)]
    for n in range(5):
        calls = [lambda c=client, key=f"key-{n}": post(c, PATH, proposal(), key) for client in clients * 10]
        assert is_one_conversation(at_once(pool, calls))
    assert count(own_service.dc.db) == 5


def test_who_loses_a_time_to_another_is_told_so_again(own_service, pool):
    application = own_service.application()
    grace = own_service.person(application)
    body = proposal(person("@grace", "auto", sub=grace.sub), person("@karl"))
    opened = [application.client.open(body) for _ in range(10)]
    paths = [one["participants"][1]["possible_actions"]["slots_select"]["url"] for one in opened]
    asked = [lambda p=path: insistent(application.client, p, selection("10:00"), p[-60:]) for path in paths * 2]
    answers = at_once(pool, asked)
    assert sorted(one.status_code for one in answers) == [200] * 2 + [422] * 18
    assert [(one.status_code, one.content) for one in answers[:10]] == [
        (one.status_code, one.content) for one in answers[10:]
    ]
    assert count(own_service.dc.db, "bookings") == 1


@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_was_given_up_waiting_for_is_answered_later_and_done_once(own_service):
    """On PostgreSQL nothing comes of a call that waits this long."""
    client = own_service.application().client
    with blocked(own_service.dc.db):
        assert post(client, PATH, proposal()).status_code == 503
        meanwhile = post(client, PATH, proposal())
        assert (meanwhile.status_code, error_keys(meanwhile)) == (409, IN_USE)
    answer = insistent(client, PATH, proposal())
    assert (answer.status_code, is_replayed(answer), count(own_service.dc.db)) == (200, True, 1)


def test_a_mistake_of_ours_is_not_kept(own_service):
    client, db = own_service.application().client, own_service.dc.db
    with broken(db, "conversations"):
        assert [post(client, PATH, proposal()).status_code for _ in range(2)] == [500, 500]
    assert count(db, "idempotency_keys") == 0
    answer = post(client, PATH, proposal())
    assert (answer.status_code, is_replayed(answer), count(db)) == (200, False, 1)


def test_an_answer_that_cannot_be_kept_is_not_given(own_service):
    client, db = own_service.application().client, own_service.dc.db
    with broken(db, "idempotency_keys"):
        assert post(client, PATH, proposal()).status_code == 500
    assert count(db) == 0


def batch_of(grace):
    period = {"available_period_id": "one", "start": text("09:00", 5), "end": text("12:00", 5)}
    event = {"event_id": "one", "summary": "Lunch", "start": text("10:00"), "end": text("11:00")}
    entries = [("/v1/available_periods", period), (f"/v1/calendars/{grace.calendar}/events", event)]
    return {"batch": [{"method": "POST", "relative_url": path, "data": data} for path, data in entries]}


def test_a_batch_with_a_key_is_done_as_a_whole_or_not_at_all(own_service):
    grace, db = own_service.person(own_service.application()), own_service.dc.db
    body = batch_of(grace)
    with broken(db, "events"):
        assert post(grace.client, "/v1/batch", body).status_code == 500
    assert (count(db, "available_periods"), count(db, "idempotency_keys")) == (0, 0)
    answer = post(grace.client, "/v1/batch", body)
    assert [one["status"] for one in answer.json()["batch"]] == [202, 202]
    assert not is_replayed(answer)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_batch_with_a_key_is_tried_again_where_others_came_in_between(own_service):
    grace, db = own_service.person(own_service.application()), own_service.dc.db
    with psycopg.connect(db.address, autocommit=True) as connection:
        connection.execute("create sequence tries")
        connection.execute(
            "create function refuse_first() returns trigger language plpgsql as $$ begin"
            " if nextval('tries') = 1 then raise exception using errcode = '40P01'; end if; return new; end $$"
        )
        connection.execute(
            "create trigger refused before insert on events for each row execute function refuse_first()"
        )
        answer = post(grace.client, "/v1/batch", batch_of(grace))
        connection.execute("drop trigger refused on events; drop function refuse_first; drop sequence tries")
    assert [one["status"] for one in answer.json()["batch"]] == [202, 202]


@pytest.fixture
def real(tmp_path, database_address):
    """An installation with an application: its data center, the secret, and a function that starts a service there."""
    settings = Settings(data_dir=tmp_path / "data", database=database_address, rate_limit="0")
    dc = data_center.opened(settings)
    secret = applications.create(dc, "Test").client_secret
    shell = Shell(tmp_path, {"database": database_address} if database_address else {})
    with ExitStack() as running:

        def start() -> Serving:
            serving = Serving(shell, "--no-worker")
            running.callback(serving.process.communicate)
            running.callback(serving.process.kill)
            return serving

        yield dc, secret, start
    dc.db.close()


def sent(url: str, secret: str, content: bytes) -> socket.socket:
    """A call whose answer nobody reads."""
    host, port = url.removeprefix("http://").split(":")
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {secret}\r\nIdempotency-Key: one\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    connection = socket.create_connection((host, int(port)))
    connection.sendall(head.encode() + content)
    return connection


def soon() -> bytes:
    """A proposal for tomorrow by the true clock."""
    day = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%d")
    body = proposal(available_periods=[{"start": f"{day}T09:00:00Z", "end": f"{day}T17:00:00Z"}])
    return json.dumps(body).encode()


def repeated(url: str, secret: str, content: bytes):
    until = time.monotonic() + 20
    with Client(url, secret) as client:
        headers = {"Idempotency-Key": "one", "Content-Type": "application/json"}
        while (answer := client.post(PATH, content=content, headers=headers)).status_code == 409:
            assert time.monotonic() < until
            time.sleep(0.02)
    return answer


def test_a_call_whose_answer_died_with_the_service_is_answered_by_the_next(real):
    dc, secret, start = real
    serving, body = start(), soon()
    with sent(serving.url, secret, body):
        until = time.monotonic() + 20
        while not count(dc.db) and time.monotonic() < until:
            time.sleep(0.001)
        serving.process.kill()
        serving.process.wait()
    answer = repeated(start().url, secret, body)
    assert (answer.status_code, is_replayed(answer), count(dc.db)) == (200, True, 1)


def test_a_call_that_died_before_its_effect_is_carried_out_by_the_next(real):
    dc, secret, start = real
    serving, body = start(), soon()
    with blocked(dc.db), sent(serving.url, secret, body):
        time.sleep(0.5)
        serving.process.kill()
        serving.process.wait()
    assert (count(dc.db), count(dc.db, "idempotency_keys")) == (0, 0)
    answer = repeated(start().url, secret, body)
    assert (answer.status_code, is_replayed(answer), count(dc.db)) == (200, False, 1)
