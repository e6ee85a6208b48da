"""The one way to call addresses that others have named: every address checked, time and bytes bounded.

A name is looked up once, all that it stands for is checked, and the connection goes to one of those very addresses, so
that a name which changes its mind between check and connection gains nothing. Redirects are answers like any other,
proxies of the environment are not asked, and one deadline bounds everything from the look-up to the last byte read.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread

import httpcore2
import httpx2

from parley.core.limits import OUTBOUND_ADDRESSES, OUTBOUND_BYTES, OUTBOUND_LOOKUPS, OUTBOUND_SECONDS

# IPv4: all that RFC 6890 and the IANA registry behind it do not hold to be reachable from everywhere.
# IPv6: only 2000::/3 is given out. Outside of it are loopback, IPv4-mapped and -compatible addresses, NAT64
# (64:ff9b::/96, 64:ff9b:1::/48), unique-local, link-local, site-local and multicast ones; inside, a few more are not
# public.
NOT_PUBLIC: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a carrier's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/3",
        "4000::/2",
        "8000::/1",
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
)

# Of the ports below 1024 the web has these two. Above, those are left out at which something listens that may take a
# request for its own language: databases, caches, queues, cluster managers, remote desktops, telephony, chat, mail.
DEFAULT_PORTS = {"http": 80, "https": 443}
SERVICE_PORTS = frozenset(
    {1080, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 2525, 3128, 3306, 3389}
    | {3659, 4045, 4190, 4369, 5060, 5061, 5432, 5433, 5672, 5900, 5901, 5984, 6000, 6379, 6432, 6443, 6566, 6665, 6666}
    | {6667, 6668, 6669, 6679, 6697, 8500, 9042, 9092, 9200, 9300, 10080, 10250, 10255, 11211, 27017, 27018, 27019}
)

NAME = re.compile(r"(?!.*\.\.)[a-z0-9_][a-z0-9_.-]{0,252}")
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
CHUNK = 1 << 14
HEAD_BYTES = 1 << 15  # of all heads of an answer: interim ones cost who reads them more than who sends them
HEADERS = {"User-Agent": "Parley", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


class Refused(Exception):  # noqa: N818
    """The address may not be called: its scheme, its port or where it leads; the message says which."""


class Failed(Exception):  # noqa: N818
    """There was no answer; the message says why, in a few words that tell no secret."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; names of headers are in lower case, the body is as much as was read of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    """Whom to call, for what; an allowed one may be anywhere."""

    scheme: str
    host: str
    port: int
    path: bytes
    is_allowed: bool

    @property
    def authority(self) -> str:
        """What the server is called in the header Host (RFC 9110 7.2)."""
        host = _in_brackets(self.host)
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: frozenset[str]) -> Answer:
    """Send the body to the address; nothing is read of the answer's. Raises Refused and Failed."""
    return _call("POST", _target(url, allowed), headers, body, 0)


def get(url: str, allowed: frozenset[str]) -> Answer:
    """What stands at the address, cut off where it is too long; raises Refused and Failed."""
    return _call("GET", _target(url, allowed), {}, b"", OUTBOUND_BYTES)


def is_refused(url: str, allowed: frozenset[str]) -> bool:
    """Whether the address could never be called, as far as it tells without a look-up of its name."""
    try:
        _target(url, allowed)
    except Refused:
        return True
    return False


def is_public(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet reaches."""
    found = ip_address(address)
    return not any(found in network for network in NOT_PUBLIC)


def _target(url: str, allowed: frozenset[str]) -> _Target:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError) as cause:
        raise Refused("not an address of the web") from cause
    if parsed.scheme not in DEFAULT_PORTS or parsed.userinfo:
        raise Refused("not an address of the web")
    host = _host(parsed)
    port = parsed.port if parsed.port is not None else DEFAULT_PORTS[parsed.scheme]
    if not 0 < port < 1 << 16:
        raise Refused("not an address of the web")
    target = _Target(parsed.scheme, host, port, parsed.raw_path, f"{_in_brackets(host)}:{port}" in allowed)
    if not target.is_allowed:
        _check(target)
    return target


def _host(parsed: httpx2.URL) -> str:
    host = parsed.raw_host.decode("ascii").lower().rstrip(".")
    is_address = ":" in host and "%" not in host  # a zone id names an interface of this machine
    if not (is_address or NAME.fullmatch(host)):
        raise Refused("not an address of the web")
    return host


def _in_brackets(host: str) -> str:
    """The host as it stands before a port (RFC 3986 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def _check(target: _Target) -> None:
    """Refuse what can be told to be wrong without a look-up."""
    if target.port not in DEFAULT_PORTS.values() and (target.port < 1024 or target.port in SERVICE_PORTS):
        raise Refused("not a port of the web")
    if target.host == "localhost" or target.host.endswith(".localhost"):  # RFC 6761 6.3
        raise Refused("not a public address")
    literal = _literal(target.host)
    if literal is not None and not is_public(literal):
        raise Refused("not a public address")


def _literal(host: str) -> str | None:
    """The IP address that stands there instead of a name, in any spelling that a resolver understands."""
    try:
        return str(ip_address(host)) if ":" in host else socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError) as cause:
        if ":" in host or NUMBER.fullmatch(host.rpartition(".")[2]):  # no top-level domain is a number
            raise Refused("not an address of the web") from cause
        return None


def _call(method: str, target: _Target, headers: Mapping[str, str], body: bytes, most: int) -> Answer:
    try:
        return _answer(method, target, headers, body, most)
    except (httpcore2.TimeoutException, TimeoutError) as cause:
        raise Failed("timed out") from cause
    except httpcore2.ConnectError as cause:
        raise Failed("certificate refused" if _is_about_certificates(cause) else "cannot connect") from cause
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, ValueError) as cause:
        raise Failed("broken answer") from cause


def _is_about_certificates(cause: BaseException | None) -> bool:
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def _answer(method: str, target: _Target, headers: Mapping[str, str], body: bytes, most: int) -> Answer:
    url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    bounds = _Bounds(OUTBOUND_SECONDS, HEAD_BYTES + most)
    backend = _Checked(bounds, must_be_public=not target.is_allowed)
    told = {**HEADERS, "Host": target.authority, **headers}
    tls = _tls() if target.scheme == "https" else None
    with (
        httpcore2.ConnectionPool(ssl_context=tls, network_backend=backend) as pool,
        pool.stream(method, url, headers=list(told.items()), content=body) as response,
    ):
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status, found, _some(response.iter_stream(), most))


def _some(chunks: Iterator[bytes], most: int) -> bytes:
    """The beginning of what comes; nothing is waited for that is not wanted."""
    found = b""
    while len(found) < most and (chunk := next(chunks, b"")):
        found += chunk
    return found[:most]


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Whom we trust, read once: the machine's own list, or that of SSL_CERT_FILE."""
    return httpcore2.default_ssl_context()


class _Bounds:
    """When all has to be over, and how many bytes may have come by then."""

    def __init__(self, seconds: float, size: int) -> None:
        self._end = time.monotonic() + seconds
        self._size = size

    def seconds(self) -> float:
        """How many seconds are left; raises TimeoutError when none is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def room(self, wanted: int) -> int:
        """How many of the bytes that are wanted may be read; raises Failed when none may."""
        if self._size <= 0:
            raise Failed("broken answer")
        return min(wanted, self._size)

    def count(self, come: int) -> None:
        """So many bytes have come."""
        self._size -= come


class _Checked(httpcore2.NetworkBackend):
    """Connections to addresses that have been looked up once and checked."""

    def __init__(self, bounds: _Bounds, *, must_be_public: bool) -> None:
        self._bounds = bounds
        self._must_be_public = must_be_public

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first address of the name that takes one."""
        found = _addresses(host, port, self._bounds.seconds())
        if self._must_be_public and not all(map(is_public, found)):
            raise Refused("not a public address")
        for at, address in enumerate(chosen := found[:OUTBOUND_ADDRESSES]):
            share = self._bounds.seconds() / (len(chosen) - at)  # one that swallows everything leaves time for the next
            try:
                stream = httpcore2.SyncBackend().connect_tcp(address, port, share, socket_options=socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if at == len(chosen) - 1:
                    raise
            else:
                return _Bounded(stream, self._bounds)
        raise Failed("unknown name")


class _Bounded(httpcore2.NetworkStream):
    """A connection on which everything ends within the bounds, however slowly the other side drips or fast it pours."""

    def __init__(self, stream: httpcore2.NetworkStream, bounds: _Bounds) -> None:
        self._stream = stream
        self._bounds = bounds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come."""
        found = self._stream.read(self._bounds.room(max_bytes), self._bounds.seconds())
        self._bounds.count(len(found))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        for at in range(0, len(buffer), CHUNK):
            self._stream.write(buffer[at : at + CHUNK], self._bounds.seconds())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same connection, encrypted, to the server of this very name."""
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, self._bounds.seconds()), self._bounds)

    def close(self) -> None:
        """End it."""
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        """What is known of the connection."""
        return self._stream.get_extra_info(info)


# A resolver cannot be told to hurry. So it is asked in a thread that nobody waits for any longer than there is time.
_lookups = BoundedSemaphore(OUTBOUND_LOOKUPS)


def _addresses(host: str, port: int, seconds: float) -> list[str]:
    """Every address of the name, each once; raises Failed where there is none, TimeoutError where none came in time."""
    answers: SimpleQueue[list[str]] = SimpleQueue()
    if not _lookups.acquire(timeout=seconds):
        raise TimeoutError
    Thread(target=_look_up, args=(host, port, answers), name="look-up", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty as cause:
        raise TimeoutError from cause
    if not found:
        raise Failed("unknown name")
    return found


def _look_up(host: str, port: int, answers: SimpleQueue[list[str]]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answers.put(list(dict.fromkeys(str(one[4][0]) for one in found)))
    except (OSError, UnicodeError):
        answers.put([])
    finally:
        _lookups.release()
