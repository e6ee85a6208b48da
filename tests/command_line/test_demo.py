"""The sample conversation and the three lines that it prints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import httpx2
import pytest


@pytest.fixture
def curl():
    """curl, where it is installed; a build machine must have it."""
    if shutil.which("curl") is None:
        if os.environ.get("CI"):
            pytest.fail("curl is not installed")
        pytest.skip("curl is not installed")


def told_by(lines):
    """Everything up to the third curl line, and the lines themselves."""
    text, commands = [], []
    for line in lines:
        text.append(line)
        if line.startswith("curl "):
            commands.append(line.strip())
        if len(commands) == 3:
            break
    return "".join(text), commands


def answers(commands):
    """What the lines print when they are pasted into a shell."""
    done = [subprocess.run(["sh", "-c", one], capture_output=True, text=True, timeout=60) for one in commands]
    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 3
    return [json.loads(one.stdout) for one in done]


def carries_a_conversation_to_its_end(commands):
    read, listed, selected = answers(commands)
    assert [one["status"] for one in read["participants"]] == ["waiting", "needs_action"]
    assert listed["slots"][0]["slot_id"] in commands[2]
    assert selected["status"] == "complete"
    assert selected["chosen_slot"]["slot_id"] == listed["slots"][0]["slot_id"]


def test_serve_demo_prints_three_lines_that_work(serving, curl):
    _, commands = told_by(serving("--demo").process.stdout)
    carries_a_conversation_to_its_end(commands)


def test_demo_prints_three_lines_that_work_against_a_running_service(shell, serving, curl):
    shell.settings["base_url"] = serving().url
    done = shell.run("demo")
    assert (done.returncode, done.stderr) == (0, "")
    _, commands = told_by(done.stdout.splitlines(keepends=True))
    carries_a_conversation_to_its_end(commands)


def test_each_demo_is_a_new_conversation_of_the_same_application(shell, serving):
    shell.settings["base_url"] = serving().url
    told = [shell.run("demo").stdout for _ in range(2)]
    [found] = shell.json("application", "list")
    assert found["name"] == "Demo"
    assert all(found["client_id"] in text for text in told)
    assert told[0] != told[1]
    assert len({secret_of(text) for text in told}) == 1


def secret_of(text):
    return next(line.split()[-1] for line in text.splitlines() if "client secret" in line)


def test_the_links_lead_to_both_participants_pages(serving):
    text, _ = told_by(serving("--demo").process.stdout)
    pages = [line.split()[-1] for line in text.splitlines() if "page  " in line]
    told = [httpx2.get(page, verify=False) for page in pages]
    assert [(one.status_code, one.headers["content-type"][:9]) for one in told] == [(200, "text/html")] * 2


def test_demo_without_a_service_says_what_to_do(shell):
    done = shell.run("demo", base_url="http://127.0.0.1:1")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "parley serve" in done.stderr


def test_demo_for_a_service_with_another_folder_says_so(shell, serving):
    url = serving().url
    done = shell.run("demo", base_url=url, data_dir=str(shell.folder / "elsewhere"))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "PARLEY_DATA_DIR" in done.stderr


def test_demo_with_another_key_says_so(shell):
    shell.json("application", "create", "Demo")
    done = shell.run("demo", secret_key="A" * 43)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "secret key is not the one" in done.stderr
