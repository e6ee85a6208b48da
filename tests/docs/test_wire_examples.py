"""docs/wire.md is played from the first request to the last, and every answer is compared."""

import json
import re

import pytest

from parley.actions import accounts
from parley.core import access
from parley.routes import ROUTES
from tests.docs.documents import DOCS, ROOT, blocks, headings, rows, section
from tests.make import available, period

WIRE = DOCS / "wire.md"
ADDRESS = "https://parley.example"
ID = re.compile(r"(…|(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f]))")


class Story:
    """The example ids of the page, and what they are on the service that plays it."""

    def __init__(self, service):
        application = service.application("https://app.example/callback")
        grace = service.person(application, tzid="America/Chicago")
        self.service = service
        self.real = {"9ef25a0c42d59036352294cc": grace.sub.removeprefix("acc_")}
        self.credentials = {
            "$API_KEY": application.secret,
            "$CLIENT_ID": application.id,
            "$GRACE_TOKEN": grace.client.token,
            "$GRACE_REFRESH_TOKEN": grace.refresh_token,
            "$GRACE_CODE": accounts.authorize(service.dc, grace.sub, application.id, "https://app.example/callback"),
        }

    def ask(self, request):
        """Send a request of the page."""
        head, _, body = self.filled(request).partition("\n\n")
        method, path, *headers = re.split(r"[ \n]", head, maxsplit=2)
        named = dict(one.split(": ", 1) for one in "\n".join(headers).splitlines())
        answer = self.service.client().request(method, path, headers=named, content=body.strip() or None)
        self.service.work()
        return answer

    def filled(self, text):
        """A text of the page with what its example ids and credentials really are."""
        for example in sorted([*self.credentials, *self.real], key=len, reverse=True):
            text = text.replace(example, self.credentials.get(example) or self.real[example])
        return text

    def compare(self, told, answered, path="answer"):
        """What is told must be in what was answered; an id that is met for the first time is remembered."""
        if isinstance(told, dict):
            assert isinstance(answered, dict), path
            for name, value in told.items():
                assert name in answered, f"{path}.{name} is missing"
                self.compare(value, answered[name], f"{path}.{name}")
        elif isinstance(told, list):
            assert len(told) == len(answered), path
            for at, value in enumerate(told):
                self.compare(value, answered[at], f"{path}[{at}]")
        elif isinstance(told, str):
            self.compare_text(told, answered, path)
        else:
            assert told == answered, path

    def compare_text(self, told, answered, path):
        parts = ID.split(told.replace(ADDRESS, self.service.url))
        pattern = "".join(
            re.escape(part) if not ID.fullmatch(part) else ".+" if part == "…" else self.known(part) for part in parts
        )
        found = re.fullmatch(pattern, answered, re.DOTALL)
        assert found, f"{path}: {answered!r} is not {told!r}"
        fresh = [part for part in parts if ID.fullmatch(part) and part != "…" and part not in self.real]
        self.real.update(zip(fresh, found.groups(), strict=True))

    def known(self, example):
        return self.real.get(example, "([0-9a-f]{24})")

    def remember_link(self, conversation):
        """Karl's link token, from the answer that tells it."""
        for one in conversation.get("participants", []):
            if one.get("participant_id") == "@karl" and "page_url" in one:
                self.credentials["$KARL_LINK_TOKEN"] = one["page_url"].rpartition("/")[2]


def exchanges():
    """The pairs of request and answer, in the order of the page; what ends a consent comes last."""
    found = [one for one in blocks(WIRE) if one.language == "http"]
    pairs = list(zip(found[::2], found[1::2], strict=True))
    return sorted(pairs, key=lambda pair: ("/revoke" in pair[0].text, pair[0].heading.startswith("4.3")))


def test_the_story_of_the_page_is_true(service):
    story = Story(service)
    for request, expected in exchanges():
        answer = story.ask(request.text)
        head, _, body = expected.text.partition("\n\n")
        status = head.splitlines()[0].removeprefix("HTTP/1.1 ")
        assert f"{answer.status_code} {answer.reason_phrase}" == status, f"{request.heading}: {answer.text}"
        if not body.strip():
            assert answer.content == b"", request.heading
            continue
        assert f"Content-Type: {answer.headers['content-type']}" in head
        story.compare(json.loads(body), answer.json(), request.heading)
        story.remember_link(answer.json())


def test_a_lost_race_is_answered_as_told(service):
    story = Story(service)
    create = next(one.text for one in blocks(WIRE) if one.heading == "2.2 Create")
    told = next(json.loads(one.text) for one in blocks(WIRE) if one.heading == "2.6 Select" and one.language == "json")
    select = next(one.text for one in blocks(WIRE) if one.heading == "2.6 Select" and one.language == "http")
    answers = []
    for _ in range(2):
        story.real["5d1f0b62c38e4a97b0c4d6e8"] = story.ask(create).json()["scheduling_conversation_id"][4:]
        answers.append(story.ask(select))
    assert [one.status_code for one in answers] == [200, 422]
    assert answers[1].json()["errors"] == told["errors"]
    assert told["slots"][0] in answers[1].json()["slots"]


def test_the_story_has_every_endpoint_of_the_api():
    asked = {tuple(request.text.split("\n")[0].split("?")[0].split(" ")[:2]) for request, _ in exchanges()}
    api = [one for one in ROUTES if one.path.startswith(("/v1/", "/oauth/")) and "/pages/" not in one.path]
    untold = [
        f"{one.method} {one.path}"
        for one in api
        if not any(one.method == method and _matches(one.path, path) for method, path in asked)
    ]
    assert untold == []


def _matches(route, path):
    return re.fullmatch(re.sub(r"\{\w+(:path)?\}", "[^/]+", route), path) is not None


def test_every_json_example_is_json():
    for block in blocks(WIRE):
        if block.language == "json":
            json.loads(block.text)


def test_the_list_of_endpoints_is_that_of_the_service():
    table = WIRE.read_text().partition("| endpoint |")[2].partition("\n\n")[0]
    told = {}
    for endpoints, who, scope, _ in rows("| endpoint |" + table):
        told |= dict.fromkeys(endpoints.split(", "), (who, scope))
    routes = {f"{one.method} {one.path.replace(':path', '')}": one for one in ROUTES}
    assert told.keys() == routes.keys()
    for name, one in routes.items():
        who, scope = told[name]
        admitted = [name for name in ("application", "account", "participant") if getattr(one.access, name)]
        assert scope == (one.access.scope or "")
        assert who == ", ".join(admitted) or not admitted


def test_the_scopes_are_those_of_the_code():
    told = section(WIRE, "4.1 Credentials")
    assert all(f"`{scope}`" in told for scope in (*access.ALL_SCOPES, *access.IMPLIED))


def test_the_worked_example_of_slots_is_what_the_core_computes():
    told = {name: starts.split() for name, starts in rows(section(WIRE, "3 Which slots there are"))}
    found = available(period("09:05", "13:00"), busy=(period("10:45", "11:00"),))
    minutes = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(9 * 60, 13 * 60)]
    assert told["on the grid, with room for an hour"] == [one for one in minutes if found.has_slot(_start(one))]
    assert told["selectable"] == [one for one in minutes if found.is_open(_start(one))]
    assert [_start(one) for one in told["listed"]] == found.listed([], 512)


def _start(clock):
    return period(clock, "23:59").start


def test_every_key_of_a_fault_is_told_and_no_other():
    source = "\n".join(one.read_text() for one in sorted((ROOT / "parley").rglob("*.py")))
    used = set(re.findall(r"\"(errors\.[a-z_]+)\"", source))
    told = {row[0] for row in rows(section(WIRE, "7.2 The 422 body"))}
    assert told == used


CITATION = re.compile(r"docs/wire\.md`? (\d(?:\.\d)?)")
CITED = sorted(
    {
        (str(file.relative_to(ROOT)), number)
        for folder in ("parley", "tests", "scripts")
        for file in (ROOT / folder).rglob("*.py")
        for number in CITATION.findall(file.read_text())
    }
)


@pytest.mark.parametrize(("file", "number"), CITED, ids=lambda one: one)
def test_a_cited_section_is_there(file, number):
    assert number in {one.split(" ")[0] for one in headings(WIRE)}
