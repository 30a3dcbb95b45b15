"""functions/botframework: what only the Bot Framework does."""

import pytest

from channels.errors import PlatformUnavailable
from tests.channels.botframework.row import ROW
from tests.functions.harness import Function


def test_an_invoke_that_is_not_known_is_not_implemented():
    answer, _ = ROW.post(ROW.example("unknown_invoke"))
    assert (answer["statusCode"], answer["body"]) == (501, "{}")
    assert answer["headers"]["content-type"] == "application/json"


class BrokenMemory:
    def get(self, key):
        raise PlatformUnavailable("down")


def test_keys_that_cannot_be_had_are_no_fault_of_the_request():
    function = Function(ROW, ROW.credentials, memory=BrokenMemory())
    answer, queued = function.post(ROW.example())
    assert (answer["statusCode"], queued) == (503, [])
    assert answer["headers"]["retry-after"]


@pytest.mark.parametrize(("ip", "status"), [("", 403), ("127.0.0.1", 200)])
def test_the_development_switch_lets_nobody_in_on_aws(ip, status):
    """API Gateway tells the caller's address, which is never this machine."""
    event = ROW.example("no_token")
    http = event["requestContext"]["http"]
    http["sourceIp"] = ip or http["sourceIp"]
    answer, queued = Function(ROW, {"allow_unsigned": True}).post(event)
    assert (answer["statusCode"], len(queued)) == (status, int(status == 200))
