"""parley doctor as its users have it: what it prints, and how it ends."""

import json


def installed(shell):
    shell.json("application", "create", "Agenda")
    return shell


def test_nothing_wrong_is_told_with_status_0(shell):
    done = installed(shell).run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "nothing is wrong"


def test_what_is_wrong_is_told_with_what_to_do_and_status_1(shell):
    installed(shell)
    (shell.data / "secret.key").chmod(0o644)
    done = shell.run("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"chmod go= {shell.data}/secret.key" in done.stdout
    assert done.stdout.splitlines()[-1] == "wrong: files"


def test_json_tells_every_check(shell):
    installed(shell)
    well = shell.json("doctor")
    (shell.data / "parley.db").unlink()
    done = shell.run("doctor", "--json")
    told = json.loads(done.stdout)
    assert (well["well"], told["well"], done.returncode) == (True, False, 1)
    assert {"check", "level", "found", "todo"} == set(told["checks"][0])
    assert [one["check"] for one in told["checks"] if one["level"] == "wrong"] == ["database"]


def test_there_need_not_be_anything_yet(shell):
    done = shell.run("doctor")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "wrong: data-folder, database"
    assert list(shell.folder.iterdir()) == []


def test_a_running_service_is_recognised(shell, serving):
    installed(shell)
    service = serving()
    done = shell.run("doctor", "--json", base_url=service.url)
    told = {one["check"]: one for one in json.loads(done.stdout)["checks"]}
    assert told["base-url"]["found"] == f"a service answers at {service.url}"
