import jwt
import pytest

from ops.failure import Failure
from ops.platforms.signing import PrivateKey
from tests.unit.ops.platforms.signed import KEY, NOW, PEM, sign


@pytest.mark.parametrize("section", [{"project_id": "1"}, {"audience": "endpoint"}])
def test_only_google_can_sign(section):
    with pytest.raises(Failure, match="Only Google") as failure:
        sign("hangouts/message", section)
    assert "--key" in failure.value.mend


def test_a_key_set_of_ones_own():
    signed = sign("hangouts/message", {"project_id": 12}, NOW, PrivateKey(PEM, "key-1"))
    token = signed.headers["authorization"].removeprefix("Bearer ")
    read = {"algorithms": ["RS256"], "options": {"verify_exp": False}}
    claims = jwt.decode(token, KEY.public_key(), audience="12", **read)
    assert claims["iss"] == "chat@system.gserviceaccount.com"
