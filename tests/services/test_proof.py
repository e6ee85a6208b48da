"""Proving a domain: a real DNS server and a real HTTP server say what is published there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from parley.errands import prove
from parley.errands.prove import Places
from parley.store import outbox
from tests.services.conftest import SERVICES

Records = dict[str, list[str]]


@contextmanager
def dns_server(records: Records) -> Iterator[dns.resolver.Resolver]:
    """A DNS server with these TXT records on a free port, and a resolver that asks it and nobody else."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=answer_all, args=(listener, records), daemon=True)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], listener.getsockname()[1]
    yield resolver
    listener.sendto(b"", listener.getsockname())
    thread.join()
    listener.close()


def answer_all(listener: socket.socket, records: Records) -> None:
    """Answer questions until an empty one comes."""
    while (question := listener.recvfrom(4096))[0]:
        asked = dns.message.from_wire(question[0])
        name = asked.question[0].name
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.RA
        if texts := records.get(name.to_text()):
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *texts))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        listener.sendto(reply.to_wire(), question[1])


@pytest.fixture
def records() -> Records:
    return {}


@pytest.fixture
def places(records, receiver) -> Iterator[Places]:
    """The test's own DNS server, and its own page in the place of https://DOMAIN."""
    with dns_server(records) as resolver:
        yield Places(resolver, f"http://127.0.0.1:{receiver.port}/{{domain}}/.well-known/parley-conversation-service")


@pytest.fixture
def made(world):
    return world.enable(world.application.client, domain="people.example")


def look(world, made, places):
    """Ask for a look, take it, and read what it found."""
    path = f"{SERVICES}/{made['conversation_service_id']}"
    asked = world.application.client.post(f"{path}/prove").json()["conversation_service"]["domain_proof"]
    for message in claim(world):
        assert message.lane == f"prove:{world.application.id}"
        prove.look(world.dc, message, places)
    return asked, world.application.client.get(path).json()["conversation_service"]["domain_proof"]


def claim(world):
    lanes = [one for one in world.dc.db.read(outbox.lanes, world.dc.now(), 15) if one.startswith("prove:")]
    return [
        one
        for lane in lanes
        for one in world.dc.db.write(lambda tx, lane=lane: outbox.claim(tx, lane, world.dc.now(), 15, 20))
    ]


def publish(receiver, body: Callable[[str], str], status: int = 200):
    def answer(handler):
        handler.send_response(status)
        if status == 302:
            handler.send_header("Location", f"{receiver.url}/elsewhere")
        handler.end_headers()
        if "elsewhere" in handler.path or status == 200:
            handler.wfile.write(body(handler.path).encode())

    receiver.answering = answer


def test_a_txt_record_proves_a_domain(world, made, places, records, receiver):
    records["_parley.people.example."] = ['"another text"', f'"{made["domain_proof"]["token"]}"']
    asked, found = look(world, made, places)
    assert (asked["status"], found["status"], found["proven_at"]) == ("pending", "proven", "2031-05-04T12:00:00Z")
    assert "failure" not in found
    assert receiver.received == []


def test_a_record_in_several_pieces_is_one_text(world, made, places, records):
    token = made["domain_proof"]["token"]
    records["_parley.people.example."] = [f'"{token[:20]}" "{token[20:]}"']
    assert look(world, made, places)[1]["status"] == "proven"


@pytest.mark.parametrize(
    "around", ["{}", "{}\n", "\r\n{}\r\n", "\n \t{} \n", "parley-proof-other\n{}\nparley-proof-more"]
)
def test_a_page_proves_a_domain(world, made, places, receiver, around):
    publish(receiver, lambda _: around.format(made["domain_proof"]["token"]))
    assert look(world, made, places)[1]["status"] == "proven"
    assert [one.path for one in receiver.received] == ["/people.example/.well-known/parley-conversation-service"]


@pytest.mark.parametrize(
    "domain", ["127.0.0.0x1", "a.0x7f", "a.0X7F", "people.0x", "0x7f.1", "127.1", "people.7", "127.0.0.1"]
)
def test_what_may_be_read_as_an_ip_address_is_no_domain(world, domain):
    """No top-level domain is a number, whichever way numbers are written."""
    body = {"callback_url": world.receiver.url, "domain": domain}
    answer = world.application.client.post(SERVICES, json=body)
    assert answer.status_code == 422
    assert [one["key"] for one in answer.json()["errors"]["domain"]] == ["errors.invalid_format"]


@pytest.mark.parametrize("domain", ["7.example", "127.0.0.1.example", "people.0xyz", "0x7f.example", "people.xn--p1ai"])
def test_a_domain_may_have_numbers_elsewhere(world, domain):
    assert world.enable(world.application.client, domain=domain)["domain"] == domain


MISSING = "the token stands neither in the TXT record nor on the page"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("_parley.people.example.", "parley-proof-other", id="another token"),
        pytest.param("_parley.people.example.", "{}x", id="more than the token"),
        pytest.param("people.example.", "{}", id="at the domain itself"),
        pytest.param("_parley.hr.people.example.", "{}", id="below the domain"),
        pytest.param("_parley.example.", "{}", id="above the domain"),
    ],
)
def test_other_records_prove_nothing(world, made, places, records, receiver, name, text):
    receiver.status = 404
    records[name] = [f'"{text.format(made["domain_proof"]["token"])}"']
    found = look(world, made, places)[1]
    assert (found["status"], found["failure"]) == ("failed", f"{MISSING} (status 404)")
    assert "proven_at" not in found


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(200, "nothing", id="another text"),
        pytest.param(200, "{}x", id="more than the token"),
        pytest.param(200, "a text with {} in its midst", id="in a line with other words"),
        pytest.param(200, "<p> {} </p>", id="in a line with marks"),
        pytest.param(404, "{}", id="not found"),
        pytest.param(302, "{}", id="a redirect"),
        pytest.param(500, "{}", id="an error"),
    ],
)
def test_other_pages_prove_nothing(world, made, places, receiver, status, body):
    publish(receiver, lambda _: body.format(made["domain_proof"]["token"]), status)
    found = look(world, made, places)[1]
    assert (found["status"], found["failure"]) == ("failed", f"{MISSING} (status {status})")


def test_a_page_behind_64_kib_is_not_looked_for(world, made, places, receiver):
    publish(receiver, lambda _: "x\n" * 40_000 + made["domain_proof"]["token"])
    assert look(world, made, places)[1]["status"] == "failed"


def test_an_endless_page_or_silence_fails_within_seconds(world, made, places, receiver):
    stop = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.2):
            handler.wfile.write(b"x")

    receiver.answering = drip
    found = look(world, made, places)[1]
    stop.set()
    assert found["failure"] == f"{MISSING} (timed out)"


def test_plain_http_and_addresses_that_are_not_public_prove_nothing(world, made):
    """What the service itself looks at is https://DOMAIN/..., whatever that leads to."""
    assert Places().page == "https://{domain}/.well-known/parley-conversation-service"
    for domain in ("127.0.0.1", "localhost", "169.254.169.254"):
        places = Places(dns.resolver.Resolver(configure=False))
        assert prove.missing(domain, "x", places, frozenset()).endswith("(not a public address)")


def test_the_token_of_one_service_proves_no_other(world, made, places, records):
    other = world.enable(world.service.application().client, domain="people.example")
    records["_parley.people.example."] = [f'"{other["domain_proof"]["token"]}"']
    assert other["domain_proof"]["token"] != made["domain_proof"]["token"]
    assert look(world, made, places)[1]["status"] == "failed"


def test_a_failed_look_can_be_followed_by_a_good_one(world, made, places, records, receiver):
    receiver.status = 404
    assert look(world, made, places)[1]["status"] == "failed"
    records["_parley.people.example."] = [f'"{made["domain_proof"]["token"]}"']
    assert [one["status"] for one in look(world, made, places)] == ["pending", "proven"]


def test_what_is_proven_stays_proven(world, made, places, records):
    records["_parley.people.example."] = [f'"{made["domain_proof"]["token"]}"']
    look(world, made, places)
    records.clear()
    assert [one["status"] for one in look(world, made, places)] == ["proven", "proven"]


def test_a_look_that_comes_too_late_changes_nothing(world, made, places):
    path = f"{SERVICES}/{made['conversation_service_id']}"
    world.application.client.post(f"{path}/prove")
    (message,) = claim(world)
    assert world.application.client.delete(path).status_code == 202
    prove.look(world.dc, message, places)
    assert world.waiting() == []


def test_the_worker_takes_the_look(world, made):
    """With the names and pages that there really are: nobody can have published the token of this test."""
    path = f"{SERVICES}/{made['conversation_service_id']}"
    world.application.client.post(f"{path}/prove")
    world.work()
    proof = world.application.client.get(path).json()["conversation_service"]["domain_proof"]
    assert (proof["status"], proof["checked_at"]) == ("failed", "2031-05-04T12:00:00Z")


def test_an_accounts_service_has_nothing_to_prove(world):
    own = world.enable()
    answer = world.karl.client.post(f"{SERVICES}/{own['conversation_service_id']}/prove")
    assert (answer.status_code, world.waiting()) == (200, [])
    assert "domain_proof" not in answer.json()["conversation_service"]
