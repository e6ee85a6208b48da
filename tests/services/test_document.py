"""docs/conversation-services.md agrees with the code: with the schema, our signatures and our numbers."""

from __future__ import annotations

import json
import re

from jsonschema import Draft202012Validator

from parley.actions.asking import NOT_DELIVERED
from parley.api.openapi.services import LIMITS
from parley.core import limits, signature
from parley.core.conversation_service import CHOICES, LONGEST_LOOK, LOOK_SECONDS, SHARDS
from parley.core.limits import OUTBOUND_SECONDS
from parley.settings import Settings
from parley.wire.services import MOST
from tests.docs.documents import DOCS, blocks, rows, section
from tests.services.test_asking import SCHEMA

PAGE = DOCS / "conversation-services.md"


def test_the_push_of_the_page_is_as_the_schema_says():
    (push,) = [json.loads(one.text) for one in blocks(PAGE) if one.language == "json"]
    assert [one.message for one in Draft202012Validator(SCHEMA).iter_errors(push)] == []
    assert push["participant"] == push["scheduling_conversation"]["participants"][1]


def test_every_field_of_a_push_is_told():
    told = {row[0].partition(".")[0] for row in rows(section(PAGE, "The push"))[1:]}
    assert told == set(SCHEMA["properties"]) == set(SCHEMA["required"])


def test_the_signature_of_the_page_is_ours():
    told = dict(row for row in rows(section(PAGE, "Is it genuine?")) if len(row) == 2)
    made = signature.headers("ask_1", int(told["webhook-timestamp"]), told["body"].encode(), [told["secret"]])
    assert {name: told[name] for name in made} == made


def test_the_numbers_of_the_page_are_those_of_the_code():
    text = PAGE.read_text()
    first, second = limits.SERVICE_RETRIES
    assert f"tried again after {first} seconds, and once more after another {second}" in text
    assert f"waited for {OUTBOUND_SECONDS:.0f} seconds" in text
    assert f"`PARLEY_SERVICE_TIMEOUT` ({Settings().service_timeout} seconds)" in text
    assert f"pushed to at most {SHARDS} times at once" in text
    assert f"Once services have chosen {CHOICES} times" in text
    assert f"`{NOT_DELIVERED}`" in text
    assert LOOK_SECONDS == limits.MINUTE
    assert f"double up to {LONGEST_LOOK // limits.MINUTE} minutes" in text
    assert f"`no agreement after {CHOICES} choices`" in text
    assert f"for {limits.SERVICE_SECRET_OVERLAP // limits.HOUR} hours" in text


def test_the_limits_are_the_same_everywhere():
    told = {row[0] for row in rows(section(PAGE, "Limits"))}
    wire = section(DOCS / "wire.md", "12.1 Enable")
    schema = SCHEMA["$defs"]["limits"]["properties"]
    assert told == set(MOST) == set(schema) == set(LIMITS) == set(re.findall(r"`limits\.(\w+)`", wire))
    for name, most in MOST.items():
        assert (schema[name]["maximum"], LIMITS[name]["maximum"]) == (most, most)
