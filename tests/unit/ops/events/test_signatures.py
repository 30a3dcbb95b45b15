"""Requests proved anew, judged by the vendors' libraries and the connectors' own checks."""

import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

from channels.errors import VerificationError
from channels.hangouts import HangoutsInput
from channels.wiring.registry import create_channel
from ops.events import signatures
from ops.events.new_ids import Fresh, with_new_ids
from ops.events.signatures import PrivateKey, Signing
from ops.failure import Failure
from ops.platforms.webhook_request import WebhookRequest
from tests.contract.samples import SAMPLES
from tests.functions.harness import example

BASE = "https://bot.example.com/assistant"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
NOW = 1_767_225_600.0

#: Only their platforms can sign.
THEIRS = {"botframework", "hangouts"}


def request(name):
    return WebhookRequest.from_event(example(name))


def sign(name, section, now=None, key=None):
    return signatures.sign(request(name), Signing(section, BASE, now or time.time(), key))


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - THEIRS))
def test_a_channel_takes_what_was_signed_with_its_credentials(name):
    sample = SAMPLES[name]
    channel = create_channel(name, sample.credentials)
    unsigned = request(sample.event)
    with pytest.raises(VerificationError):
        channel.verify(unsigned.read(BASE))
    channel.verify(sign(sample.event, sample.credentials).read(BASE))


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - THEIRS))
def test_other_credentials_make_other_proofs(name):
    sample = SAMPLES[name]
    other = {
        key: [f"{text}1" for text in value] if isinstance(value, list) else f"{value}1"
        for key, value in sample.credentials.items()
    }
    signed = sign(sample.event, other)
    with pytest.raises(VerificationError):
        create_channel(name, sample.credentials).verify(signed.read(BASE))


def test_slacks_own_library_agrees():
    signed = sign("slack/message_im", {"slack_signing_secret": "s3cret"})
    assert SignatureVerifier("s3cret").is_valid_request(signed.body.decode(), signed.headers)


@pytest.mark.parametrize("name", ["twilio/text", "twilio_voice/ringing", "twilio/text_by_get"])
def test_twilios_own_library_agrees(name):
    signed = sign(name, {"auth_token": "t0ken"})
    read = signed.read(BASE)
    form = {} if signed.method == "GET" else {k: v[0] for k, v in read.form.items()}
    given = signed.headers["x-twilio-signature"]
    assert RequestValidator("t0ken").validate(read.url, form, given)


def test_messengers_and_webexs_digests():
    facebook = sign("facebook/text", {"secret": ["first", "second"]})
    digest = hmac.new(b"first", facebook.body, "sha256").hexdigest()
    assert facebook.headers["x-hub-signature-256"] == f"sha256={digest}"
    webex = sign("webexteams/message_direct", {"webhook_secret": "w"})
    digest = hmac.new(b"w", webex.body, "sha1").hexdigest()
    assert webex.headers["x-spark-signature"] == digest


def test_metas_question_gets_the_verify_token():
    signed = sign("facebook/challenge_wrong_token", {"verify": "right", "secret": "s"})
    assert signed.read().args.get("hub.verify_token") == "right"


@pytest.mark.parametrize(
    "name",
    ["button_forged", "dialog_forged", "slash_command_wrong_token", "slash_command_get", "menu"],
)
def test_every_kind_of_mattermosts_requests(name):
    credentials = SAMPLES["mattermost"].credentials
    signed = sign(f"mattermost/{name}", credentials)
    create_channel("mattermost", credentials).verify(signed.read(BASE))


def test_a_dialog_is_signed_as_the_same_submission_or_as_a_new_one():
    credentials = SAMPLES["mattermost"].credentials
    channel = create_channel("mattermost", credentials)
    recorded = request("mattermost/dialog")

    def submitted(again):
        signed = signatures.sign(again, Signing(credentials, BASE, NOW)).read(BASE)
        channel.verify(signed)
        [message] = channel.parse(signed)
        return message.message_id, message.metadata["state"]

    [before] = channel.parse(recorded.read(BASE))
    assert submitted(recorded) == (before.message_id, "page 1")
    new = with_new_ids(recorded, Fresh("0123456789abcdef" * 2, NOW))
    assert submitted(new) == submitted(new)
    assert submitted(new)[0] != before.message_id
    assert submitted(new)[1] == "page 1"


def test_rocketchats_livechat_has_its_own_token():
    section = {"webhook_token": "w", "livechat_token": ["l", "m"]}
    signed = sign("rocketchat/livechat_unsigned", section)
    assert signed.headers["x-rocketchat-livechat-token"] == "l"


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
    ("name", "section"),
    [
        ("rest/text", {}),
        ("callback/text", {"url": "https://example.com"}),
        ("slack/message_im", {"allow_unsigned": True}),
        ("facebook/text", {"allow_unsigned": True}),
        ("telegram/text", {"allow_unsigned": True}),
        ("twilio/text", {"allow_unsigned": True}),
        ("mattermost/webhook", {"allow_unsigned": True}),
        ("rocketchat/text", {"allow_unsigned": True}),
        ("webexteams/message_direct", {"allow_unsigned": True}),
        ("botframework/text", {}),
        ("slack/health", {"slack_signing_secret": "s"}),
    ],
)
def test_what_needs_no_proof_is_sent_as_it_is(name, section):
    assert sign(name, section) == request(name)


@pytest.mark.parametrize(
    ("name", "section", "whose"),
    [
        ("botframework/text", {"app_id": "a"}, "Microsoft"),
        ("hangouts/message", {"project_id": "1"}, "Google"),
        ("hangouts/message", {"audience": "endpoint"}, "Google"),
    ],
)
def test_what_only_the_platform_can_sign(name, section, whose):
    with pytest.raises(Failure, match=f"Only {whose}") as failure:
        sign(name, section)
    assert "--key" in failure.value.mend


def test_a_key_set_of_ones_own():
    key = PrivateKey(PEM, "key-1")
    teams = sign("botframework/text", {"app_id": "app"}, NOW, key)
    token = teams.headers["authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(token)["kid"] == "key-1"
    read = {"algorithms": ["RS256"], "options": {"verify_exp": False}}
    claims = jwt.decode(token, KEY.public_key(), audience="app", **read)
    assert claims["serviceurl"] == json.loads(teams.body)["serviceUrl"]
    chat = sign("hangouts/message", {"project_id": 12}, NOW, key)
    token = chat.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, KEY.public_key(), audience="12", **read)
    assert claims["iss"] == "chat@system.gserviceaccount.com"
    assert HangoutsInput.name() == "hangouts"


def test_a_key_that_is_none():
    with pytest.raises(Failure, match="The key is none for RS256"):
        sign("botframework/text", {"app_id": "a"}, key=PrivateKey("not a key"))


def test_a_shared_key_that_the_stack_does_not_have():
    with pytest.raises(Failure, match="webhook_shared_keys"):
        sign("twilio/shared_key", {"auth_token": "t"})


def test_a_channel_of_ones_own():
    event = example("rest/text")
    event["rawPath"] = "/webhooks/myio/webhook"
    with pytest.raises(Failure, match="known to its class only"):
        signatures.sign(WebhookRequest.from_event(event), Signing({}, BASE, NOW))
