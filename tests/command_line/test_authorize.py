"""`parley account authorize`."""

import httpx2
import pytest

URI = "https://app.example/callback"


@pytest.fixture
def made(shell):
    """An application with a redirect URI, and an account."""
    return shell.json("application", "create", "Agenda", "--redirect-uri", URI) | shell.json(
        "account", "create", "grace@example.org"
    )


def test_a_code_made_while_the_service_runs_is_exchanged_for_tokens(shell, serving, made):
    url = serving().url
    told = shell.json("account", "authorize", made["sub"], made["client_id"], "--redirect-uri", URI)
    assert set(told) == {"code"}
    named = {"client_id": made["client_id"], "client_secret": made["client_secret"], **told}
    body = {"grant_type": "authorization_code", "redirect_uri": URI, **named}
    answer = httpx2.post(f"{url}/oauth/token", data=body, verify=False)
    assert (answer.status_code, answer.json()["sub"]) == (200, made["sub"])


def test_without_json_the_code_is_named(shell, made):
    done = shell.run("account", "authorize", made["sub"], made["client_id"], "--redirect-uri", URI)
    assert (done.returncode, done.stdout.split()[0]) == (0, "code")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["--redirect-uri", "https://evil.example/"], 1, id="unknown redirect URI"),
        pytest.param([], 2, id="none"),
    ],
)
def test_the_redirect_uri_must_be_the_applications(shell, made, words, expected):
    done = shell.run("account", "authorize", made["sub"], made["client_id"], *words)
    assert (done.returncode, done.stdout) == (expected, "")
