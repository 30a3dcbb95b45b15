import pytest
from twilio.request_validator import RequestValidator

from ops.failure import Failure
from tests.unit.ops.platforms.signed import BASE, sign


@pytest.mark.parametrize("name", ["twilio/text", "twilio_voice/ringing", "twilio/text_by_get"])
def test_twilios_own_library_agrees(name):
    signed = sign(name, {"auth_token": "t0ken"})
    read = signed.read(BASE)
    form = {} if signed.method == "GET" else {k: v[0] for k, v in read.form.items()}
    given = signed.headers["x-twilio-signature"]
    assert RequestValidator("t0ken").validate(read.url, form, given)


def test_a_shared_key_that_the_stack_does_not_have():
    with pytest.raises(Failure, match="webhook_shared_keys"):
        sign("twilio/shared_key", {"auth_token": "t"})
