"""The My Platform channel: what it reads, whom it trusts, what it sends."""

import asyncio
import json

import pytest

from channels.channel import UserMessage
from channels.errors import CredentialsError, RecipientGone, SendError, VerificationError
from channels.http.request import Request
from channels.my_platform import MyPlatformInput
from channels.my_platform.settings import MAX_TEXT
from tests.channels.my_platform.sample import SAMPLE
from tests.functions.harness import example
from tests.servers.recording_server import recording_server


@pytest.fixture
def channel():
    return MyPlatformInput.from_credentials(SAMPLE.credentials)


def request(name):
    return Request.from_event(example(f"my_platform/{name}"))


def test_a_message(channel):
    channel.verify(request("text"))
    [message] = channel.parse(request("text"))
    assert (message.message_id, message.sender_id, message.text) == ("M1", "R1", "hi")
    assert message.reply_to == {"room_id": "R1"}
    assert channel.get_metadata(request("text"))["author"]["name"] == "Ann"


@pytest.mark.parametrize("name", ["malformed", "other_event", "own_message"])
def test_what_is_no_message_of_a_person(channel, name):
    channel.verify(request(name))
    assert channel.parse(request(name)) == []
    assert channel.get_metadata(request(name)) is None


@pytest.mark.parametrize("name", ["no_signature", "wrong_signature"])
def test_what_is_not_signed_is_refused(channel, name):
    with pytest.raises(VerificationError, match="X-Signature-256"):
        channel.verify(request(name))


def test_a_channel_without_a_secret_is_open_only_when_told_to():
    with pytest.raises(CredentialsError, match="'webhook_secret' is needed"):
        MyPlatformInput("made-up")
    MyPlatformInput("made-up", allow_unsigned=True).verify(request("no_signature"))


@pytest.mark.parametrize("credentials", [None, {}, {"webhook_secret": "made-up"}])
def test_missing_credentials_are_named(credentials):
    with pytest.raises(CredentialsError, match="my_platform"):
        MyPlatformInput.from_credentials(credentials)


def sent(text, answer=SAMPLE.platform, message=None):
    """The calls by which a text is sent, as an answer to a message or unasked."""
    with recording_server(answer) as platform:
        channel = MyPlatformInput("made-up", "made-up", api_base=platform.url)
        output = channel.output_for(message) if message else channel.get_output_channel()
        asyncio.run(output.send_text_message("R2", text))
    return platform.requests


def test_an_answer_goes_to_the_room_that_was_asked_from():
    [call] = sent("hello", message=UserMessage("hi", reply_to={"room_id": "R1"}))
    assert (call.method, call.path) == ("POST", "/messages")
    assert call.json == {"room_id": "R1", "text": "hello"}
    assert call.headers["authorization"] == "Bearer made-up"


def test_what_is_said_unasked_goes_to_the_recipient():
    assert [call.json["room_id"] for call in sent("hello")] == ["R2"]


def test_a_long_text_is_sent_whole_in_several_messages():
    text = "word " * MAX_TEXT
    calls = sent(text)
    assert all(len(call.json["text"]) <= MAX_TEXT for call in calls)
    assert " ".join(call.json["text"] for call in calls).split() == text.split()


@pytest.mark.parametrize(
    ("status", "error"), [(400, SendError), (404, RecipientGone), (401, CredentialsError)]
)
def test_a_refusal_is_what_follows_from_it(status, error):
    document = json.dumps({"error": {"code": "refused", "message": "no"}}).encode()
    with pytest.raises(error):
        sent("hello", lambda request: (status, document, {"content-type": "application/json"}))
