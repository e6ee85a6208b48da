"""What the tests share: an installation with a clock of its own, and a real service over it on a free port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import uvicorn

from parley import data_center, worker
from parley.actions import accounts, applications
from parley.asgi import application as asgi_application
from parley.core.access import digest
from parley.core.limits import ACCESS_TOKEN_SECONDS
from parley.data_center import DataCenter
from parley.settings import Settings
from parley.store import database, tokens
from parley.store.database import Transaction
from parley.store.tokens import Authorization
from tests.make import SUNDAY_NOON
from tests.pgbouncer import Pgbouncer, bouncing
from tests.postgresql import Server, running


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    instant: int = SUNDAY_NOON

    def __call__(self) -> int:
        return self.instant


class Client(httpx2.Client):
    """An HTTP client with one token, at one service."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        super().__init__(base_url=url, headers=headers, timeout=30, verify=False)  # plain HTTP: no certificates to load
        self.token = token

    def open(self, body: dict[str, Any]) -> dict[str, Any]:
        """Open a conversation that must succeed."""
        answer = self.post("/v1/scheduling_conversations", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def again(self, conversation: dict[str, Any]) -> dict[str, Any]:
        """The conversation as it stands now."""
        return self.get(f"/v1/scheduling_conversations/{conversation['scheduling_conversation_id']}").json()

    def slots(self, conversation: dict[str, Any], position: int) -> httpx2.Response:
        """List a participant's slots, whether that is offered or not."""
        return self.get(slots_path(conversation, position))

    def select(self, conversation: dict[str, Any], position: int, body: dict[str, Any]) -> httpx2.Response:
        """Select slots for a participant."""
        return self.post(slots_path(conversation, position), json=body)


def slots_path(conversation: dict[str, Any], position: int) -> str:
    """Where a participant's slots are."""
    return f"/v1/scheduling_conversations/{conversation['scheduling_conversation_id']}/participants/{position}/slots"


@dataclass
class Application:
    """An application and a client with its API key."""

    id: str
    secret: str
    client: Client


@dataclass
class Person:
    """An account, and a client with an access token that one application has for it."""

    sub: str
    key: int
    email: str
    client: Client
    refresh_token: str

    @property
    def calendar(self) -> str:
        """The id of their calendar."""
        return self.client.get("/v1/calendars").json()["calendars"][0]["calendar_id"]


@dataclass
class Service:
    """A running service and what a test does beside calling it."""

    dc: DataCenter
    url: str
    clock: Clock
    clients: list[Client] = field(default_factory=list)

    def client(self, token: str | None = None) -> Client:
        """A client with this token."""
        self.clients.append(Client(self.url, token))
        return self.clients[-1]

    def application(self, *redirect_uris: str, **limits: int) -> Application:
        """A new application with these redirect URIs and limits."""
        made = applications.create(self.dc, "Test", redirect_uris)
        if limits:
            applications.set_limits(self.dc, made.application.id, limits)
        return Application(made.application.id, made.client_secret, self.client(made.client_secret))

    def person(self, application: Application, email: str = "grace@example.org", tzid: str = "Etc/UTC") -> Person:
        """A new account that the application may act for."""
        account = accounts.create(self.dc, email, email.split("@")[0].title(), tzid)
        return self.grant(account.sub, application)

    def grant(self, sub: str, application: Application) -> Person:
        """Let one more application act for an account."""
        given = accounts.grant(self.dc, sub, application.id)
        client = self.client(given.access_token)
        return Person(sub, given.account.key, given.account.email or "", client, given.refresh_token)

    def token(self, person: Person, application: Application, scope: str) -> str:
        """An access token for the person that reaches no further than this scope."""
        access, refresh = self.dc.new_token("pat_"), self.dc.new_token("prt_")
        now = self.dc.now()
        given = Authorization(self.dc.new_key(), application.id, person.key, digest(refresh), scope, now)

        def record(tx: Transaction) -> None:
            tokens.insert(tx, given)
            tokens.add_access_token(tx, given.key, digest(access), now, now + ACCESS_TOKEN_SECONDS)

        self.dc.db.write(record)
        return access

    def work(self) -> None:
        """Carry out all that the outbox holds."""
        worker.work_off(self.dc)


@pytest.fixture
def clock() -> Clock:
    """A clock at Sunday noon, before the Monday of `tests.make`."""
    return Clock()


ENGINES = ("sqlite", "postgresql")
BEHIND_PGBOUNCER = "pgbouncer"  # PostgreSQL, with a pgbouncer in transaction mode in between


@pytest.fixture
def engine() -> str:
    """Which database; folders of tests that have to pass with every one give this fixture parameters."""
    return "sqlite"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server for all tests that need no other one."""
    with running(tmp_path_factory.mktemp("postgresql")) as started:
        yield started


@pytest.fixture(scope="session")
def standing_database(server: Server) -> str:
    """The address of a database that is up to date, for one test after the other."""
    made = server.new_database()
    db = database.opened(made)
    db.migrate()
    db.close()
    return made


@pytest.fixture(scope="session")
def pgbouncer(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pgbouncer]:
    """A pgbouncer in front of that server."""
    with bouncing(server, tmp_path_factory.mktemp("pgbouncer") / "log") as started:
        yield started


@pytest.fixture
def database_address(engine: str, request: pytest.FixtureRequest) -> str | None:
    """Where an empty database is, for PARLEY_DATABASE; nothing where that is a file in the data folder."""
    if engine == "sqlite":
        return None
    standing: str = request.getfixturevalue("standing_database")
    empty(standing)
    return standing if engine != BEHIND_PGBOUNCER else request.getfixturevalue("pgbouncer").in_front_of(standing)


def empty(address: str) -> None:
    """Forget everything in a database but its migrations; a hundred times as fast as a new one."""
    with psycopg.connect(address, autocommit=True) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        deletions = [f"delete from {name}" for (name,) in tables if name != "migrations"]
        connection.execute(f"set session_replication_role = replica; {'; '.join(deletions)}")


@pytest.fixture
def dc(tmp_path: Path, clock: Clock, database_address: str | None) -> Iterator[DataCenter]:
    """An installation of its own."""
    opened = data_center.opened(
        Settings(data_dir=tmp_path / "data", database=database_address, rate_limit="0"), now=clock
    )
    yield opened
    opened.db.close()


@contextmanager
def served(dc: DataCenter, clock: Clock) -> Iterator[Service]:
    """A service over the installation, on a free port, for as long as the block lasts."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    service = Service(DataCenter(dc.settings, url, dc.db, dc.secret, dc.now), url, clock)
    config = uvicorn.Config(asgi_application(service.dc), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield service
    for client in service.clients:
        client.close()
    server.should_exit = True
    thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[DataCenter, Clock], Service]]:
    """Start services on free ports; they end with the test."""
    with ExitStack() as running:
        yield lambda dc, clock: running.enter_context(served(dc, clock))


@pytest.fixture
def service(serve: Callable[[DataCenter, Clock], Service], dc: DataCenter, clock: Clock) -> Service:
    """A running service over the test's own installation; its worker works when the test says so."""
    return serve(dc, clock)


@pytest.fixture
def application(service: Service) -> Application:
    """An application of the service, with the default limits."""
    return service.application()


@pytest.fixture
def grace(service: Service, application: Application) -> Person:
    """Somebody with a calendar, in UTC."""
    return service.person(application)
