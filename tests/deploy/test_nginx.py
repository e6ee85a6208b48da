"""The nginx example, with nginx itself in front of a real service."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from parley.actions import applications
from tests.deploy.conftest import DEPLOY, program
from tests.make import proposal

EXAMPLE = DEPLOY / "nginx.conf"
NAME = "meet.example.org"
WORKERS = "user root;" if os.geteuid() == 0 else ""  # the folder of a test is for its user alone
AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/main.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/parley.conf;
}}
"""


@pytest.fixture(scope="module")
def certificate():
    """A certificate of its own making, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    written = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.sign(key, hashes.SHA256()).public_bytes(written[0]), key.private_bytes(*written)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def configured(tmp_path, certificate):
    """Write the example for this machine: free ports, a folder for logs, these services behind it."""

    def write(*upstream):
        plain, secure = free_port(), free_port()
        text = re.sub(r".*\[::\]:.*\n", "", EXAMPLE.read_text())
        text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{secure} ")
        text = text.replace("/var/log/nginx", str(tmp_path)).replace(f"/etc/letsencrypt/live/{NAME}", str(tmp_path))
        for told, port in zip((8000, 8001), upstream, strict=True):
            text = text.replace(f"server 127.0.0.1:{told} ", f"server 127.0.0.1:{port} ")
        for name, content in zip(("fullchain.pem", "privkey.pem"), certificate, strict=True):
            (tmp_path / name).write_bytes(content)
        (tmp_path / "parley.conf").write_text(text)
        (tmp_path / "nginx.conf").write_text(AROUND.format(folder=tmp_path, user=WORKERS))
        return [program("nginx", "nginx-light"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], plain, secure

    return write


@dataclass
class Front:
    """A running nginx: its address, and that of its plain door."""

    url: str
    plain: str


@pytest.fixture
def front(configured):
    """Start nginx before these ports; it ends with the test."""
    with contextlib.ExitStack() as running:

        def start(*upstream):
            words, plain, secure = configured(*upstream)
            process = subprocess.Popen(words, stderr=subprocess.PIPE)
            running.callback(process.stderr.close)
            running.callback(process.wait, 10)
            running.callback(process.terminate)
            wait_for(secure)
            return Front(f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}")

        yield start


def wait_for(port):
    until = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, "nginx does not listen"
            time.sleep(0.02)


@pytest.fixture
def parley(dc, clock, serve):
    """A service, the number of its port, and an application's key."""
    service = serve(dc, clock)
    return int(service.url.rpartition(":")[2]), applications.create(dc, "Test", ()).client_secret


@pytest.fixture
def client():
    """Clients that take the certificate as it is."""
    with contextlib.ExitStack() as opened:
        yield lambda front, key="none": opened.enter_context(
            httpx2.Client(base_url=front.url, headers={"Authorization": f"Bearer {key}"}, verify=False, timeout=20)
        )


def test_nginx_takes_the_example(configured):
    words, _, _ = configured(free_port(), free_port())
    tested = subprocess.run([*words, "-t"], capture_output=True, text=True, timeout=20, check=False)
    assert tested.returncode == 0, tested.stderr


def test_a_dead_service_is_passed_over(front, parley, client):
    port, key = parley
    caller = client(front(free_port(), port), key)
    assert {caller.post("/v1/scheduling_conversations", json=proposal()).status_code for _ in range(8)} == {200}


def test_without_any_service_the_answer_is_ours_all_the_same(front, client):
    answer = client(front(free_port(), free_port())).get("/v1/scheduling_conversations")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["errors"]["base"][0]["key"] == "errors.unavailable"


def test_a_body_that_is_too_large_is_refused_in_the_same_words(front, parley, client):
    port, key = parley
    through = client(front(port, port), key).post("/v1/scheduling_conversations", content=b"x" * (2**20 + 1))
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}) as caller:
        straight = caller.post("/v1/scheduling_conversations", content=b"x" * (2**20 + 1))
    assert (through.status_code, through.json()) == (straight.status_code, straight.json())
    assert through.headers["Content-Type"].partition(";")[0] == "application/json"


def test_the_largest_body_gets_through(front, parley, client):
    port, key = parley
    answer = client(front(port, port), key).post("/v1/scheduling_conversations", content=b" " * 2**20)
    assert "X-Request-Id" in answer.headers  # Parley has refused it, not nginx


def test_metrics_are_not_for_everybody(front, parley, client):
    port, _ = parley
    caller = client(front(port, port))
    assert caller.get("/health/ready").status_code == 200
    assert caller.get("/metrics").status_code == 404
    assert "X-Request-Id" not in caller.get("/metrics").headers


def test_plain_http_leads_to_https(front, parley):
    port, _ = parley
    with httpx2.Client(base_url=front(port, port).plain) as caller:
        answer = caller.get("/docs?a=b")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{NAME}/docs?a=b")


@pytest.mark.parametrize("is_served", [True, False], ids=["served", "while no service runs"])
def test_no_log_holds_the_token_of_a_link(is_served, front, parley, client, tmp_path):
    port = parley[0] if is_served else free_port()
    caller = client(front(port, port))
    caller.get("/c/canary-in-the-path")
    caller.post("/./%63//canary-in-another-spelling", content=b"x" * (2**20 + 1))
    caller.get("/v1/scheduling_conversations?token=canary-in-the-query")
    caller.get("/docs", headers={"Referer": "https://meet.example.org/c/canary-in-the-referrer"})
    logs = {one.name: one.read_text() for one in tmp_path.glob("*.log")}
    assert "GET /docs" in logs["parley.access.log"]
    assert [name for name, text in logs.items() if "canary" in text] == []
