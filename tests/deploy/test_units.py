"""The systemd units: commands and settings exist, systemd takes them, and both are locked up alike."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import typer.main

from parley.__main__ import app
from parley.service import GRACE_SECONDS, LAST_CALLS_SECONDS, NOTICE_SECONDS
from parley.settings import Settings
from tests.deploy.conftest import DEPLOY, program

UNITS = [DEPLOY / "parley.service", DEPLOY / "parley-work.service"]
FILES = sorted(one for one in DEPLOY.rglob("*") if one.suffix in {".service", ".env", ".conf", ".yml", ".py"})

each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)


def told(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.name)
def test_every_setting_that_is_named_is_there(file):
    there = {f"PARLEY_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bPARLEY_[A-Z_]+\b", file.read_text())) <= there


def test_the_settings_of_the_units_can_be_read(monkeypatch):
    lines = (DEPLOY / "parley.env").read_text().splitlines()
    for name, value in (line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?PARLEY_\w+=", line)):
        monkeypatch.setenv(name, value)
    assert Settings().base_url == "https://meet.example.org"
    assert str(Settings().database).endswith("?target_session_attrs=read-write")


@each_unit
def test_a_unit_starts_a_command_with_options_that_it_has(unit):
    [line] = told(unit, "ExecStart")
    _, name, *words = line.split()
    command = typer.main.get_command(app).commands[name]
    context = command.make_context(name, words)
    assert context.command is command


@each_unit
def test_a_unit_waits_longer_than_requests_may_take_to_end(unit):
    [seconds] = told(unit, "TimeoutStopSec")
    assert int(seconds) > NOTICE_SECONDS + LAST_CALLS_SECONDS + GRACE_SECONDS


def test_both_units_are_locked_up_alike():
    one, other = (unit.read_text().partition("\n# /var/lib/parley is all")[2] for unit in UNITS)
    assert one
    assert one == other


@pytest.fixture
def installed(tmp_path):
    """The units as they are on a machine where Parley stands elsewhere."""
    parley = f"{sys.prefix}/bin/parley"
    for unit in UNITS:
        text = unit.read_text().replace("/opt/parley/.venv/bin/parley", parley)
        (tmp_path / unit.name).write_text(text)
    return [str(tmp_path / unit.name) for unit in UNITS]


def analysed(*words):
    systemd = program("systemd-analyze", "systemd")
    return subprocess.run([systemd, *words], capture_output=True, text=True, timeout=60, check=False)


def test_systemd_finds_nothing_wrong(installed):
    found = analysed("verify", *installed)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_systemd_finds_a_word_that_it_does_not_know(installed):
    with open(installed[0], "a") as unit:
        unit.write("[Service]\nProtectEverything=yes\n")
    assert "ProtectEverything" in analysed("verify", installed[0]).stderr


@each_unit
def test_a_unit_leaves_little_that_an_intruder_could_do(unit):
    found = analysed("security", "--offline=true", "--threshold=20", "--no-pager", str(unit))  # 2.0 of 10
    assert found.returncode == 0, found.stdout[-2000:]
