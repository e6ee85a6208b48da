"""An installation that nothing is wrong with, for faults to be put into."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from parley import data_center, doctor
from parley.actions import applications
from parley.doctor import mail
from parley.settings import Settings
from tests.dns_server import naming


@pytest.fixture
def settings(tmp_path):
    """The settings of a new installation with one application."""
    return installed(Settings(data_dir=tmp_path / "data"))


def installed(settings, **more):
    """Make an installation; its settings."""
    dc = data_center.opened(settings, **more)
    applications.create(dc, "Agenda")
    dc.db.close()
    return settings


def found(settings):
    """What doctor finds that is not well: level, what is wrong, and what to do, by the name of the check."""
    findings = list(doctor.examined(settings))
    assert len({one.check for one in findings}) == len(findings)
    return {one.check: one for one in findings if one.todo}


def wrong(settings):
    """The names of the checks that find something wrong."""
    return {name for name, one in found(settings).items() if one.level == "wrong"}


def execute(settings, *statements):
    """Change the SQLite file behind Parley's back; what each statement finds."""
    path = Path(data_center.place(settings))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return [connection.execute(one).fetchall() for one in statements]


@pytest.fixture
def mail_checks():
    """The names of the checks about mail, of which some are made only where mail is on."""
    told = Settings(mail_from="parley@example.org", smtp_url="smtp://127.0.0.1:1", mail_authserv_id="mx")
    found = set()
    for records in ({("example.org", "A"): ["192.0.2.1"]}, None):
        with naming(records) as resolver:
            found |= {one.check for one in mail.examined(told, resolver)}
    return found
