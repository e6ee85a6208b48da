"""Faults of clock, time zone data and base URL."""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from parley import data_center
from parley.actions import applications, conversations
from parley.core.access import ApplicationCaller
from parley.core.conversation import Proposal
from parley.doctor import clocks, outside
from parley.settings import Settings
from tests.actions.conftest import guest
from tests.conftest import Clock
from tests.doctor.conftest import found, installed, wrong
from tests.make import HOUR, period, utc

NOW = utc("2026-11-21", "12:00")


@pytest.mark.parametrize(
    ("now", "newest", "jumped", "level"),
    [
        pytest.param(NOW, None, 0.0, "well", id="nothing recorded"),
        pytest.param(NOW, NOW + 30, 0.1, "well", id="a little ahead"),
        pytest.param(NOW, NOW - 10 * 365 * 86400, 0.0, "well", id="nothing happened for long"),
        pytest.param(NOW, NOW + 3600, 0.0, "wrong", id="set back by an hour"),
        pytest.param(0, None, 0.0, "wrong", id="1970"),
        pytest.param(utc("2106-01-01"), None, 0.0, "wrong", id="2106"),
        pytest.param(NOW, None, -3.0, "wrong", id="set while we look"),
    ],
)
def test_a_clock_that_cannot_be_right_is_found(now, newest, jumped, level):
    assert clocks.clock(now, newest, jumped).level == level


@pytest.mark.parametrize(("apart", "level"), [(0.4, "well"), (-1.5, "well"), (2.5, "wrong"), (-3600, "wrong")])
def test_a_server_with_another_time_is_found(apart, level):
    assert clocks.server_clock(NOW, NOW + apart).level == level


def talk(settings, now=time.time):
    """Open a conversation."""
    dc = data_center.opened(settings, now=lambda: int(now()))
    caller = ApplicationCaller(applications.create(dc, "Agenda").application.id)
    proposal = Proposal((guest("@one"), guest("@two")), "Etc/UTC", "Roadmap", None, HOUR, (period("09:00", "12:00"),))
    conversations.create(dc, caller, proposal)
    dc.db.close()


def test_a_clock_that_was_set_back_since_the_newest_conversation_is_found(settings):
    talk(settings)
    assert "clock" not in wrong(settings)
    talk(settings, now=lambda: time.time() + 86400)
    assert "something was recorded at" in found(settings)["clock"].found


REAL = Path(clocks.search_path()[0] if clocks.search_path() else "/usr/share/zoneinfo")


@pytest.fixture
def zone_folder(tmp_path):
    """Time zone data of a system, with one zone and a version that a test may change."""
    folder = tmp_path / "zoneinfo"
    (folder / "Etc").mkdir(parents=True)
    (folder / "Europe").mkdir()
    packaged = Path(sys.modules["tzdata"].__file__).parent if "tzdata" in sys.modules else package()
    (folder / "Etc" / "UTC").write_bytes((packaged / "zoneinfo" / "Etc" / "UTC").read_bytes())
    (folder / "tzdata.zi").write_text("# version 2026a\n")
    return folder


def package():
    """Where the package tzdata is."""
    import tzdata

    return Path(tzdata.__file__).parent


def examined(settings, path):
    """What doctor says where this is the system's time zone data, by the name of the check."""
    environment = {**os.environ, "PARLEY_DATA_DIR": str(settings.data_dir), "PYTHONTZPATH": str(path)}
    command = [sys.executable, "-m", "parley", "doctor", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return {one["check"]: one for one in json.loads(done.stdout)["checks"]}


def test_time_zones_that_cannot_be_read_are_found(settings, zone_folder):
    (zone_folder / "Europe" / "Berlin").write_text("no time zone")
    told = examined(settings, zone_folder)["time-zones"]
    assert told["level"] == "wrong"
    assert "Europe/Berlin cannot be read" in told["found"]


def test_time_zones_that_are_wrong_are_found(settings, zone_folder):
    utc_data = (zone_folder / "Etc" / "UTC").read_bytes()
    (zone_folder / "Europe" / "London").write_bytes(utc_data)
    assert "Europe/London is wrong" in examined(settings, zone_folder)["time-zones"]["found"]


def test_old_time_zone_data_is_found(settings, zone_folder):
    (zone_folder / "tzdata.zi").write_text("# version 2019c\n")
    told = examined(settings, zone_folder)["time-zone-age"]
    assert (told["level"], "2019c" in told["found"], "PYTHONTZPATH" in told["todo"]) == ("wrong", True, True)


def test_the_packages_data_is_used_where_the_system_has_none(settings):
    told = examined(settings, "")
    assert "the package tzdata" in told["time-zones"]["found"]
    assert told["time-zone-age"]["level"] == "well"


@pytest.fixture
def elsewhere():
    """A web server that is not Parley, and answers as a test wants."""

    class Handler(BaseHTTPRequestHandler):
        answer = (200, b"It works!")

        def do_GET(self):
            self.send_response(self.answer[0])
            self.end_headers()
            self.wfile.write(self.answer[1])

        def log_message(self, *_words):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Handler, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def at(settings, url, **more):
    return Settings(data_dir=settings.data_dir, base_url=url, **more)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((200, b"It works!"), "something else answers"),
        ((404, b""), "something else answers"),
        ((200, b'["ready"]'), "something else answers"),
        ((503, b""), "is not ready"),
        ((200, b'{"status": "ready", "data_center": "mars"}'), "is called mars"),
    ],
)
def test_a_base_url_that_leads_elsewhere_is_found(settings, elsewhere, answer, told):
    handler, url = elsewhere
    handler.answer = answer
    assert told in found(at(settings, url))["base-url"].found
    assert "base-url" in wrong(at(settings, url))


def test_a_base_url_where_nothing_answers_is_pointed_out(settings):
    assert found(at(settings, "http://127.0.0.1:1"))["base-url"].level == "hint"


@pytest.mark.parametrize("url", ["http://nobody.invalid", "https://127.0.0.1:{port}"])
def test_a_base_url_that_cannot_be_reached_is_found(settings, elsewhere, url):
    port = elsewhere[1].rpartition(":")[2]
    assert "cannot be reached" in found(at(settings, url.format(port=port)))["base-url"].found


def test_this_installation_is_told_from_another(settings, tmp_path, serve):
    talk(settings)
    other = installed(Settings(data_dir=tmp_path / "other"))
    talk(other)
    dc = data_center.opened(settings)
    service = serve(dc, Clock())
    assert "base-url" not in found(at(settings, service.url))
    assert "does not know this installation's links" in found(at(other, service.url))["base-url"].found
    dc.db.close()


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://localhost", False),
        ("https://meet.example.org", False),
        ("http://meet.example.org", True),
        ("http://192.0.2.7:8000", True),
    ],
)
def test_links_without_tls_over_a_network_are_pointed_out(url, is_open):
    assert outside.is_open_to_listeners(url) is is_open


def test_several_hosts_need_a_base_url():
    told = outside.base_url(Settings(database="postgresql://127.0.0.1/parley"), None)
    assert (told.level, "PARLEY_BASE_URL" in told.todo) == ("hint", True)
