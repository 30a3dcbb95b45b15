"""The callback channel: what comes in, and what goes into the outbox."""

import asyncio
import hashlib
import json

import pytest

from channels.callback import CallbackInput
from channels.channel import UserMessage
from channels.errors import CredentialsError, PayloadError, PlatformUnavailable
from channels.http.request import Request
from channels.turns.parts import Parts
from channels.wiring.credentials import problems

SETTINGS = {"url": "https://example.com/bot"}


#: The sender `me` in a delivery id.
ME = hashlib.sha256(b"me").hexdigest()[:12]


class Outbox:
    def __init__(self):
        self.put_calls = []

    def put(self, group, document_id, document):
        self.put_calls.append((group, document_id, document))


def parse(**body):
    return CallbackInput.from_credentials(SETTINGS).parse(Request(body=json.dumps(body).encode()))


def test_metadata_and_input_channel_are_kept_where_rasa_loses_them():
    [message] = parse(sender="me", message="hi", metadata={"p": 1}, input_channel="web")
    assert (message.metadata, message.input_channel) == ({"p": 1}, "web")
    assert parse(message="hi")[0].input_channel == "callback"


def test_a_message_id_of_the_client_names_the_message():
    assert parse(message="hi", message_id="order-1")[0].message_id == "order-1"
    first, second = parse(message="hi")[0], parse(message="hi", message_id="")[0]
    assert first.message_id != second.message_id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"message": "x", "message_id": 5}, "'message_id' must be a string"),
        ({"message": "x", "message_id": "i" * 513}, "'message_id' is longer than 512"),
        ({"message": "x", "sender": "s" * 1025}, "'sender' is longer than 1024"),
        ({"message": "x", "input_channel": "c" * 1025}, "'input_channel' is longer"),
        ({"message": None}, "'message' must be a string"),
    ],
)
def test_bad_input_is_told(body, reason):
    with pytest.raises(PayloadError, match=reason):
        parse(**body)


def answer(message, bot_message, already_sent=0, outbox=None):
    channel = CallbackInput.from_credentials(SETTINGS)
    channel.outbox = outbox or Outbox()
    output = channel.output_for(message)
    output.parts = Parts(already_sent, lambda parts, platform_id: None)
    asyncio.run(output.send_response(message.sender_id, bot_message))
    return channel.outbox.put_calls


MESSAGE = UserMessage("hi", sender_id="me", message_id="m1")


def test_each_message_is_one_document_in_order_under_a_stable_id():
    documents = answer(MESSAGE, {"text": "a\n\nb", "image": "i"})
    assert documents == [
        (
            "me",
            f"m1:1:{ME}",
            {"delivery_id": f"m1:1:{ME}", "message": {"recipient_id": "me", "text": "a"}},
        ),
        (
            "me",
            f"m1:2:{ME}",
            {"delivery_id": f"m1:2:{ME}", "message": {"recipient_id": "me", "text": "b"}},
        ),
        (
            "me",
            f"m1:3:{ME}",
            {"delivery_id": f"m1:3:{ME}", "message": {"recipient_id": "me", "image": "i"}},
        ),
    ]
    assert answer(MESSAGE, {"text": "a\n\nb", "image": "i"}, already_sent=2) == documents[2:]


def test_without_an_outbox_nothing_is_pretended_and_nothing_given_up():
    output = CallbackInput.from_credentials(SETTINGS).output_for(MESSAGE)
    with pytest.raises(PlatformUnavailable, match="no callback queue"):
        asyncio.run(output.send_text_message("me", "hi"))


def test_an_apology_does_not_take_the_id_of_the_answer_that_a_redrive_brings():
    channel = CallbackInput.from_credentials(SETTINGS)
    channel.outbox = Outbox()
    asyncio.run(channel.output_for(MESSAGE).send_text_message("me", "sorry"))
    answer(MESSAGE, {"text": "the answer"}, outbox=channel.outbox)
    apology, first = (call[1] for call in channel.outbox.put_calls)
    assert first == f"m1:1:{ME}"
    assert apology != first


def test_a_part_that_the_queue_did_not_take_keeps_its_id():
    class Full(Outbox):
        def put(self, group, document_id, document):
            super().put(group, document_id, document)
            if document_id == f"m1:2:{ME}":
                raise PlatformUnavailable("throttled")

    full = Full()
    with pytest.raises(PlatformUnavailable):
        answer(MESSAGE, {"text": "a\n\nb\n\nc"}, outbox=full)
    rest = answer(MESSAGE, {"text": "a\n\nb\n\nc"}, already_sent=1)
    assert [call[1] for call in full.put_calls] == [f"m1:1:{ME}", f"m1:2:{ME}"]
    assert [(call[1], call[2]["message"]["text"]) for call in rest] == [
        (f"m1:2:{ME}", "b"),
        (f"m1:3:{ME}", "c"),
    ]


def test_two_senders_who_use_one_message_id_get_ids_of_their_own():
    ids = {
        answer(UserMessage("hi", sender_id=sender, message_id="1"), {"text": "a"})[0][1]
        for sender in ("alice", "bob")
    }
    assert len(ids) == 2, "a receiver that drops what it has seen must drop neither"


def test_messages_sent_unasked_have_ids_of_their_own():
    channel = CallbackInput.from_credentials(SETTINGS)
    channel.outbox = Outbox()
    for _ in range(2):
        asyncio.run(channel.get_output_channel().send_text_message("me", "ding"))
    first, second = (call[1] for call in channel.outbox.put_calls)
    assert first != second


@pytest.mark.parametrize("credentials", [None, {}, {"url": ""}, {"token": "t"}])
def test_a_missing_url_is_told_where_rasa_dies_of_a_type_error(credentials):
    with pytest.raises(CredentialsError, match="callback"):
        CallbackInput.from_credentials(credentials)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"url": "ftp://example.com"}, "'url'"),
        ({"url": "example.com"}, "'url'"),
        ({"url": "https://user:pw@example.com"}, "'basic_auth'"),
        ({**SETTINGS, "array": "yes"}, "'array'"),
        ({**SETTINGS, "allow_private_addresses": 1}, "'allow_private_addresses'"),
        ({**SETTINGS, "signing_secret": ""}, "'signing_secret'"),
        ({**SETTINGS, "signing_secret": 5}, "'signing_secret'"),
        ({**SETTINGS, "signing_secret": "whsec_?"}, "whsec_"),
        ({**SETTINGS, "signing_secret": "whsec_"}, "whsec_"),
        ({**SETTINGS, "signing_secret": "whsec_\u00e9"}, "whsec_"),
        ({"url": "https://"}, "'url'"),
        ({"url": "https://a..b"}, "'url'"),
        ({"url": f"https://{'a' * 64}.example"}, "'url'"),
        ({"url": "https://[::1"}, "'url'"),
        ({"url": "https://example.com:99999"}, "'url'"),
        ({"url": ["https://example.com"]}, "'url'"),
        ({**SETTINGS, "timeout": 0}, "'timeout'"),
        ({**SETTINGS, "timeout": 51}, "at most 50 seconds"),
        ({**SETTINGS, "tokn": "t"}, "'tokn'"),
        ({**SETTINGS, "jwt_key": ""}, "'jwt_key'"),
    ],
)
def test_ops_credentials_check_finds_what_would_fail_later(settings, key):
    [found] = problems({"callback": settings})
    assert key in found.what


def test_a_complete_section_has_no_problem():
    whole = {
        **SETTINGS,
        "params": {"a": "b"},
        "headers": {"X-Team": "t"},
        "basic_auth": {"username": "u", "password": "p"},
        "token": "t",
        "token_name": "n",
        "signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "array": True,
        "timeout": 5,
        "jwt_key": "k" * 32,
    }
    assert problems({"callback": whole}) == []
