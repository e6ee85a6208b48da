"""Whether the base URL leads to this installation."""

from __future__ import annotations

import http.client
import ipaddress
import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from parley.doctor.finding import Finding, hint, well, wrong
from parley.settings import DEFAULT_BASE_URL, Settings
from parley.store import database

SECONDS = 5
MOST_BYTES = 100_000


def base_url(settings: Settings, link: str | None) -> Finding:
    """The base URL is set where it must be, and leads to this installation where a service answers."""
    if settings.base_url is None:
        found = f"not set: addresses begin with that of parley serve, or with {DEFAULT_BASE_URL}"
        if database.is_address(settings.database or ""):
            return hint("base-url", found, "set PARLEY_BASE_URL: parley work and several hosts need it")
        return well("base-url", found)
    answered = _answered(settings.base_url.rstrip("/"), settings.data_center, link)
    if answered.todo or not is_open_to_listeners(settings.base_url):
        return answered
    todo = "have a proxy speak TLS, and set PARLEY_BASE_URL to its https address"
    return hint("base-url", f"{answered.found}, without TLS: links and tokens can be read on their way", todo)


def _answered(url: str, data_center: str, link: str | None) -> Finding:
    try:
        status, body = _get(f"{url}/health/ready")
    except ConnectionRefusedError:
        return hint("base-url", f"nothing answers at {url}", "start parley serve, or its proxy")
    except OSError as cause:
        return wrong("base-url", f"{url} cannot be reached: {cause}", "correct PARLEY_BASE_URL, the proxy, or the name")
    told = _json(body)
    if status == 503:
        return wrong("base-url", f"the service at {url} is not ready", "look into its log")
    if status != 200 or told.get("status") != "ready":
        return wrong("base-url", f"something else answers at {url} ({status})", "correct PARLEY_BASE_URL, or the proxy")
    if told.get("data_center") != data_center:
        found = f"the installation at {url} is called {told.get('data_center')}, this one {data_center}"
        return wrong("base-url", found, "correct PARLEY_BASE_URL or PARLEY_DATA_CENTER")
    return _recognised(url, link)


def _recognised(url: str, link: str | None) -> Finding:
    if link is None:
        return well("base-url", f"a service answers at {url}")
    try:
        status, _ = _get(f"{url}/c/{link}")
    except OSError as cause:
        return wrong("base-url", f"{url}/c/ cannot be reached: {cause}", "correct the proxy")
    if status == 404:
        todo = "correct PARLEY_BASE_URL; or give its service this data folder, database and key"
        return wrong("base-url", f"the service at {url} does not know this installation's links", todo)
    return well("base-url", f"this installation answers at {url}")


def _get(url: str) -> tuple[int, bytes]:
    """Status and body; raises OSError. No proxy: what is asked is what others reach directly."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS) as answer:
            return answer.status, answer.read(MOST_BYTES)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read(MOST_BYTES)
    except urllib.error.URLError as cause:
        raise cause.reason if isinstance(cause.reason, OSError) else cause from cause
    except http.client.HTTPException as cause:
        raise OSError("what answers there does not speak HTTP") from cause


def _json(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def is_open_to_listeners(url: str) -> bool:
    """Whether what is sent to this address goes over a network, and can be read there."""
    told = urlsplit(url)
    if told.scheme == "https" or told.hostname in (None, "localhost"):
        return False
    try:
        return not ipaddress.ip_address(told.hostname).is_loopback
    except ValueError:
        return True
