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


def test_a_channel_without_credentials_is_404(handler):
    event = example("rest/text")
    event["rawPath"] = "/webhooks/myio/webhook"
    answer = handler(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])["message"]) == (
        404,
        "no channel 'myio'",
    )
