"""What a refusal is answered with."""

import json

import pytest

from parley.core import errors
from parley.core.errors import Fault, Refusal
from parley.wire.errors import REPLIES, answer
from tests.make import period, slot_id, text


def every(kind):
    return {kind, *(one for below in kind.__subclasses__() for one in every(below))}


def test_every_refusal_has_an_answer_and_nothing_else_has():
    ours = {one for one in every(Refusal) if one.__module__ == errors.__name__}
    assert ours - {Refusal} == set(REPLIES)


@pytest.mark.parametrize(
    ("refusal", "status", "headers"),
    [
        pytest.param(errors.Unauthorized(), 401, {"WWW-Authenticate": "Bearer"}, id="who are you"),
        pytest.param(errors.Forbidden(), 403, {}, id="not you"),
        pytest.param(errors.NotFound(), 404, {}, id="nothing there"),
    ],
)
def test_what_says_nothing_about_a_field_has_no_body(refusal, status, headers):
    told = answer(refusal)
    assert (told.status, told.body, dict(told.headers)) == (status, b"", headers)


@pytest.mark.parametrize(
    ("refusal", "status", "path", "key"),
    [
        pytest.param(errors.Invalid([Fault("a.b[0]", "errors.x", "y")]), 422, "a.b[0]", "errors.x", id="a field"),
        pytest.param(
            errors.SlotsUnknown([2]), 422, "selected_slots[2].slot_id", "errors.not_recognized", id="unknown slot"
        ),
        pytest.param(
            errors.SlotsTaken([1]), 422, "selected_slots[1].slot_id", "errors.slot_unavailable", id="taken slot"
        ),
        pytest.param(errors.NotYourTurn(), 422, "selected_slots", "errors.not_available", id="not asked"),
        pytest.param(errors.AccountRevoked(), 422, "base", "errors.account_revoked", id="consent withdrawn"),
        pytest.param(errors.TooLarge(), 413, "base", "errors.too_long", id="a large body"),
        pytest.param(errors.KeyReused(), 422, "base", "errors.idempotency_key_reused", id="another request"),
        pytest.param(errors.KeyInUse(), 409, "base", "errors.idempotency_key_in_use", id="still running"),
        pytest.param(errors.TooManyCalls(7), 429, "base", "errors.rate_limited", id="too often"),
        pytest.param(errors.Unavailable(), 503, "base", "errors.unavailable", id="not now"),
    ],
)
def test_a_refusal_names_the_field_and_the_key(refusal, status, path, key):
    told = answer(refusal)
    found = json.loads(told.body)["errors"]
    assert (told.status, list(found), [one["key"] for one in found[path]]) == (status, [path], [key])
    assert all(one["description"] for one in found[path])


def test_faults_of_one_field_stand_together():
    faults = [Fault("a", "errors.x", "one"), Fault("b", "errors.x", "two"), Fault("a", "errors.y", "three")]
    assert json.loads(answer(errors.Invalid(faults)).body)["errors"] == {
        "a": [{"key": "errors.x", "description": "one"}, {"key": "errors.y", "description": "three"}],
        "b": [{"key": "errors.x", "description": "two"}],
    }


def test_who_loses_a_slot_is_told_those_that_are_free():
    told = json.loads(answer(errors.SlotsTaken([0], [period("10:00", "11:00")])).body)
    assert told["slots"] == [{"slot_id": slot_id("10:00"), "start": text("10:00"), "end": text("11:00")}]
    assert json.loads(answer(errors.SlotsTaken([0])).body)["slots"] == []


def test_the_token_endpoints_answer_in_the_words_of_oauth():
    told = answer(errors.OAuthRefused("invalid_grant"))
    assert (told.status, json.loads(told.body)) == (400, {"error": "invalid_grant"})


def test_who_is_told_to_come_back_is_told_when():
    assert dict(answer(errors.Unavailable(retry_after=7)).headers) == {"Retry-After": "7"}
