"""What README.md and the pages for operators show is run as it stands, against a real `parley serve`."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.documents import DOCS, ROOT, blocks

README = ROOT / "README.md"
CURL_HEADING = "A first conversation with curl"
PYTHON_HEADING = "The same with pycronofy"
SECONDS = 60


class Running:
    """A service of its own process, and an application of it."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ, "PARLEY_DATA_DIR": str(folder), "NO_PROXY": "127.0.0.1"}
        made = json.loads(self.parley("application", "create", "README", "--json").stdout)
        self.client_id, self.client_secret = made["client_id"], made["client_secret"]
        command = [sys.executable, "-m", "parley", "serve", "--port", "0"]
        self.process = subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True)
        ready = next(json.loads(line) for line in self.process.stderr if '"service.ready"' in line)
        self.address = ready["address"]

    def parley(self, *words):
        return subprocess.run(
            [sys.executable, "-m", "parley", *words], env=self.environment, capture_output=True, text=True, check=True
        )

    def filled(self, text):
        """A script of the README with the three values that its reader fills in."""
        values = {"PARLEY": self.address, "CLIENT_ID": self.client_id, "CLIENT_SECRET": self.client_secret}
        for name, value in values.items():
            text, found = re.subn(rf"^{name}( ?= ?)(\"?)[^\n\"]*\2$", rf"{name}\g<1>\g<2>{value}\2", text, flags=re.M)
            assert found == 1, name
        return text

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stderr.close()
        self.process.wait(SECONDS)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    service = Running(tmp_path_factory.mktemp("readme") / "data")
    yield service
    service.end()


def under(heading, language):
    return "".join(one.text for one in blocks(README) if one.heading == heading and one.language == language)


def played(running, command, script):
    return subprocess.run(
        command, input=script, env=running.environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def needs_curl():
    if shutil.which("curl"):
        return
    if os.environ.get("CI") == "true":
        pytest.fail("curl is not installed")
    pytest.skip("curl is not installed")


def test_the_conversation_with_curl_ends_with_the_meeting_in_the_calendar(running):
    needs_curl()
    script = running.filled(under(CURL_HEADING, "sh"))
    told = played(running, ["sh", "-eu"], script)
    assert told.returncode == 0, told.stderr
    link, status, start, events = told.stdout.strip().split("\n")
    assert link.startswith(f"{running.address}/c/scv_")
    assert status == "complete"
    meeting, cleaning = json.loads(events)["events"]
    assert (meeting["summary"], meeting["start"]) == ("Roadmap", start)
    assert start.endswith("T09:00:00Z")
    assert cleaning["summary"] == "Cleaning"


def test_the_conversation_with_pycronofy_ends_in_an_agreement(running):
    script = running.filled(under(PYTHON_HEADING, "python"))
    told = played(running, [sys.executable, "-W", "ignore", "-"], script)
    assert told.returncode == 0, told.stderr
    assert re.fullmatch(r"complete \d{4}-\d\d-\d\dT09:00:00Z\n", told.stdout)


def test_the_nightly_backup_of_a_running_service_can_be_restored_as_shown(running, tmp_path):
    shown = [one for one in blocks(DOCS / "operations.md") if one.heading == "Backup and restore"]
    nightly, trial = [one.text for one in shown if one.language == "sh"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**running.environment, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": path}
    (tmp_path / "backups").mkdir()
    script = nightly.replace("30 3 * * *", "").replace("\\%", "%")
    subprocess.run(["sh", "-eu"], input=script, env=environment, cwd=tmp_path, text=True, check=True)
    (file,) = (tmp_path / "backups").iterdir()
    script = re.sub(r"backups/\S+", f"backups/{file.name}", trial)
    subprocess.run(["sh", "-eu"], input=script, env=environment, cwd=tmp_path, text=True, check=True)
    (restored,) = tmp_path.glob("*/data/parley.db")
    found = sqlite3.connect(restored).execute("select name from applications").fetchall()
    assert found == [("README",)]
    assert restored.with_name("secret.key").read_text() == (running.folder / "secret.key").read_text()


def test_the_key_made_by_the_example_is_accepted(tmp_path):
    command = next(one.text for one in blocks(DOCS / "configuration.md") if "token_bytes" in one.text)
    key = subprocess.run(["sh", "-eu"], input=command, capture_output=True, text=True, check=True).stdout.strip()
    environment = {**os.environ, "PARLEY_DATA_DIR": str(tmp_path / "data"), "PARLEY_SECRET_KEY": key}
    subprocess.run([sys.executable, "-m", "parley", "migrate"], env=environment, capture_output=True, check=True)
    assert not Path(tmp_path / "data" / "secret.key").exists()
