"""The commands for applications and accounts."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing

import httpx2
import pytest

from tests.command_line.conftest import Shell
from tests.make import proposal

LIMITS = {
    "max_participants": 2,
    "max_periods_at_creation": 10,
    "max_periods": 50,
    "max_days": 35,
    "max_selected_slots": 1,
    "max_listed_slots": 512,
}


def test_an_application_is_created_listed_and_shown_with_all_its_limits(shell):
    made = shell.json("application", "create", "Agenda", "--redirect-uri", "https://agenda.example/back")
    shown = shell.json("application", "show", made["client_id"])
    listed = shell.json("application", "list")
    created = shown.pop("created")
    assert set(made) == {"client_id", "client_secret"}
    assert listed == [{"client_id": made["client_id"], "name": "Agenda", "created": created}]
    assert shown == {
        "client_id": made["client_id"],
        "name": "Agenda",
        "redirect_uris": ["https://agenda.example/back"],
        "secrets": 1,
        "limits": LIMITS,
    }


def test_without_json_the_same_is_told_to_people(shell):
    created = shell.run("application", "create", "Agenda").stdout
    client_id = created.split()[1]
    told = [shell.run("application", *words).stdout for words in (("list",), ("show", client_id))]
    assert created.splitlines()[1].startswith("client_secret  psk_")
    assert all(client_id in text and "Agenda" in text for text in told)
    assert [name for name in LIMITS if name not in told[1]] == []


def test_limits_are_set_together_and_kept(shell):
    client_id = shell.json("application", "create", "Agenda")["client_id"]
    told = shell.json("application", "set", client_id, "max_participants=10", "max_selected_slots=3")
    assert told["limits"] == {**LIMITS, "max_participants": 10, "max_selected_slots": 3}
    assert shell.json("application", "show", client_id) == told


@pytest.fixture(scope="module")
def agenda(tmp_path_factory):
    """A shell with one application in its folder, for commands that change nothing; and its client id."""
    shell = Shell(tmp_path_factory.mktemp("agenda"))
    return shell, shell.json("application", "create", "Agenda")["client_id"]


def limits_of(shell):
    """The limits of the only application, as they are stored."""
    with closing(sqlite3.connect(shell.data / "parley.db")) as connection:
        return json.loads(connection.execute("select limits from applications").fetchone()[0])


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        pytest.param(["max_participants=0"], 1, id="too low"),
        pytest.param(["max_periods_at_creation=60"], 1, id="more at creation than ever"),
        pytest.param(["max_participants=3", "max_days=1000"], 1, id="one good, one too high"),
        pytest.param(["max_participants=-1"], 2, id="negative"),
        pytest.param(["max_karma=3"], 2, id="no such limit"),
        pytest.param([], 2, id="nothing"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_and_nothing_changes(agenda, limits, status):
    shell, client_id = agenda
    done = shell.run("application", "set", client_id, *limits)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (status, "", False)
    assert done.stderr
    assert limits_of(shell) == LIMITS


def test_a_rotated_secret_lasts_for_the_overlap_and_a_retired_one_ends(shell, serving):
    made = shell.json("application", "create", "Agenda")
    url = serving().url
    fresh = shell.json("application", "rotate-secret", made["client_id"], "--overlap", "7d")
    both = [status(url, one["client_secret"]) for one in (made, fresh)]
    retired = shell.json("application", "retire-secret", made["client_id"])
    assert (both, fresh["client_id"]) == ([200, 200], made["client_id"])
    assert retired == {"client_id": made["client_id"], "retired": 1}
    assert [status(url, one["client_secret"]) for one in (made, fresh)] == [401, 200]


def test_without_overlap_the_old_secret_ends_at_once(shell, serving):
    made = shell.json("application", "create", "Agenda")
    fresh = shell.json("application", "rotate-secret", made["client_id"], "--overlap", "0")
    url = serving().url
    assert [status(url, one["client_secret"]) for one in (made, fresh)] == [401, 200]


def status(url, token):
    """What a listing of conversations is answered with this token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(f"{url}/v1/scheduling_conversations", headers=headers, verify=False).status_code


def test_what_is_made_while_a_service_runs_on_the_file_is_good_at_once(shell, serving):
    url = serving().url
    made = shell.json("application", "create", "Agenda")
    sub = shell.json("account", "create", "Grace@example.org", "--name", "Grace", "--tzid", "America/Chicago")["sub"]
    given = shell.json("account", "grant", sub, made["client_id"])
    shell.json("application", "set", made["client_id"], "max_participants=3")
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    info = httpx2.get(f"{url}/v1/userinfo", headers=headers, verify=False).json()
    people = [{"participant_id": name, "common_name": name} for name in "abc"]
    periods = [{"start": "2099-01-01T09:00:00Z", "end": "2099-01-01T10:00:00Z"}]
    body = proposal(*people, available_periods=periods)
    answer = httpx2.post(f"{url}/v1/scheduling_conversations", headers=headers, json=body, verify=False)
    assert set(given) == {"access_token", "refresh_token"}
    assert (info["sub"], info["name"], info["zoneinfo"]) == (sub, "Grace", "America/Chicago")
    assert list(answer.json()["errors"]) == ["available_periods[0].end"]  # too far ahead, but not too many people


UNKNOWN = "000000000000000000000000"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["application", "show", UNKNOWN], 1, id="show unknown"),
        pytest.param(["application", "set", UNKNOWN, "max_days=3"], 1, id="set unknown"),
        pytest.param(["application", "rotate-secret", UNKNOWN], 1, id="rotate unknown"),
        pytest.param(["application", "retire-secret", UNKNOWN], 1, id="retire unknown"),
        pytest.param(["account", "grant", "acc_0", UNKNOWN], 1, id="grant unknown"),
        pytest.param(["application", "rotate-secret", UNKNOWN, "--overlap", "soon"], 2, id="overlap in words"),
        pytest.param(["application", "create", "A", "--redirect-uri", "ftp://a"], 2, id="redirect to no web page"),
        pytest.param(["account", "create", "grace"], 2, id="no address"),
        pytest.param(["account", "create", "grace@example.org", "--tzid", "Mars"], 2, id="no such zone"),
        pytest.param(["serve", "--port", "99999"], 2, id="no such port"),
    ],
)
def test_errors_go_to_standard_error_with_status_1_and_wrong_usage_with_2(agenda, words, expected):
    done = agenda[0].run(*words)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (expected, "", False)
    assert expected == 2 or len(done.stderr.splitlines()) == 1


def test_an_address_has_one_account_whatever_its_case(shell):
    shell.json("account", "create", "grace@example.org")
    done = shell.run("account", "create", "Grace@Example.org", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "parley: Grace@Example.org has an account already\n"


def test_the_data_folder_is_700_and_every_file_in_it_600(shell, serving):
    shell.data.mkdir(mode=0o755)
    serving()
    shell.json("application", "create", "Agenda")
    files = {one.name: stat.S_IMODE(one.stat().st_mode) for one in shell.data.iterdir()}
    assert stat.S_IMODE(shell.data.stat().st_mode) == 0o700
    assert {"parley.db", "parley.db-wal", "parley.db-shm", "parley.db.lock", "secret.key"} <= set(files)
    assert set(files.values()) == {0o600}


def test_migrate_says_that_the_database_is_up_to_date(shell):
    done = shell.run("migrate")
    assert (done.returncode, "is up to date" in done.stdout) == (0, True)
