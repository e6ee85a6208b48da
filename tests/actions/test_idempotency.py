"""What a call with a key leaves behind, whatever its handler does."""

import pytest

from parley.actions import idempotency
from parley.core import errors
from parley.core.access import ApplicationCaller
from parley.core.errors import Fault
from parley.store import applications
from parley.store.applications import Application
from parley.wire.exchange import Call, Reply
from parley.wire.idempotency import Keyed

CALL = Call(ApplicationCaller("app"), keyed=Keyed("one", "digest"))
MADE = Application("made", "Made", 0)


def made(dc):
    return dc.db.read(applications.find, "made") is not None


def kept(dc):
    return dc.db.read(lambda tx: [row[0] for row in tx.all("select status from idempotency_keys")])


class Handler:
    """Makes an application, then replies or refuses; counts how often."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.calls = 0

    def __call__(self, dc, call):
        self.calls += 1
        dc.db.write(lambda tx: applications.insert(tx, MADE))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def test_an_answer_is_kept_with_what_was_done(dc):
    handler = Handler(Reply(202, b'"body"', "text/plain", (("Allow", "GET"), ("Allow", "POST"))))
    first, again = (idempotency.carry_out(dc, CALL, handler) for _ in range(2))
    assert (made(dc), kept(dc), handler.calls) == (True, [202], 1)
    assert first == handler.outcome
    assert (again.status, again.body, again.content_type) == (202, b'"body"', "text/plain")
    assert again.headers == (*first.headers, ("Idempotency-Replayed", "true"))


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        pytest.param(errors.Forbidden(), 403, id="forbidden"),
        pytest.param(errors.NotFound(), 404, id="not there"),
        pytest.param(errors.Invalid([Fault("a", "errors.x", "y")]), 422, id="invalid"),
        pytest.param(errors.NotYourTurn(), 422, id="not now"),
    ],
)
def test_a_refusal_is_an_answer_like_any_other(dc, refusal, status):
    handler = Handler(refusal)
    first, again = (idempotency.carry_out(dc, CALL, handler) for _ in range(2))
    assert (first.status, again.status, again.body) == (status, status, first.body)
    assert (kept(dc), handler.calls) == ([status], 1)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(errors.Unauthorized(), id="401"),
        pytest.param(errors.TooLarge(), id="413"),
        pytest.param(errors.KeyInUse(), id="409"),
        pytest.param(errors.OAuthRefused("invalid_grant"), id="400"),
        pytest.param(errors.Unavailable(), id="503"),
        pytest.param(ZeroDivisionError(), id="a mistake of ours"),
    ],
)
def test_nothing_is_left_of_a_call_that_has_no_outcome(dc, failure):
    handler = Handler(failure)
    for _ in range(2):
        with pytest.raises(type(failure)):
            idempotency.carry_out(dc, CALL, handler)
    assert (made(dc), kept(dc), handler.calls) == (False, [], 2)
    handler.outcome = Reply()
    assert idempotency.carry_out(dc, CALL, handler) == Reply()
    assert (made(dc), kept(dc)) == (True, [200])


def test_without_a_key_nothing_is_kept(dc):
    handler = Handler(errors.NotFound())
    with pytest.raises(errors.NotFound):
        idempotency.carry_out(dc, Call(ApplicationCaller("app")), handler)
    assert (made(dc), kept(dc), handler.calls) == (True, [], 1)
