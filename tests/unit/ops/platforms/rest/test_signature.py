import jwt
import pytest

from ops.failure import Failure
from ops.platforms.signing import PrivateKey
from tests.unit.ops.platforms.signed import KEY, PEM, request, sign


def test_clients_tokens():
    assert sign("rest/text", {"token": "t"}).headers["authorization"] == "Bearer t"
    signed = sign("callback/text", {"url": "u", "jwt_key": "k" * 32}).headers["authorization"]
    jwt.decode(signed.split()[1], "k" * 32, algorithms=["HS256"], options={"require": ["exp"]})
    public = KEY.public_key()
    section = {"jwt_key": "the public one", "jwt_method": "RS256"}
    signed = sign("rest/text", section, key=PrivateKey(PEM)).headers["authorization"]
    jwt.decode(signed.split()[1], public, algorithms=["RS256"])
    with pytest.raises(Failure, match="Only your clients"):
        sign("rest/text", section)


@pytest.mark.parametrize(
    ("name", "section"), [("rest/text", {}), ("callback/text", {"url": "https://example.com"})]
)
def test_a_section_without_keys_asks_for_no_proof(name, section):
    assert sign(name, section) == request(name)
