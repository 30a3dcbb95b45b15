"""The Webex channel on the way in: its settings, its proof, and which hooks are messages."""

import hashlib
import hmac
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import CredentialsError, VerificationError
from channels.http.request import Request
from channels.turns.inbox_message import InboxMessage
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.unit.webexteams.webex import (
    CREDENTIALS,
    SECRET,
    body,
    channel,
    request,
    request_of,
)

#: Made with Webex's algorithm outside of this project.
VECTOR = "ad5f9c1d789a9e7aec803d8beb3f19249799ffb1"


def signed(signature, raw=None):
    raw = request("message_direct").body if raw is None else raw
    headers = {} if signature is None else {"X-Spark-Signature": signature}
    return Request("POST", "/webhooks/webexteams/webhook", headers, raw)


def test_the_published_vector_is_accepted():
    channel().verify(signed(VECTOR))
    channel().verify(request("base64"))


RAW = request("message_direct").body
REFUSED = {
    "the last digit is another one": signed(VECTOR[:-1] + "0"),
    "upper case, which Webex does not send": signed(VECTOR.upper()),
    "no header": signed(None),
    "an empty header": signed(""),
    "an algorithm before it": signed(f"sha1={VECTOR}"),
    "cut": signed(VECTOR[:20]),
    "too long": signed(VECTOR + "0"),
    "not hexadecimal": signed("z" * 40),
    "not ASCII": signed("\u00e9" * 40),
    "a lone surrogate": signed("\ud800" * 40),
    "a line end after the body": signed(VECTOR, RAW + b"\n"),
    "the body written anew": signed(VECTOR, json.dumps(json.loads(RAW)).encode()),
    "another body": signed(VECTOR, RAW.replace(b"ROOM1", b"ROOM2")),
    "of another secret": request("wrong_signature"),
    "SHA-256": signed(hmac.digest(SECRET.encode(), RAW, "sha256").hex()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_webex_did_not_sign_is_refused(name):
    with pytest.raises(VerificationError) as refused:
        channel().verify(REFUSED[name])
    assert refused.value.status == 401


def test_a_secret_with_a_line_end_from_a_file_serves():
    channel(webhook_secret=f"{SECRET}\n").verify(signed(VECTOR))


def test_without_a_secret_everything_is_let_in_only_when_told_so():
    open_channel = create_channel("webexteams", {"access_token": "t", "allow_unsigned": True})
    open_channel.verify(signed(None))
    with pytest.raises(VerificationError):
        channel(allow_unsigned=True).verify(signed(None))


@given(raw=st.binary(max_size=200), secret=st.text(min_size=1).filter(str.strip))
def test_every_signature_of_the_secret_and_no_other_is_good(raw, secret):
    key = secret.strip().encode()
    instance = channel(webhook_secret=secret)
    instance.verify(signed(hmac.new(key, raw, hashlib.sha1).hexdigest(), raw))
    with pytest.raises(VerificationError):
        instance.verify(signed(hmac.new(key + b"x", raw, hashlib.sha1).hexdigest(), raw))


WRONG = {
    "no token": ({"webhook_secret": "s"}, "'access_token' is needed"),
    "no secret": ({"access_token": "t"}, "'webhook_secret' is needed"),
    "a blank secret": ({"access_token": "t", "webhook_secret": " "}, "'webhook_secret' is needed"),
    "a token that is a number": ({"access_token": 1}, "'access_token' must be a string"),
    "a room that is a list": ({**CREDENTIALS, "room": ["R"]}, "'room' must be a string"),
    "unsigned as a text": (
        {**CREDENTIALS, "allow_unsigned": "no"},
        "'allow_unsigned' must be true or false",
    ),
    "threads as a number": ({**CREDENTIALS, "use_threads": 1}, "'use_threads' must be true"),
    "a granularity unknown": (
        {**CREDENTIALS, "conversation_granularity": "thread"},
        "'conversation_granularity' must be one of room, sender",
    ),
    "an address that is no URL": ({**CREDENTIALS, "api_base": "webex"}, "'api_base' must be a URL"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_setting_that_cannot_serve_is_named_with_its_section(name):
    credentials, said = WRONG[name]
    with pytest.raises(CredentialsError) as error:
        create_channel("webexteams", credentials)
    assert said in str(error.value)
    assert "docs/channels/webexteams.md" in str(error.value)
    assert "made-up" not in str(error.value)


def test_without_a_section_the_channel_says_how_to_give_it_one():
    with pytest.raises(CredentialsError, match="webexteams"):
        create_channel("webexteams", None)


#: What a user does: the hook, and the message's (id, conversation, where the answer goes).
HOOKS = {
    "message_direct": ("MSG1", "ROOM1", {"roomId": "ROOM1", "messageId": "MSG1"}),
    "base64": ("MSG1", "ROOM1", {"roomId": "ROOM1", "messageId": "MSG1"}),
    "message_in_group": ("MSG1", "ROOM1", {"roomId": "ROOM1", "messageId": "MSG1"}),
    "second_webhook_same_message": ("MSG1", "ROOM1", {"roomId": "ROOM1", "messageId": "MSG1"}),
    "reply_in_thread": (
        "MSG3",
        "ROOM1",
        {"roomId": "ROOM1", "messageId": "MSG3", "parentId": "MSG0"},
    ),
    "card_submit": ("ACT1", "ROOM1", {"roomId": "ROOM1", "messageId": "MSG2"}),
    "own_message": None,
    "another_bot": None,
    "message_edited": None,
    "message_deleted": None,
    "membership_created": None,
    "room_updated": None,
    "room_migrated": None,
    "unknown_kind": None,
    "malformed": None,
}


@pytest.mark.parametrize("name", HOOKS)
def test_which_hooks_are_messages(name):
    found = channel().parse(request(name))
    if HOOKS[name] is None:
        assert found == []
        return
    [message] = found
    assert (message.message_id, message.sender_id, message.reply_to) == HOOKS[name]
    assert (message.text, message.input_channel) == (None, "webexteams")


def test_the_metadata_is_named_as_webex_names_it():
    [message] = channel().parse(request("message_in_group"))
    assert message.metadata == {
        "resource": "messages",
        "id": "MSG1",
        "roomId": "ROOM1",
        "roomType": "group",
        "personId": "USERPERSON",
        "personEmail": "ann@example.com",
        "mentionedPeople": ["BOTPERSON"],
        "created": "2026-01-01T00:00:00.000Z",
    }
    assert channel().get_metadata(request("message_in_group")) == message.metadata
    assert channel().get_metadata(request("malformed")) is None


def test_a_message_and_a_submit_of_one_person_are_one_conversation():
    instance = channel(conversation_granularity="sender")
    senders = {
        instance.parse(request(name))[0].sender_id
        for name in ("message_direct", "message_in_group", "card_submit")
    }
    assert senders == {"ROOM1:USERPERSON"}


def test_two_people_of_a_group_share_a_conversation_only_as_in_rasa():
    hook = body("message_in_group")
    hook["data"]["personId"] = "ANOTHER"
    for granularity, is_shared in (("room", True), ("sender", False)):
        instance = channel(conversation_granularity=granularity)
        [first] = instance.parse(request("message_in_group"))
        [second] = instance.parse(request_of(hook))
        assert (first.sender_id == second.sender_id) is is_shared


@pytest.mark.parametrize("address", ["a@webex.bot", "A@WEBEX.BOT", "a@sparkbot.io"])
def test_bots_are_not_heard(address):
    hook = body("message_in_group")
    hook["data"]["personEmail"] = address
    assert channel().parse(request_of(hook)) == []


@pytest.mark.parametrize(("creator", "level"), [("BOTPERSON", "DEBUG"), ("SOMEBODY", "INFO")])
def test_which_bots_are_not_heard_is_logged_by_their_ids(creator, level, caplog):
    caplog.set_level("DEBUG", "channels")
    hook = {**body("own_message"), "createdBy": creator}
    assert channel().parse(request_of(hook)) == []
    [record] = caplog.records
    assert (record.levelname, "ignored" in record.message) == (level, True)
    assert "BOTPERSON" in record.message
    assert "webex.bot" not in record.message


@pytest.mark.parametrize("address", ["ann@webex.bot.example.com", "bot@example.com", None, 1])
def test_people_are(address):
    hook = body("message_in_group")
    hook["data"]["personEmail"] = address
    assert len(channel().parse(request_of(hook))) == 1


@pytest.mark.parametrize("key", ["id", "roomId", "personId"])
@pytest.mark.parametrize("odd", [None, "", 1, [], {}])
def test_a_hook_without_its_ids_is_none(key, odd):
    hook = body("message_direct")
    hook["data"][key] = odd
    assert channel().parse(request_of(hook)) == []


@pytest.mark.parametrize("odd", [[], "x", 1, None, {}, {"event": "created"}, {"data": 1}])
def test_nor_is_other_json(odd):
    assert channel().parse(request_of(odd)) == []


def test_webex_hears_an_empty_200():
    answer = channel().acknowledgement(request("message_direct"))
    assert (answer.status, answer.body) == (200, b"")


def test_a_message_without_a_text_yet_crosses_the_queue():
    [message] = channel().parse(request("message_direct"))
    queued = InboxMessage("webexteams", message, 1.0).to_json()
    arrived = InboxMessage.from_json(queued).message
    assert arrived.text is None
    assert (arrived.metadata, arrived.reply_to) == (message.metadata, message.reply_to)


def test_the_webhooks_start_loads_nothing_slow():
    code = (
        "import sys; before = set(sys.modules); import channels.webexteams; "
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "layers" / "channels")},
    ).stdout.split()
    slow = "requests urllib3 typing dataclasses asyncio logging.config yaml jwt cryptography boto3"
    assert "channels.webexteams.input" in loaded
    assert not set(slow.split()) & set(loaded)
