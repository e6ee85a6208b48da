"""Channels by the libraries' own methods; what they are told, judged by the libraries' own verifiers."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pycronofy
import pytest
from pycronofy import settings
from pycronofy.exceptions import PyCronofyRequestError

from parley import data_center
from parley.settings import Settings
from tests.clients.node_library import CronofyError, Node, installed
from tests.make import person, proposal, selection
from tests.receiver import receiving

NAME = "cronofy-hmac-sha256"


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def receiver():
    with receiving() as started:
        yield started


@pytest.fixture
def dc(tmp_path, clock, receiver):
    """An installation that may call the receiver."""
    opened = data_center.opened(
        Settings(data_dir=tmp_path / "data", rate_limit="0", outbound_allow=receiver.allowed), now=clock
    )
    yield opened
    opened.db.close()


@pytest.fixture
def service(serve, dc, clock):
    return serve(dc, clock)


@pytest.fixture
def python(service, application, grace, monkeypatch):
    """pycronofy with Grace's token."""
    monkeypatch.setattr(settings, "API_BASE_URL", service.url)
    return pycronofy.Client(application.id, application.secret, access_token=grace.client.token)


@pytest.fixture(scope="module")
def process():
    """Node.js with the library."""
    started = Node(installed())
    yield started
    started.end()


@pytest.fixture
def node(process, service, application, grace):
    """The library for Node.js with Grace's token."""
    config = {"client_id": application.id, "client_secret": application.secret}
    return process.client(service.url, **config, access_token=grace.client.token)


def test_pycronofy_opens_lists_and_closes_channels(service, python, grace, receiver):
    plain = python.create_notification_channel(receiver.url)
    filtered = python.create_notification_channel(receiver.url, calendar_ids=(grace.calendar,), only_managed=True)
    assert (plain["callback_url"], plain["filters"]) == (receiver.url, {})
    assert filtered["filters"] == {"calendar_ids": [grace.calendar], "only_managed": True}
    listed = {one["channel_id"] for one in python.list_notification_channels()}
    assert listed == {plain["channel_id"], filtered["channel_id"]}
    python.close_notification_channel(plain["channel_id"])
    assert [one["channel_id"] for one in python.list_notification_channels()] == [filtered["channel_id"]]
    with pytest.raises(PyCronofyRequestError) as refused:
        python.close_notification_channel(plain["channel_id"])
    assert refused.value.response.status_code == 404


def test_node_opens_lists_and_closes_channels(node, receiver):
    enabled = {"scheduling_conversations": {"enabled": True}}
    made = node.call("createNotificationChannel", callback_url=receiver.url, **enabled)["channel"]
    assert made["scheduling_conversations"] == {"enabled": True}
    assert node.call("listNotificationChannels") == {"channels": [made]}
    node.call("deleteNotificationChannel", channel_id=made["channel_id"])
    assert node.call("listNotificationChannels") == {"channels": []}
    with pytest.raises(CronofyError) as refused:
        node.call("createNotificationChannel", callback_url="http://127.0.0.1:1/")
    assert (refused.value.status, list(refused.value.told["errors"])) == (422, ["callback_url"])


def everything_sent(service, application, grace, receiver):
    """Verification, joined, updated and change, as row 14 of the checklist wants them."""
    body = {"callback_url": receiver.url, "scheduling_conversations": {"enabled": True}}
    assert grace.client.post("/v1/channels", json=body).status_code == 200
    service.work()
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl", common_name="Kärl 💡")))
    service.work()
    for position in (1, 0):
        application.client.select(opened, position, selection("10:00"))
        service.work()
    joined, updated = (f"scheduling_conversation_{one}" for one in ("joined", "updated"))
    assert sorted(receiver.types) == ["change", joined, updated, updated, "verification"]
    return receiver.received


def test_both_libraries_believe_everything_that_is_sent(service, application, grace, receiver, python, node):
    for one in everything_sent(service, application, grace, receiver):
        signature, body = one.headers[NAME], one.body.decode()
        assert python.hmac_valid(signature, body)
        assert node.call("hmacValid", hmac=signature, body=body) is True
        assert not python.hmac_valid(signature, body.replace("chn_", "chn-"))
        assert node.call("hmacValid", hmac=signature, body=body + "\n") is False


def test_with_two_active_secrets_each_receiver_believes_it_by_the_one_it_knows(
    service, application, grace, receiver, python, node, tmp_path
):
    run = [
        sys.executable,
        "-m",
        "parley",
        "application",
        "rotate-secret",
        application.id,
        "--overlap",
        "3650d",
        "--json",
    ]
    env = os.environ | {"PARLEY_DATA_DIR": str(tmp_path / "data")}
    told = subprocess.run(run, env=env, capture_output=True, text=True, timeout=60, check=True).stdout
    newer = json.loads(told)["client_secret"]
    for one in everything_sent(service, application, grace, receiver):
        signature, body = one.headers[NAME], one.body.decode()
        assert (signature.count(","), " " in signature) == (1, False)
        for secret in (application.secret, newer):
            assert pycronofy.Client(application.id, secret).hmac_valid(signature, body)
            assert node.call("hmacValid", hmac=signature, body=body, client_secret=secret) is True
        assert not pycronofy.Client(application.id, "another").hmac_valid(signature, body)
        assert node.call("hmacValid", hmac=signature, body=body, client_secret="another") is False
