"""A small real DNS server for tests, on a free local port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

Records = Mapping[tuple[str, str], list[str]]


@contextmanager
def naming(records: Records | None) -> Iterator[dns.resolver.Resolver]:
    """A resolver of a server that knows these records, by name and kind; without any it never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.05)
        is_over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, records, is_over), daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listening.getsockname()[1]
        resolver.timeout = 0.2
        try:
            yield resolver
        finally:
            is_over.set()
            thread.join()


def _serve(listening: socket.socket, records: Records | None, is_over: threading.Event) -> None:
    while not is_over.is_set():
        with suppress(TimeoutError):
            wire, client = listening.recvfrom(4096)
            if records is not None:
                listening.sendto(_answer(dns.message.from_wire(wire), records).to_wire(), client)


def _answer(query: dns.message.Message, records: Records) -> dns.message.Message:
    (question,) = query.question
    name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.AA | dns.flags.RA
    if found := records.get((name, kind)):
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
    elif not any(one == name or one.endswith(f".{name}") for one, _ in records):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
