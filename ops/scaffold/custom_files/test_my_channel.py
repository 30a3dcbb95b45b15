"""The channel my_channel: what it reads, whom it trusts, what it sends."""

import asyncio
import json

import pytest

from addons.my_channel import MyChannel
from channels import CredentialsError, PayloadError, Request, SendError, VerificationError
from ops import ROOT
from tests.contract.sample import Sample
from tests.servers.recording_server import recording_server

TOKEN = "a-token-of-the-tests"


def sign(event):
    event["headers"]["authorization"] = f"Bearer {TOKEN}"


def refusal(words):
    """How the platform refuses a message."""
    return 400, json.dumps({"reason": words}).encode(), {}


#: With this the contract tests cover the channel (tests/contract/sample.py says what it holds).
SAMPLE = Sample(
    {"token": TOKEN, "url": "https://example.com/bot"},
    "my_channel/text",
    sign,
    platform=lambda request: (200, b'{"id": "2001"}', {}),
    platform_key="url",
    refusal=refusal,
    channel="addons.my_channel.MyChannel",
)


def example(name):
    path = ROOT / "events" / "my_channel" / f"{name}.json"
    return Request.from_event(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def channel():
    return MyChannel.from_credentials(SAMPLE.credentials)


def test_a_message(channel):
    [message] = channel.parse(example("text"))
    assert (message.message_id, message.sender_id, message.text) == ("1001", "me", "hi")
    assert message.input_channel == "my_channel"


def test_a_request_that_cannot_be_read(channel):
    with pytest.raises(PayloadError, match="'sender'"):
        channel.parse(example("malformed"))


def test_a_request_of_somebody_else(channel):
    with pytest.raises(VerificationError):
        channel.verify(example("text"))


@pytest.mark.parametrize(
    "credentials",
    [None, {}, {"token": TOKEN}, {"token": None, "url": "https://example.com/bot"}],
)
def test_missing_credentials_are_named(credentials):
    with pytest.raises(CredentialsError, match="'token' and 'url'"):
        MyChannel.from_credentials(credentials)


@pytest.mark.parametrize("is_taken", [True, False])
def test_an_answer(is_taken):
    answer = SAMPLE.platform if is_taken else lambda request: refusal("too long")
    with recording_server(answer) as platform:
        channel = MyChannel(TOKEN, platform.url)
        output = channel.output_for(channel.parse(example("text"))[0])
        if is_taken:
            asyncio.run(output.send_text_message("me", "hello"))
        else:
            with pytest.raises(SendError, match="status 400"):
                asyncio.run(output.send_text_message("me", "hello"))
    [call] = platform.requests
    assert (call.method, call.json) == ("POST", {"recipient": "me", "text": "hello"})
