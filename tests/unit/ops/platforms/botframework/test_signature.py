import json

import jwt
import pytest

from ops.failure import Failure
from ops.platforms.signing import PrivateKey
from tests.unit.ops.platforms.signed import KEY, NOW, PEM, request, sign


def test_an_emulators_bot_asks_for_no_proof():
    assert sign("botframework/text", {}) == request("botframework/text")


def test_only_microsoft_can_sign():
    with pytest.raises(Failure, match="Only Microsoft") as failure:
        sign("botframework/text", {"app_id": "a"})
    assert "--key" in failure.value.mend


def test_a_key_set_of_ones_own():
    signed = sign("botframework/text", {"app_id": "app"}, NOW, PrivateKey(PEM, "key-1"))
    token = signed.headers["authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(token)["kid"] == "key-1"
    read = {"algorithms": ["RS256"], "options": {"verify_exp": False}}
    claims = jwt.decode(token, KEY.public_key(), audience="app", **read)
    assert claims["serviceurl"] == json.loads(signed.body)["serviceUrl"]


def test_a_key_that_is_none():
    with pytest.raises(Failure, match="The key is none for RS256"):
        sign("botframework/text", {"app_id": "a"}, key=PrivateKey("not a key"))
