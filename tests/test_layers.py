"""Who may import whom, and who may write: the table of CONTRIBUTING.md, written out again and checked."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import parley

ROOT = Path(parley.__file__).parent
SHELL = {
    *("__main__", "mail_commands", "receiving", "service", "processes", "demo"),
    *("logs", "asgi", "routes", "connection", "progress"),
}
MAY_IMPORT = {
    "core": {"core"},
    "settings": {"core", "settings"},
    "wire": {"core", "wire"},
    "store": {"core", "store"},
    "calendars": {"core", "wire", "store", "calendars"},
    "data_center": {"core", "settings", "store", "calendars"},
    "actions": {"core", "wire", "store", "data_center", "actions"},
    "outbound": {"core", "settings"},
    "channels": {"core", "wire", "store", "outbound", "settings", "channels"},
    "letters": {"core", "wire", "letters"},
    "errands": {
        *("core", "wire", "store", "calendars", "channels", "data_center", "actions", "outbound", "letters", "errands")
    },
    "worker": {"core", "store", "data_center", "errands", "metrics"},
    "api": {"core", "wire", "store", "actions", "data_center", "outbound", "api"},
    "web": {"core", "wire", "store", "actions", "data_center", "web"},
    "metrics": {"core", "wire", "store", "data_center"},
    "admission": {"core", "store", "actions", "data_center"},
    "backup": {"settings", "store", "data_center"},
    "doctor": {"core", "settings", "wire", "store", "channels", "data_center", "doctor"},
}
EVERYBODY = {"__init__", *MAY_IMPORT, *SHELL}
FROM_OUTSIDE = {
    "core": {"whenever"},
    "settings": {"pydantic", "pydantic_settings"},
    "wire": {"msgspec"},
    "wire/invitation.py": {"icalendar"},
    "wire/reply_text.py": {"mailparser_reply"},
    "wire/itip.py": {"icalendar"},
    "store": {"msgspec"},
    "store/sqlite.py": {"apsw"},
    "store/sqlite_copy.py": {"apsw"},
    "store/sqlite_condition.py": {"apsw"},
    "store/postgresql.py": {"psycopg", "psycopg_pool"},
    "store/postgresql_copy.py": {"psycopg"},
    "store/postgresql_condition.py": {"psycopg"},
    "outbound": {"httpcore2", "httpx2"},
    "data_center": {"cryptography"},
    "actions": {"msgspec"},
    "errands": {"msgspec", "structlog"},
    "errands/prove.py": {"dns"},
    "worker": {"structlog"},
    "letters": {"jinja2"},
    "web": {"jinja2"},
    "metrics": {"prometheus_client"},
    "backup": {"msgspec"},
    "asgi": {"starlette", "structlog"},
    "routes": {"starlette", "structlog"},
    "service": {"uvicorn", "structlog"},
    "connection": {"uvicorn"},
    "doctor": {"dns"},
    "logs": {"structlog"},
    "__main__": {"typer", "pydantic"},
    "mail_commands": {"typer"},
    "receiving": {"aiosmtpd", "structlog"},
    "channels/mailbox.py": {"imap_tools"},
}
NOT_IN_CORE = {"time", "random", "secrets", "os", "io", "socket", "logging", "threading", "pathlib", "subprocess"}
MAY_WRITE = {"actions", "calendars", "errands", "worker.py", "store/sqlite.py", "store/copies.py"}

FILES = sorted(ROOT.rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "parley":
            yield from (f"parley.{one.name}" for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def layer(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def standard(name: str) -> bool:
    return name in sys.stdlib_module_names


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_what_its_layer_may(file):
    here, name = layer(file), str(file.relative_to(ROOT))
    ours = {one.split(".")[1] for one in imported(file) if one.startswith("parley.")}
    outside = {one.split(".")[0] for one in imported(file)} - {"parley", "__future__"}
    third_party = {one for one in outside if not standard(one)}
    assert ours <= MAY_IMPORT.get(here, EVERYBODY)
    assert third_party <= FROM_OUTSIDE.get(here, set()) | FROM_OUTSIDE.get(name, set())
    assert here != "core" or not outside & NOT_IN_CORE


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_only_actions_calendars_and_the_worker_open_a_writing_transaction(file):
    name = str(file.relative_to(ROOT))
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    writes = [one for one in calls if ast.unparse(one.func).endswith(("db.write", "self.write"))]
    assert not writes or layer(file) in MAY_WRITE or name in MAY_WRITE


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_only_the_store_speaks_sql(file):
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    statements = [one for one in calls if ast.unparse(one.func) in ("tx.run", "tx.all", "tx.one")]
    assert not statements or layer(file) == "store"
