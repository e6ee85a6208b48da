"""How what we send is signed: the vectors of both ways, and several keys at once."""

import hashlib
import hmac
from base64 import b64decode, b64encode

from parley.core import signature

BODY = b'{"example":"well-known"}'
KEY = "pDY0Oi7TJSP2hfNmZNkm5"
NAME = "Cronofy-HMAC-SHA256"


def test_the_known_key_signs_the_known_body_as_known():
    assert signature.headers("dlv_1", 1, BODY, [KEY])[NAME] == "6r2/HjBkqymGegX0wOfifieeUXbbHwtV/LohHS+jv6c="


def test_each_key_signs_and_a_bare_comma_parts_them():
    first, second = (signature.headers("dlv_1", 1, BODY, [key])[NAME] for key in ("one", "two"))
    assert signature.headers("dlv_1", 1, BODY, ["one", "two"])[NAME] == f"{first},{second}"


def test_standard_webhooks_signs_as_its_published_example():
    told = signature.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert told["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert told["webhook-timestamp"] == "1614265330"


def test_a_key_without_the_prefix_signs_with_its_own_bytes():
    told = signature.headers("dlv_1", 17, BODY, [KEY])["webhook-signature"]
    expected = hmac.new(KEY.encode(), b"dlv_1.17." + BODY, hashlib.sha256).digest()
    assert told == f"v1,{b64encode(expected).decode()}"


def test_the_header_of_cronofy_takes_the_whole_text_of_a_key_with_the_prefix():
    key = "whsec_" + b64encode(b"k" * 24).decode()
    expected = hmac.new(key.encode(), BODY, hashlib.sha256).digest()
    assert b64decode(signature.headers("dlv_1", 1, BODY, [key])[NAME]) == expected


def test_a_space_parts_the_signatures_of_several_keys():
    assert signature.headers("dlv_1", 1, BODY, ["one", "two"])["webhook-signature"].count(" v1,") == 1
