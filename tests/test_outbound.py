"""Calls outside, with real servers: what may not be called, and what a hostile server can do to who calls."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from parley import outbound
from parley.settings import Settings
from tests.receiver import receiving

NOWHERE = frozenset()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("0.0.0.0", False),
        ("0.1.2.3", False),
        ("9.255.255.255", True),
        ("10.0.0.0", False),
        ("10.255.255.255", False),
        ("11.0.0.0", True),
        ("100.63.255.255", True),
        ("100.64.0.0", False),
        ("100.127.255.255", False),
        ("100.128.0.0", True),
        ("127.0.0.1", False),
        ("127.255.255.254", False),
        ("128.0.0.1", True),
        ("169.253.255.255", True),
        ("169.254.169.254", False),
        ("172.15.255.255", True),
        ("172.16.0.1", False),
        ("172.31.255.255", False),
        ("172.32.0.0", True),
        ("192.0.0.8", False),
        ("192.0.2.1", False),
        ("192.0.3.0", True),
        ("192.88.99.1", False),
        ("192.167.255.255", True),
        ("192.168.0.1", False),
        ("192.169.0.0", True),
        ("198.17.255.255", True),
        ("198.18.0.1", False),
        ("198.19.255.255", False),
        ("198.51.100.7", False),
        ("203.0.113.7", False),
        ("203.0.114.0", True),
        ("223.255.255.255", True),
        ("224.0.0.1", False),
        ("239.255.255.255", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("8.8.8.8", True),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("::808:808", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::a00:1", False),
        ("100::1", False),
        ("1fff:ffff::1", False),
        ("2001::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("2001:2::1", False),
        ("2001:10::1", False),
        ("2001:20::1", False),
        ("2001:1ff:ffff::1", False),
        ("2001:200::1", True),
        ("2001:4860:4860::8888", True),
        ("2001:db8::1", False),
        ("2001:db9::1", True),
        ("2002:7f00:1::", False),
        ("2003::1", True),
        ("2a00:1450:4001::1", True),
        ("3fff::1", False),
        ("3fff:fff::1", False),
        ("4000::1", False),
        ("5f00::1", False),
        ("fc00::1", False),
        ("fd12:3456::1", False),
        ("fe80::1", False),
        ("fe80::1%1", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_an_address_is_public_or_not(address, public):
    assert outbound.is_public(address) == public


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "http://",
        "http:///hook",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "http://exa mple.org/",
        "http://ex\\ample.org/",
        "http://example.org\n.evil.example/",
        "http://%31%32%37.0.0.1/",
        "http://grace@example.org/",
        "http://grace:secret@example.org/",
        "http://8.8.8.8:80@127.0.0.1/",
        "http://a..b/",
        "http://.example.org/",
        "http://example.org:22/",
        "http://example.org:25/",
        "http://example.org:1023/",
        "http://example.org:6379/",
        "https://example.org:5432/",
        "http://example.org:0/x:22",
        "http://example.org:99999/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost:8080/",
        "http://127.0.0.1/",
        "https://127.0.0.1./",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://0x/",
        "http://127。0。0。1/",
        "http://１２７.0.0.1/",
        "http://①②⑦.0.0.1/",
        "http://1.2.3.4.5/",
        "http://256.256.256.256/",
        "http://99999999999/",
        "http://a.b.0x7f/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://[2a00:1450::1%25eth0]/",
        "http://[::1/",
        "http://[x]/",
    ],
)
def test_what_can_be_told_to_be_wrong_is_refused_before_anything_is_looked_up(url):
    assert outbound.is_refused(url, NOWHERE)
    with pytest.raises(outbound.Refused):
        outbound.post(url, b"", {}, NOWHERE)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://example.org/hook?token=x#y",
        "https://EXAMPLE.org:443/",
        "http://example.org:8080/",
        "https://example.org.:8443/",
        "https://bücher.example/",
        "https://a_b.example.org/",
        "https://8.8.8.8/",
        "https://[2a00:1450:4001::1]/",
        "https://nothing.invalid/",
    ],
)
def test_what_may_be_public_is_not_refused_before_it_is_called(url):
    assert not outbound.is_refused(url, NOWHERE)


@pytest.mark.parametrize(
    ("url", "allowed", "refused"),
    [
        pytest.param("http://127.0.0.1:22/", "127.0.0.1:22", False, id="exactly this"),
        pytest.param("http://127.0.0.1:23/", "127.0.0.1:22", True, id="another port"),
        pytest.param("http://127.0.0.2:22/", "127.0.0.1:22", True, id="another host"),
        pytest.param("http://2130706433:22/", "127.0.0.1:22", True, id="another spelling"),
        pytest.param("http://HOOKS.localhost/", "hooks.localhost:80", False, id="default port, upper case"),
        pytest.param("https://hooks.localhost/", "hooks.localhost:443", False, id="default port of https"),
        pytest.param("https://hooks.localhost/", "hooks.localhost:80", True, id="default port of the other"),
        pytest.param("ftp://127.0.0.1:22/", "127.0.0.1:22", True, id="another scheme"),
        pytest.param("http://grace@127.0.0.1:22/", "127.0.0.1:22", True, id="with a name"),
        pytest.param("http://[::1]:9000/", "[::1]:9000", False, id="IPv6"),
        pytest.param("http://[FD00::A]/", "[fd00::a]:80", False, id="IPv6, default port, upper case"),
        pytest.param("http://[::1]:9000/", "[::2]:9000", True, id="another host of IPv6"),
        pytest.param("http://[::1:9000]/", "::1:9000:80", True, id="without brackets"),
    ],
)
def test_an_exception_is_exactly_one_host_and_port(url, allowed, refused):
    assert outbound.is_refused(url, frozenset({allowed})) == refused


@pytest.mark.parametrize(
    ("named", "understood"),
    [
        pytest.param("[::1]:9000, [FD00::A]:80,hooks.intranet:8080", True, id="several"),
        pytest.param("[::ffff:10.0.0.1]:9000", True, id="mapped"),
        pytest.param("::1:9000", False, id="without brackets"),
        pytest.param("[::1]", False, id="without a port"),
        pytest.param("[hooks.intranet]:80", False, id="a name in brackets"),
        pytest.param("[::1:9000", False, id="half a bracket"),
    ],
)
def test_an_exception_for_ipv6_is_named_in_brackets(named, understood):
    try:
        allowed = Settings(outbound_allow=named).outbound_allowed
    except ValidationError:
        allowed = None
    assert allowed == ({one.strip().lower() for one in named.split(",")} if understood else None)


@pytest.fixture
def receiver():
    with receiving() as started:
        yield started


def post(receiver, body=b"{}"):
    return outbound.post(receiver.url, body, {"X-Told": "yes"}, frozenset({receiver.allowed}))


def get(receiver):
    return outbound.get(receiver.url, frozenset({receiver.allowed}))


def test_what_is_allowed_is_called_with_exactly_these_bytes(receiver):
    body = '{"name": "Grüße"}  '.encode()
    assert post(receiver, body).status == 200
    assert receiver.received[0].body == body
    assert receiver.received[0].headers["x-told"] == "yes"
    assert receiver.received[0].headers["host"] == receiver.allowed


def test_a_name_that_leads_to_this_machine_is_refused_when_it_is_called(receiver):
    name = socket.gethostname()
    try:
        socket.getaddrinfo(name, receiver.port)
    except OSError:
        pytest.skip("this machine's name is known to nobody")
    url = f"http://{name}:{receiver.port}/"
    if outbound.is_refused(url, NOWHERE):
        pytest.skip("this machine's name tells by itself that it is not public")
    with pytest.raises(outbound.Refused, match="public"):
        outbound.get(url, NOWHERE)
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_asked(receiver, monkeypatch):
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.allowed}")
        assert post(receiver).status == 200
    assert proxy.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_nothing_more(receiver, status):
    with receiving() as elsewhere:
        receiver.status, receiver.headers = status, {"location": elsewhere.url}
        assert post(receiver).status == status
    assert elsewhere.received == []
    assert len(receiver.received) == 1


def test_names_of_headers_are_in_lower_case(receiver):
    receiver.headers = {"Retry-After": "120"}
    assert post(receiver).headers["retry-after"] == "120"


def test_a_huge_answer_is_cut_off(receiver):
    def answer(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1 << 12):
            handler.wfile.write(b"x" * (1 << 16))

    receiver.answering = answer
    began = time.monotonic()
    assert get(receiver).body == b"x" * (1 << 16)
    assert time.monotonic() - began < 3


def test_a_compressed_answer_is_not_unpacked(receiver):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("content-encoding", "gzip")
        handler.end_headers()
        handler.wfile.write(b"\x1f\x8b rubbish")

    receiver.answering = answer
    assert get(receiver).body == b"\x1f\x8b rubbish"


@contextmanager
def speaking(speak, host="127.0.0.1"):
    """A server that speaks with each that connects as the test says; where it listens."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    over = threading.Event()

    def serve():
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection):
        with connection:
            try:
                speak(connection, over)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield f"{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    over.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def own_ipv6():
    """This machine's own address, where it has one of IPv6."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    return "::1"


def test_a_server_hears_itself_called_as_it_stands_in_the_address(own_ipv6):
    heard = []

    def listen(connection, over):
        heard.append(connection.recv(1 << 16))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with speaking(listen, own_ipv6) as where:
        assert outbound.post(f"http://{where}/", b"", {}, frozenset({where})).status == 204
    assert f"\r\nHost: {where}\r\n".encode() in heard[0]


def hang(connection, over):
    over.wait(30)


def drip(*chunks):
    def speak(connection, over):
        connection.recv(1 << 16)
        for chunk in chunks:
            connection.sendall(chunk)
        while not over.wait(0.2):
            connection.sendall(b"x")

    return speak


def endless_headers(connection, over):
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.2):
        connection.sendall(b"X-Header: x\r\n")


def endless_hints(connection, over):
    connection.recv(1 << 16)
    while not over.is_set():
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000)


def hangs_up(connection, over):
    connection.recv(1 << 16)


def babbles(connection, over):
    connection.recv(1 << 16)
    connection.sendall(b"220 mail.example.org ESMTP\r\n")


def lies_about_its_length(connection, over):
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")


def huge_headers(connection, over):
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * (1 << 20) + b"\r\n\r\n")


HOSTILE = {
    hang: "timed out",
    drip(b"HTTP/1.1 200 OK\r\n\r\n"): "timed out",
    drip(b"HTTP/1.1 200 "): "timed out",
    endless_headers: "timed out",
    endless_hints: "broken answer",
    hangs_up: "broken answer",
    babbles: "broken answer",
    lies_about_its_length: "broken answer",
    huge_headers: "broken answer",
}


def how_it_ended(speak):
    with speaking(speak) as where:
        began = time.monotonic()
        with pytest.raises(outbound.Failed) as failed:
            outbound.get(f"http://{where}/", frozenset({where}))
        assert time.monotonic() - began < 7
    return str(failed.value)


def test_every_hostile_server_is_left_in_time():
    with ThreadPoolExecutor(len(HOSTILE)) as pool:
        assert list(pool.map(how_it_ended, HOSTILE)) == list(HOSTILE.values())


def chunks_without_end(connection, over):
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
    over.wait(30)


@pytest.mark.parametrize(
    "speak",
    [drip(b"HTTP/1.1 200 OK\r\n\r\n"), chunks_without_end, lies_about_its_length],
    ids=("drips", "open", "short"),
)
def test_what_was_sent_has_arrived_when_that_is_answered_whatever_follows(speak):
    with speaking(speak) as where:
        answer = outbound.post(f"http://{where}/", b"{}", {}, frozenset({where}))
    assert (answer.status, answer.body) == (200, b"")


def test_few_interim_answers_are_passed_over():
    def hints(connection, over):
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + b"HTTP/1.1 204 No Content\r\n\r\n")

    with speaking(hints) as where:
        assert outbound.post(f"http://{where}/", b"{}", {}, frozenset({where})).status == 204


def test_a_server_that_reads_nothing_is_left_in_time():
    with speaking(hang) as where:
        began = time.monotonic()
        with pytest.raises(outbound.Failed):
            outbound.post(f"http://{where}/", b"x" * (32 << 20), {}, frozenset({where}))
    assert time.monotonic() - began < 7


def test_where_nobody_listens_nobody_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        where = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(outbound.Failed, match="cannot connect"):
        outbound.post(f"http://{where}/", b"", {}, frozenset({where}))


def test_a_name_that_nobody_knows_fails():
    with pytest.raises(outbound.Failed):
        outbound.get("https://nothing.invalid/", NOWHERE)


def certificate(folder, name):
    """A certificate of its own making for the name, that who trusts it takes for good."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    built = x509.CertificateBuilder(
        subject, subject, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
    )
    subjects = [x509.IPAddress(ip_address(name)) if ":" in name else x509.DNSName(name)]
    made = built.add_extension(x509.SubjectAlternativeName(subjects), critical=False).sign(key, hashes.SHA256())
    written = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(made.public_bytes(written[0]))
    (folder / "both.pem").write_bytes(made.public_bytes(written[0]) + key.private_bytes(*written))
    return folder


def secure(folder):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "both.pem")

    def speak(connection, over):
        with tls.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1 << 16)
            wrapped.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    return speak


SCRIPT = """
import sys
from parley import outbound
try:
    print(outbound.get(sys.argv[1], frozenset({sys.argv[2]})).status)
except outbound.Failed as failed:
    print(failed)
"""


@pytest.mark.parametrize(
    ("name", "is_trusted", "told"),
    [
        pytest.param("localhost", True, "200", id="trusted"),
        pytest.param("localhost", False, "certificate refused", id="of nobody's"),
        pytest.param("example.org", True, "certificate refused", id="of another name"),
    ],
)
def test_the_name_in_the_address_is_what_the_certificate_has_to_be_for(tmp_path, name, is_trusted, told):
    certificate(tmp_path, name)
    with speaking(secure(tmp_path)) as where:
        assert told_by(where.replace("127.0.0.1", "localhost"), tmp_path if is_trusted else None) == told


@pytest.mark.parametrize(("name", "told"), [("::1", "200"), ("::2", "certificate refused")])
def test_an_address_of_ipv6_is_what_the_certificate_has_to_be_for(tmp_path, own_ipv6, name, told):
    certificate(tmp_path, name)
    with speaking(secure(tmp_path), own_ipv6) as where:
        assert told_by(where, tmp_path) == told


def told_by(where, trusted):
    """What comes of a call by a process of its own, which trusts the certificate in the folder."""
    trust = {"SSL_CERT_FILE": str(trusted / "certificate.pem")} if trusted else {}
    run = [sys.executable, "-c", SCRIPT, f"https://{where}/", where]
    done = subprocess.run(run, env=os.environ | trust, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()
