"""The examples of docs/clients.md for Python and Node.js are run as they stand, against a real `parley serve`."""

import re
import subprocess
import sys

import pytest

from tests.clients.methods import PAGE
from tests.clients.node_library import environment, installed
from tests.docs.documents import blocks
from tests.docs.test_readme import SECONDS, Running


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    service = Running(tmp_path_factory.mktemp("clients") / "data")
    yield service
    service.end()


def example(running, heading, language):
    """The example under a heading with the three values that its reader fills in."""
    text = next(one.text for one in blocks(PAGE) if (one.heading, one.language) == (heading, language))
    values = {"PARLEY": running.address, "CLIENT_ID": running.client_id, "CLIENT_SECRET": running.client_secret}
    for name, value in values.items():
        text, found = re.subn(rf'^((?:const )?{name} = )"[^"]*"', rf'\g<1>"{value}"', text, flags=re.M)
        assert found == 1, name
    return text


def played(command, script, environment):
    return subprocess.run(
        command, input=script, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def test_the_example_for_python_finds_the_hour_after_the_cleaning(running):
    script = example(running, "Python", "python")
    told = played([sys.executable, "-W", "ignore", "-"], script, running.environment)
    assert told.returncode == 0, told.stderr
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT11:00:00Z\n", told.stdout)


def test_the_example_for_node_ends_in_an_agreement(running):
    modules = installed()
    told = played(["node", "-"], example(running, "Node.js", "js"), {**running.environment, **environment(modules)})
    assert told.returncode == 0, told.stderr
    assert re.fullmatch(r"complete \d{4}-\d\d-\d\dT11:00:00Z\n", told.stdout)


def test_the_examples_give_every_library_the_same_address():
    told = [one.text for one in blocks(PAGE) if "127.0.0.1" in one.text]
    assert {one for text in told for one in re.findall(r"http://[\d.]+:\d+", text)} == {"http://127.0.0.1:8000"}
    assert len(told) == 5
