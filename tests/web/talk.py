"""A conversation with a participant's browser, and what can be read off a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.conftest import Application, Client, Person, Service
from tests.make import person, proposal, slot_id

SEVERAL = {"max_participants": 5, "max_selected_slots": 3}


@dataclass
class Talk:
    """A conversation, whoever opened it, and a participant's browser."""

    conversation: dict[str, Any]
    opener: Client
    browser: Client

    def link(self, position: int) -> str:
        """The path of a participant's page."""
        return str(httpx2.URL(self.conversation["participants"][position]["page_url"]).path)

    def page(self, position: int, **query: str) -> str:
        """What a participant sees."""
        answer = self.browser.get(self.link(position), params=query)
        assert answer.status_code == 200
        return answer.text

    def choose(self, position: int, *clocks: str, **more: str) -> httpx2.Response:
        """A participant sends the form."""
        fields = {"slot": [slot_id(one) for one in clocks], "zone": "Europe/Berlin", **more}
        return self.browser.post(self.link(position), data=fields)

    def now(self) -> dict[str, Any]:
        """The conversation as the application sees it."""
        return self.opener.again(self.conversation)


def talk(service: Service, opener: Client, *people: dict[str, Any], **changed: Any) -> Talk:
    return Talk(opener.open(proposal(*people, **changed)), opener, service.client())


def calendar_and_karl(service: Service, application: Application, grace: Person, **changed: Any) -> Talk:
    """A conversation between Grace, whose calendar answers, and Karl."""
    return talk(service, application.client, person("@grace", "auto", sub=grace.sub), person("@karl"), **changed)


def title(page: str) -> str:
    found = re.search(r"<title>(.*)</title>", page)
    assert found
    return found[1]


def alert(page: str) -> str:
    found = re.search(r'role="alert"[^>]*>([^<]*)<', page)
    return found[1] if found else ""


def listed(page: str) -> list[str]:
    return re.findall(r'name="slot" value="(slt_\d+)"', page)


def only_nine() -> dict[str, Any]:
    return {"available_periods": [{"start": "2031-05-05T09:00:00Z", "end": "2031-05-05T10:00:00Z"}]}
