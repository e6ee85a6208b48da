"""Templates and files as replies, with the headers that every page carries."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from parley.data_center import DataCenter
from parley.wire.exchange import Reply

HTML = "text/html; charset=utf-8"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURE = (
    ("Content-Security-Policy", POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
PRIVATE = (*SECURE, ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow"))
KEPT = (*SECURE, ("Cache-Control", "public, max-age=86400"))
STATIC = {
    "parley.css": "text/css; charset=utf-8",
    "reference.css": "text/css; charset=utf-8",
    "parley.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}


def page(dc: DataCenter, template: str, status: int = 200, **values: Any) -> Reply:
    """A template as a page that nobody keeps."""
    text = _templates().get_template(f"{template}.html").render(values, root=root(dc), asset=asset)
    return Reply(status, text.encode(), HTML, PRIVATE)


def file(name: str) -> Reply:
    """One of the files that pages refer to; nothing else is served."""
    if name not in STATIC:
        return Reply(404, headers=SECURE)
    return Reply(body=_contents(name), content_type=STATIC[name], headers=KEPT)


def root(dc: DataCenter) -> str:
    """The path under which the service is reached; empty, unless a proxy puts it under one."""
    return urlsplit(dc.base_url).path.rstrip("/")


@cache
def asset(name: str) -> str:
    """The path of a file, which changes with its content, so that a copy in a cache is never an old one."""
    return f"/static/{name}?v={sha256(_contents(name)).hexdigest()[:12]}"


@cache
def _contents(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("parley.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
