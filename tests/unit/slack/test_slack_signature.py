"""Slack's signature: its published vector, vectors of our own, and Slack's SDK as the oracle."""

import base64
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_sdk.signature import Clock
from slack_sdk.signature import SignatureVerifier as SdkVerifier

from channels.errors import CredentialsError, VerificationError
from channels.http.request import Request
from channels.slack import SlackInput
from channels.slack.signature import SignatureVerifier
from tests.unit.slack.workspace import NOW, SECRET, channel, of_credentials, signed

# The vector that Slack publishes (docs.slack.dev, "Verifying requests from Slack").
PUBLISHED = {
    "secret": "8f742231b10e8888abcd99yyyzzz85a5",
    "timestamp": "1531420618",
    "body": (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    ),
    "signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
}
SLASH = (
    b"token=legacy&team_id=T0AWSDEMO&channel_id=C0GENERAL&user_id=U0ALICE00&command=%2Fask"
    b"&text=what+is+up%3F&api_app_id=A0RASA0001&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT0AWSDEMO%2F1%2Fabc&trigger_id=1.2.abc"
)
CHALLENGE = (
    b'{"token":"legacy","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",'
    b'"type":"url_verification"}'
)
MESSAGE = (
    rb'{"type":"event_callback","team_id":"T0AWSDEMO","api_app_id":"A0RASA0001","event":{"type":'
    rb'"message","channel":"D0AAAAAAA","user":"U0ALICE00","text":"h\u00e9llo \ud83d\udc4b","ts":'
    rb'"1767225599.000100","event_ts":"1767225599.000100","channel_type":"im"},"event_id":'
    rb'"Ev0000000001","event_time":1767225599}'
)
CLICK = (
    b"payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U0ALICE00%22%7D"
    b"%2C%22channel%22%3A%7B%22id%22%3A%22D0AAAAAAA%22%7D%2C%22actions%22%3A%5B%7B%22type%22%3A"
    b"%22button%22%2C%22action_id%22%3A%22rasa_0%22%2C%22block_id%22%3A%22b1%22%2C%22value%22%3A"
    b"%22%2Faffirm%7B%5C%22x%5C%22%3A+1%7D%22%2C%22action_ts%22%3A%221767225600.123456%22%7D%5D"
    b"%2C%22response_url%22%3A%22https%3A%2F%2Fhooks.slack.com%2Factions%2FT0AWSDEMO%2F1%2Fabc"
    b"%22%2C%22trigger_id%22%3A%221.2.abc%22%7D"
)
VECTORS = {
    "url verification": (
        CHALLENGE,
        "v0=5163c23b37e3769579e2f83db2ba7acc7ada77d7a3fccf3d9776afd28071fba6",
    ),
    "message with escaped unicode": (
        MESSAGE,
        "v0=478281b7f8bd580407515ae4de4674112fa821133664efb3aaf687201a8e8c51",
    ),
    "block actions": (
        CLICK,
        "v0=9ea17409c4a767fa66431e9f11098446eb39485e6184cad5a6bd51da4e1b8948",
    ),
    "slash command": (
        SLASH,
        "v0=fb7fad9c7f25e124c55f3a12fc816b9e810953a890d685e3ade6adfa784a14e0",
    ),
    "raw utf-8": (
        '{"type":"event_callback","event":{"text":"héllo 👋"}}'.encode(),
        "v0=6e6ef16be2b71fd2e1e8f730055da251f0492f128439619174258cba35fe5952",
    ),
    "empty body": (b"", "v0=a63f32f3722a2e067180ea8d11c8f18b3a0e2c175f808385f0989b9f16bb62bf"),
}

vectors = pytest.mark.parametrize(("body", "signature"), VECTORS.values(), ids=VECTORS)


def at(now, secret=SECRET):
    return SignatureVerifier(secret, lambda: now)


def test_the_vector_that_slack_publishes():
    verifier = at(1531420618.0, PUBLISHED["secret"])
    body = PUBLISHED["body"].encode()
    assert verifier.is_valid(body, PUBLISHED["timestamp"], PUBLISHED["signature"])


@vectors
def test_vectors(body, signature):
    assert at(NOW).is_valid(body, "1767225600", signature)


def test_a_body_in_base64_is_verified_by_its_bytes():
    signature = VECTORS["slash command"][1]
    event = {
        "rawPath": "/webhooks/slack/webhook",
        "requestContext": {"http": {"method": "POST"}},
        "headers": {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": "1767225600",
            "x-slack-signature": signature,
        },
        "isBase64Encoded": True,
        "body": base64.b64encode(SLASH).decode(),
    }
    channel().verify(Request.from_event(event))


@vectors
@pytest.mark.parametrize(
    "change",
    [
        lambda signature: signature[:-1] + ("0" if signature[-1] != "0" else "1"),
        lambda signature: "v0=" + signature[3:].upper(),
        lambda signature: signature[3:],
        lambda signature: "v1=" + signature[3:],
        lambda signature: signature + "0",
        lambda signature: signature[:-1],
        lambda signature: signature + "\n",
        lambda signature: "v0=",
        lambda signature: "",
        lambda signature: None,
        lambda signature: "v0=é",
        lambda signature: "v0=\ud800",
    ],
)
def test_another_signature_is_refused(body, signature, change):
    assert not at(NOW).is_valid(body, "1767225600", change(signature))


@vectors
def test_another_body_is_refused(body, signature):
    for other in (body + b"\n", body + b" ", b" " + body, body.replace(b"T0", b"T1") + b"x"):
        assert not at(NOW).is_valid(other, "1767225600", signature)


def test_json_that_was_written_again_is_refused():
    again = json.dumps(json.loads(MESSAGE)).encode()
    assert not at(NOW).is_valid(again, "1767225600", VECTORS["message with escaped unicode"][1])


@vectors
@pytest.mark.parametrize(
    ("off", "accepted"), [(299, True), (300, True), (301, False), (0, True), (86400, False)]
)
def test_the_clock_may_be_off_by_five_minutes_either_way(body, signature, off, accepted):
    for now in (NOW + off, NOW - off):
        assert at(now).is_valid(body, "1767225600", signature) is accepted


@pytest.mark.parametrize(
    "timestamp", [None, "", "abc", "1e9", "-1", "1767225600.0", "\ud800", "9" * 5000, "nan"]
)
def test_a_timestamp_that_is_no_time_is_refused_and_raises_nothing(timestamp):
    signature = at(NOW).sign(b"x", timestamp or "")
    assert not at(NOW).is_valid(b"x", timestamp, signature)


def test_white_space_around_the_secret_is_taken_off_when_it_is_read():
    made = SlackInput("xoxb", slack_signing_secret=f" {SECRET}\n", now=lambda: NOW)
    made.verify(signed(b"{}"))


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_a_missing_header_is_a_verification_error(missing):
    request = signed(b"{}")
    del request.headers[missing.lower()]
    with pytest.raises(VerificationError) as raised:
        channel().verify(request)
    assert raised.value.status == 401
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("secret", [None, "", "  "])
def test_without_a_secret_there_is_no_channel(secret):
    with pytest.raises(CredentialsError, match=r"slack_signing_secret.*docs/channels/slack.md"):
        of_credentials(slack_signing_secret=secret)


def test_unsigned_requests_are_let_in_only_where_the_credentials_say_so():
    made = SlackInput.from_credentials({"slack_token": "xoxb", "allow_unsigned": True})
    made.verify(Request("POST", body=b"{}"))


def test_with_a_secret_allow_unsigned_changes_nothing():
    made = of_credentials(allow_unsigned=True)
    with pytest.raises(VerificationError):
        made.verify(Request("POST", body=b"{}"))


class StandingClock(Clock):
    def now(self):
        return NOW


TIMESTAMPS = st.integers(1767225290, 1767225910).map(str) | st.text(max_size=12)


@given(
    body=st.text(max_size=80).filter(lambda text: text.isprintable()),
    timestamp=TIMESTAMPS,
    change=st.sampled_from(["none", "body", "secret", "signature", "version"]),
)
@example(body="", timestamp="+1767225600", change="none")
@example(body="", timestamp=" 1767225600 ", change="none")
@example(body="", timestamp="1_767_225_600", change="none")
def test_it_agrees_with_slacks_own_verifier(body, timestamp, change):
    sdk = SdkVerifier(SECRET, StandingClock())
    secret = "another" if change == "secret" else SECRET
    signature = SignatureVerifier(secret).sign(body.encode(), timestamp)
    if change == "signature":
        signature = signature[:-1] + "g"
    if change == "version":
        signature = "v1" + signature[2:]
    sent = body + "x" if change == "body" else body
    try:
        expected = sdk.is_valid(sent, timestamp, signature)
    except ValueError:
        expected = False  # the SDK raises for what is no number
    assert at(NOW).is_valid(sent.encode(), timestamp, signature) is expected
