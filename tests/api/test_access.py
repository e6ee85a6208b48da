"""Who may use which route. The table is written out by hand: a route that it does not name fails the first test."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from parley.actions import applications
from parley.routes import ROUTES
from tests.api.conftest import address
from tests.conftest import Application, Client, Person
from tests.make import person, proposal, selection, text

APPLICATION, ACCOUNT, PARTICIPANT = "application", "account", "participant"
ANYBODY: tuple[str, ...] = ()
CONVERSATIONS = "/v1/scheduling_conversations"
SLOTS = f"{CONVERSATIONS}/{{id}}/participants/{{position}}/slots"
SERVICES = "/v1/conversation_services"
CHANNELS = "/v1/channels"
SMART_INVITES = "/v1/smart_invites"
ANSWER = "/v1/calendars/{id}/events/{event_uid}/participation_status"

# Method, path, who is admitted (nobody named: everybody, without a credential), the scope of an account's token.
TABLE = [
    ("GET", "/", ANYBODY, None),
    ("GET", "/static/{name}", ANYBODY, None),
    ("GET", "/openapi.json", ANYBODY, None),
    ("GET", "/docs", ANYBODY, None),
    ("GET", "/c/{token}", ANYBODY, None),
    ("POST", "/c/{token}", ANYBODY, None),
    ("GET", "/c/{token}/meeting.ics", ANYBODY, None),
    ("GET", "/health/live", ANYBODY, None),
    ("GET", "/health/ready", ANYBODY, None),
    ("GET", "/metrics", ANYBODY, None),
    ("POST", "/oauth/token", ANYBODY, None),
    ("POST", "/oauth/token/revoke", ANYBODY, None),
    ("POST", "/v1/application_calendars", ANYBODY, None),
    ("GET", "/v1/userinfo", (ACCOUNT,), "read_account"),
    ("GET", "/v1/account", (ACCOUNT,), "read_account"),
    ("GET", "/v1/profiles", (ACCOUNT,), "read_account"),
    ("POST", "/v1/profiles/{id}/revoke", (ACCOUNT,), None),
    ("GET", "/v1/calendars", (ACCOUNT,), "list_calendars"),
    ("POST", "/v1/calendars", (ACCOUNT,), "create_event"),
    ("POST", "/v1/calendars/{id}/events", (ACCOUNT,), "create_event"),
    ("DELETE", "/v1/calendars/{id}/events", (ACCOUNT,), "delete_event"),
    ("POST", ANSWER, (ACCOUNT,), "create_event"),
    ("GET", "/v1/events", (ACCOUNT,), "read_events"),
    ("GET", "/v1/events/pages/{token}", (ACCOUNT,), "read_events"),
    ("DELETE", "/v1/events", (ACCOUNT,), "delete_event"),
    ("GET", "/v1/free_busy", (ACCOUNT,), "read_free_busy"),
    ("GET", "/v1/free_busy/pages/{token}", (ACCOUNT,), "read_free_busy"),
    ("GET", "/v1/availability_rules", (ACCOUNT,), "create_event"),
    ("POST", "/v1/availability_rules", (ACCOUNT,), "create_event"),
    ("GET", "/v1/availability_rules/{id:path}", (ACCOUNT,), "create_event"),
    ("DELETE", "/v1/availability_rules/{id:path}", (ACCOUNT,), "create_event"),
    ("GET", "/v1/available_periods", (ACCOUNT,), "create_event"),
    ("POST", "/v1/available_periods", (ACCOUNT,), "create_event"),
    ("DELETE", "/v1/available_periods", (ACCOUNT,), "create_event"),
    ("GET", "/v1/available_periods/pages/{token}", (ACCOUNT,), "create_event"),
    ("POST", "/v1/availability", (APPLICATION, ACCOUNT), "read_free_busy"),
    ("GET", CHANNELS, (ACCOUNT,), "read_free_busy"),
    ("POST", CHANNELS, (ACCOUNT,), "read_free_busy"),
    ("DELETE", f"{CHANNELS}/{{id}}", (ACCOUNT,), "read_free_busy"),
    ("GET", f"{CHANNELS}/{{id}}/deliveries", (ACCOUNT,), "read_free_busy"),
    ("POST", f"{CHANNELS}/{{id}}/deliveries/{{delivery_id}}/redeliver", (ACCOUNT,), "read_free_busy"),
    ("GET", SMART_INVITES, (APPLICATION,), None),
    ("POST", SMART_INVITES, (APPLICATION,), None),
    ("POST", "/v1/batch", (ACCOUNT,), None),
    ("GET", SERVICES, (APPLICATION, ACCOUNT), "create_event"),
    ("POST", SERVICES, (APPLICATION, ACCOUNT), "create_event"),
    ("GET", f"{SERVICES}/{{id}}", (APPLICATION, ACCOUNT), "create_event"),
    ("DELETE", f"{SERVICES}/{{id}}", (APPLICATION, ACCOUNT), "create_event"),
    ("POST", f"{SERVICES}/{{id}}/rotate_secret", (APPLICATION, ACCOUNT), "create_event"),
    ("POST", f"{SERVICES}/{{id}}/prove", (APPLICATION, ACCOUNT), "create_event"),
    ("GET", CONVERSATIONS, (APPLICATION, ACCOUNT), "create_event"),
    ("POST", CONVERSATIONS, (APPLICATION, ACCOUNT), "create_event"),
    ("GET", f"{CONVERSATIONS}/pages/{{token}}", (APPLICATION, ACCOUNT), "create_event"),
    ("GET", f"{CONVERSATIONS}/{{id}}", (APPLICATION, ACCOUNT, PARTICIPANT), "create_event"),
    ("GET", f"{CONVERSATIONS}/{{id}}/history", (APPLICATION, ACCOUNT), "create_event"),
    ("GET", f"{CONVERSATIONS}/{{id}}/history/pages/{{token}}", (APPLICATION, ACCOUNT), "create_event"),
    ("GET", SLOTS, (APPLICATION, ACCOUNT, PARTICIPANT), "create_event"),
    ("POST", SLOTS, (APPLICATION, ACCOUNT, PARTICIPANT), "create_event"),
]
CLOSED = [row for row in TABLE if row[2]]
IMPLYING = {"read_free_busy": {"read_events"}}
SCOPES = {"read_account", "list_calendars", "read_events", "create_event", "delete_event", "read_free_busy"}
names = [f"{row[0]} {row[1]}" for row in CLOSED]
for_each_closed = pytest.mark.parametrize(("method", "path", "who", "scope"), CLOSED, ids=names)
for_each_scoped = pytest.mark.parametrize(
    ("method", "path", "who", "scope"),
    [row for row in CLOSED if row[3]],
    ids=[name for name, row in zip(names, CLOSED, strict=True) if row[3]],
)


def test_every_route_stands_in_the_table_and_the_other_way_round():
    assert sorted((one.method, one.path) for one in ROUTES) == sorted(row[:2] for row in TABLE)


def test_every_route_has_the_access_that_the_table_states():
    told = {(one.method, one.path): one.access for one in ROUTES}
    stated = {}
    for method, path, who, scope in TABLE:
        access = told[method, path]
        stated[method, path] = (access.application, access.account, access.participant, access.scope) == (
            APPLICATION in who,
            ACCOUNT in who,
            PARTICIPANT in who,
            scope,
        )
    assert [route for route, holds in stated.items() if not holds] == []


@dataclass
class World:
    """An application with something of every kind, and paths that lead to it."""

    application: Application
    grace: Person
    conversation: dict
    participant: Client
    service: str
    channel: str

    def path(self, path: str) -> str:
        """The route's path with ids of this application in it."""
        identifier = self.conversation["scheduling_conversation_id"]
        if path.startswith("/v1/calendars"):
            identifier = self.grace.calendar
        if path.startswith(SERVICES):
            identifier = self.service
        if path.startswith(CHANNELS):
            identifier = self.channel
        if path.startswith("/v1/availability_rules"):
            path, identifier = path.replace(":path", ""), "work"
        return path.format(id=identifier, **OTHERS)


OTHERS = {"position": 1, "token": "none", "event_uid": "none", "delivery_id": "none"}
BODIES = {
    "/v1/availability_rules": {
        "availability_rule_id": "work",
        "tzid": "Etc/UTC",
        "weekly_periods": [{"day": "monday", "start_time": "09:00", "end_time": "17:00"}],
    },
    "/v1/available_periods": {"available_period_id": "mine", "start": text("09:00"), "end": text("17:00")},
    "/v1/calendars/{id}/events": {
        "event_id": "mine",
        "summary": "Mine",
        "start": text("09:00", -1),
        "end": text("10:00", -1),
    },
    CONVERSATIONS: proposal(),
    SLOTS: selection("09:00"),
    SERVICES: {"callback_url": "https://assistant.example/parley"},
    CHANNELS: {"callback_url": "https://app.example/hook"},
    SMART_INVITES: {
        "smart_invite_id": "mine",
        "recipient": {"email": "karl@example.org"},
        "event": {"summary": "Mine", "start": text("09:00"), "end": text("10:00")},
    },
}


@pytest.fixture
def world(service, application):
    grace = service.person(application, address())
    for path in ("/v1/availability_rules", "/v1/available_periods"):
        assert grace.client.post(path, json=BODIES[path]).status_code in (200, 202)
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    token = opened["participants"][1]["page_url"].rpartition("/")[2]
    made = grace.client.post(SERVICES, json=BODIES[SERVICES]).json()["conversation_service"]
    channel = grace.client.post(CHANNELS, json=BODIES[CHANNELS]).json()["channel"]["channel_id"]
    return World(application, grace, opened, service.client(token), made["conversation_service_id"], channel)


def call(client, method, path, world):
    """The route's answer to this client; what it needs in its path stands there, and its body is in order."""
    query = {"tzid": "Etc/UTC"} if path == "/v1/events" else None
    return client.request(method, world.path(path), json=BODIES.get(path), params=query)


def status(client, method, path, world):
    return call(client, method, path, world).status_code


@for_each_closed
def test_without_a_token_the_answer_is_401_and_empty(service, world, method, path, who, scope):
    answer = call(service.client(), method, path, world)
    assert (answer.status_code, answer.content, answer.headers["www-authenticate"]) == (401, b"", "Bearer")


@for_each_closed
@pytest.mark.parametrize("token", ["garbage", "scv_1.0.0.garbage", "pat_" + "x" * 43])
def test_a_token_that_nobody_gave_is_401(service, world, method, path, who, scope, token):
    answer = call(service.client(token), method, path, world)
    assert (answer.status_code, answer.content, answer.headers["www-authenticate"]) == (401, b"", "Bearer")


@for_each_closed
def test_the_api_key_is_refused_exactly_where_it_is_not_admitted(world, method, path, who, scope):
    assert (status(world.application.client, method, path, world) == 403) == (APPLICATION not in who)


@for_each_closed
def test_a_participants_token_is_refused_exactly_where_it_is_not_admitted(world, method, path, who, scope):
    assert (status(world.participant, method, path, world) == 403) == (PARTICIPANT not in who)


def is_for_owners(path):
    """Whether the route refuses an account that takes part but did not create: the history, and what others do."""
    return path == SLOTS or path.endswith("/history")


@for_each_scoped
def test_an_accounts_token_needs_the_scope_and_nothing_else(service, world, method, path, who, scope):
    others = " ".join(sorted(SCOPES - {scope} - IMPLYING.get(scope, set())))
    without = service.client(service.token(world.grace, world.application, others))
    alone = service.client(service.token(world.grace, world.application, scope))
    refused = call(without, method, path, world)
    assert (refused.status_code, refused.content) == (403, b"")
    assert (status(alone, method, path, world) == 403) == is_for_owners(path)


@for_each_closed
def test_read_write_is_enough_for_everything(service, world, method, path, who, scope):
    client = service.client(service.token(world.grace, world.application, "read_write"))
    assert (status(client, method, path, world) == 403) == (ACCOUNT not in who or is_for_owners(path))


WITH_IDS = [row for row in CLOSED if "{" in row[1]]


def without_accidents(answer):
    """Everything of an answer that does not differ between any two."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
    return answer.status_code, answer.content, headers


@pytest.mark.parametrize(("method", "path", "who", "scope"), WITH_IDS, ids=[f"{row[0]} {row[1]}" for row in WITH_IDS])
@pytest.mark.parametrize("kind", [APPLICATION, ACCOUNT])
def test_what_belongs_to_another_application_looks_like_nothing(service, world, method, path, who, scope, kind):
    other = service.application()
    stranger = other.client if kind == APPLICATION else service.person(other, address()).client
    made_up = path.replace(":path", "").format(id="scv_0123456789abcdef01234567", **OTHERS)
    foreign = call(stranger, method, path, world)
    nothing = stranger.request(method, made_up, json=BODIES.get(path))
    assert without_accidents(foreign) == without_accidents(nothing)
    assert foreign.status_code == (404 if kind in who else 403)


@pytest.mark.parametrize("who", ["application", "account"])
def test_the_page_token_of_another_application_looks_like_nothing(service, application, grace, who):
    for _ in range(101):
        grace.client.open(proposal())
    owner, other = (application.client, service.application().client)
    if who == "account":
        owner, other = grace.client, service.person(application, address()).client
    url = owner.get(CONVERSATIONS).json()["pages"]["next_page"]
    foreign, nothing = other.get(url), other.get(url[:-1] + ("A" if url[-1] != "A" else "B"))
    assert owner.get(url).status_code == 200
    assert (foreign.status_code, without_accidents(foreign)) == (404, without_accidents(nothing))


def test_an_account_shared_by_two_applications_does_not_join_them(service, application, grace):
    opened = application.client.open(proposal(person("@grace", sub=grace.sub)))
    here, there = grace.client, service.grant(grace.sub, service.application()).client
    path = f"{CONVERSATIONS}/{opened['scheduling_conversation_id']}"
    assert [here.get(path).status_code, there.get(path).status_code] == [200, 404]
    assert there.get(CONVERSATIONS).json()["scheduling_conversations"] == []


def test_an_account_that_neither_created_nor_takes_part_finds_nothing(service, application, grace):
    opened = application.client.open(proposal())
    path = f"{CONVERSATIONS}/{opened['scheduling_conversation_id']}"
    paths = [path, f"{path}/history", f"{path}/participants/0/slots"]
    assert [grace.client.get(one).status_code for one in paths] == [404] * 3
    assert grace.client.select(opened, 0, selection("09:00")).status_code == 404


@pytest.mark.parametrize("position", ["2", "99", "999999", "-1", "+1", "x", "1.0", "٠", " 1", ""])
def test_a_participant_that_is_not_there_is_404(application, position):
    opened = application.client.open(proposal())
    path = f"{CONVERSATIONS}/{opened['scheduling_conversation_id']}/participants/{position}/slots"
    answers = [application.client.get(path), application.client.post(path, json=selection("09:00"))]
    assert [(one.status_code, one.content) for one in answers] == [(404, b"")] * 2


def test_a_participant_acts_only_for_themselves(service, application, grace):
    opened = application.client.open(proposal(person("@grace", sub=grace.sub), person("@karl")))
    token = opened["participants"][1]["page_url"].rpartition("/")[2]
    for client, own, other in ((grace.client, 0, 1), (service.client(token), 1, 0)):
        refused = [client.slots(opened, other), client.select(opened, other, selection("09:00"))]
        assert [(one.status_code, one.content) for one in refused] == [(403, b"")] * 2
        assert client.slots(opened, own).status_code == 200


def test_the_creating_account_and_the_api_key_act_for_everybody(application, grace):
    opened = grace.client.open(proposal())
    answers = [client.slots(opened, at) for client in (grace.client, application.client) for at in (0, 1)]
    assert [one.status_code for one in answers] == [200] * 4
    assert grace.client.select(opened, 0, selection("09:00")).status_code == 200
    assert application.client.select(opened, 1, selection("09:00")).json()["status"] == "complete"


def test_a_participants_token_is_good_for_its_own_conversation_only(service, application):
    one, other = application.client.open(proposal()), application.client.open(proposal())
    client = service.client(one["participants"][1]["page_url"].rpartition("/")[2])
    path = f"{CONVERSATIONS}/{other['scheduling_conversation_id']}"
    assert client.get(path).status_code == 404
    assert client.slots(other, 1).status_code == 404
    assert client.select(other, 1, selection("09:00")).status_code == 404


def test_the_token_of_an_earlier_link_finds_nothing(service, application):
    opened = application.client.open(proposal())
    identifier = opened["scheduling_conversation_id"]
    raised = service.client(service.dc.participant_token(identifier, 1, 1))
    beyond = service.client(service.dc.participant_token(identifier, 2, 0))
    answers = [client.get(f"{CONVERSATIONS}/{identifier}").status_code for client in (raised, beyond)]
    assert answers == [404, 404]


def test_an_access_token_ends_after_an_hour(own_service):
    grace = own_service.person(own_service.application())
    own_service.clock.instant += 3599
    before = grace.client.get("/v1/userinfo").status_code
    own_service.clock.instant += 1
    assert (before, grace.client.get("/v1/userinfo").status_code) == (200, 401)


def test_a_retired_secret_is_no_longer_known(own_service):
    application = own_service.application()
    made = applications.rotate_secret(own_service.dc, application.id, overlap=60)
    fresh = own_service.client(made.client_secret)
    both = [one.get(CONVERSATIONS).status_code for one in (application.client, fresh)]
    own_service.clock.instant += 60
    assert both == [200, 200]
    assert [one.get(CONVERSATIONS).status_code for one in (application.client, fresh)] == [401, 200]


def test_retiring_ends_every_secret_but_the_newest_at_once(service, application):
    fresh = service.client(applications.rotate_secret(service.dc, application.id, overlap=86400).client_secret)
    retired = applications.retire_secret(service.dc, application.id)
    assert retired == 1
    assert [one.get(CONVERSATIONS).status_code for one in (application.client, fresh)] == [401, 200]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("Bearer {}", 200, id="as documented"),
        pytest.param("bearer {}", 200, id="small letters"),
        pytest.param("Bearer  {}", 200, id="two spaces"),
        pytest.param("Basic {}", 401, id="another scheme"),
        pytest.param("{}", 401, id="no scheme"),
        pytest.param("Bearer {}x", 401, id="one character more"),
        pytest.param("Bearer", 401, id="no token"),
        pytest.param("Bearer é", 401, id="not ASCII"),
    ],
)
def test_the_scheme_is_bearer(service, application, header, expected):
    value = header.format(application.secret).encode("latin-1")
    assert service.client().get(CONVERSATIONS, headers={b"Authorization": value}).status_code == expected


def test_a_token_in_the_query_or_in_a_cookie_is_no_credential(service, application):
    client, headers = service.client(), {"Cookie": f"access_token={application.secret}"}
    for name in ("access_token", "token", "client_secret"):
        assert client.get(CONVERSATIONS, params={name: application.secret}, headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/token/revoke", "/v1/application_calendars"])
@pytest.mark.parametrize("header", ["Bearer None", "Bearer undefined", "nonsense"])
def test_where_credentials_are_in_the_body_the_header_is_ignored(service, application, grace, path, header):
    body = {
        "client_id": application.id,
        "client_secret": application.secret,
        "grant_type": "refresh_token",
        "refresh_token": grace.refresh_token,
        "application_calendar_id": "room",
    }
    assert service.client().post(path, json=body, headers={"Authorization": header}).status_code == 200
