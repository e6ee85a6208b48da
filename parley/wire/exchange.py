"""A call and its reply, free of any web framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parley.core.access import AccountCaller, ApplicationCaller, Caller
from parley.core.errors import Forbidden
from parley.wire.forms import Texts
from parley.wire.idempotency import Keyed
from parley.wire.reading import json_or_form
from parley.wire.writing import encode

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose credential is known: who calls, the parts of the path, query, body, the key to repeat it by."""

    caller: Caller | None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Texts = field(default_factory=Texts)
    body: bytes = b""
    content_type: str = ""
    keyed: Keyed | None = None

    def json(self) -> dict[str, Any]:
        """The fields of the body, JSON or a form; raises Invalid."""
        return json_or_form(self.body, self.content_type)

    def asked(self, name: str) -> str:
        """A parameter of the query that is one text; empty where there is none."""
        value = self.query.get(name)
        return value if isinstance(value, str) else ""

    def account(self) -> AccountCaller:
        """The account that calls; raises Forbidden when it is not one."""
        if not isinstance(self.caller, AccountCaller):
            raise Forbidden
        return self.caller

    def application(self) -> ApplicationCaller | AccountCaller:
        """The application, itself or for an account; raises Forbidden when it is neither."""
        if not isinstance(self.caller, ApplicationCaller | AccountCaller):
            raise Forbidden
        return self.caller

    def anyone(self) -> Caller:
        """Whoever calls; raises Forbidden when that is nobody."""
        if self.caller is None:
            raise Forbidden
        return self.caller


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a body and its type, and further headers."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(told: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """200 with JSON."""
    return Reply(body=encode(told), headers=headers)


ACCEPTED = Reply(status=202)
EMPTY = Reply()
NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
