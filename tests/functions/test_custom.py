"""functions/custom/app.py, without the credentials that would name a class."""

import json

import pytest

from tests.functions.harness import example


@pytest.fixture(scope="module")
def handler(lambda_handler):
    return lambda_handler("custom")


@pytest.mark.parametrize("event", ["text", "health", "malformed"])
def test_a_name_that_is_nobody_s_is_404(handler, event):
    answer = handler(example(f"rest/{event}"), None)
    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["status"] == 404


def asked(handler, path):
    event = example("rest/text")
    event["rawPath"] = path
    answer = handler(event, None)
    return answer["statusCode"], json.loads(answer["body"])["message"]


def test_without_credentials_the_log_says_what_to_do(handler, caplog):
    """What `sam local invoke CustomFunction` shows, which runs without a stack."""
    told = asked(handler, "/webhooks/myio/webhook")
    assert told == (500, "the channel is not set up: see its log")
    assert "channel myio: refused with 500: CredentialsError" in caplog.text
    assert "try it on the local stack (`make up`), or in its test" in caplog.text


@pytest.mark.parametrize(
    "name", ["..", "custom%2Fmyio", "a b", "x" * 65, "rest\n", "../agent", "\u00e9"]
)
def test_what_cannot_be_a_name_reaches_no_credentials_and_no_log(handler, caplog, name):
    status, message = asked(handler, f"/webhooks/{name}/webhook")
    assert (status, message) == (404, f"no route '/webhooks/{name}/webhook'")
    assert name not in caplog.text
