"""Addresses of servers: what may stand in them, and that nobody is told their passwords."""

from __future__ import annotations

import logging

import psycopg
import pytest

from parley.core.errors import Unavailable
from parley.store import database
from parley.store.database import Unusable
from parley.store.postgresql import Postgresql, without_password
from tests.postgresql import Server

SECRET = "s3cr3t"


@pytest.fixture(scope="module")
def guarded(server: Server) -> str:
    """A new database of a server that asks this user for a password."""
    rules = server.data / "pg_hba.conf"
    rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"create role guarded superuser login password '{SECRET}'")
        connection.execute("select pg_reload_conf()")
    return server.new_database().replace("parley@", f"guarded:{SECRET}@")


def test_a_database_is_called_by_its_address_without_user_and_password(guarded):
    db = Postgresql(guarded)
    assert db.name == guarded.replace(f"guarded:{SECRET}@", "")
    db.close()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("postgres://host", "postgresql://host:5432/"),
        ("postgresql://u:p@one:1,two:2/x", "postgresql://one:1,two:2/x"),
        ("postgresql://u:p@one,two:2/x", "postgresql://one:5432,two:2/x"),
        ("postgresql://u:p@[::1]:7/x?target_session_attrs=read-write", "postgresql://[::1]:7/x"),
        ("postgresql:///x?host=/run/postgresql&password=p", "postgresql:///run/postgresql:5432/x"),
    ],
)
def test_names_tell_places_and_nothing_else(address, name):
    assert without_password(address) == name
    assert database.is_address(address)


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param(lambda address: address.replace(SECRET, f"{SECRET}-no"), id="a wrong password"),
        pytest.param(lambda address: address.replace(SECRET, f"{SECRET}%zz"), id="a password that is not quoted"),
        pytest.param(lambda address: address.replace(SECRET, f"{SECRET}/x@y:z"), id="a password with signs"),
        pytest.param(lambda address: address.replace(SECRET, f"{SECRET}["), id="a bracket"),
        pytest.param(lambda address: f"{address}?password={SECRET}&nothing={SECRET}", id="an unknown parameter"),
        pytest.param(lambda address: f"{address}-not", id="no such database"),
        pytest.param(lambda address: address.replace("127.0.0.1:", "127.0.0.1:6"), id="no such port"),
        pytest.param(lambda address: f"{address}?sslmode=require", id="no encryption"),
        pytest.param(lambda address: address.replace(SECRET, f"p@{SECRET}"), id="a password with an at sign"),
    ],
)
def test_no_refusal_tells_the_password(guarded, spoiled, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Unusable) as refusal:
        Postgresql(spoiled(guarded))
    told, cause = [str(refusal.value)], refusal.value.__cause__
    while cause:
        told.append(str(cause))
        cause = cause.__cause__
    assert not any(SECRET in one for one in [*told, caplog.text])
    assert "\n" not in told[0]


def test_no_log_tells_the_password_when_the_server_lets_nobody_in_any_more(guarded, server, caplog):
    caplog.set_level(logging.DEBUG)
    db = Postgresql(guarded)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("alter role guarded nologin")
        ours = "from pg_stat_activity where usename = 'guarded'"
        connection.execute(f"select pg_terminate_backend(pid) {ours}")
        with pytest.raises(Unavailable):
            db.read(lambda tx: tx.one("select 1"))
        connection.execute("alter role guarded login")
    db.close()
    assert SECRET not in caplog.text
