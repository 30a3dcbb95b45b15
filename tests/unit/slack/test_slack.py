"""The Slack channel: its settings, its handshakes, its acknowledgements."""

import json
from urllib.parse import urlencode

import pytest

from channels.channel import UserMessage
from channels.errors import CredentialsError, PayloadError, VerificationError
from channels.http.request import Request
from channels.slack import SlackInput
from channels.wiring.registry import create_channel
from tests.unit.slack.workspace import (
    FORM,
    NOW,
    SECRET,
    TOKEN,
    channel,
    clicked,
    example,
    of_credentials,
    signed,
)

RASAS = {
    "slack_channel": "C0GENERAL",
    "proxy": "http://proxy:3128",
    "slack_retry_reason_header": "x-slack-retry-reason",
    "slack_retry_number_header": "x-slack-retry-num",
    "errors_ignore_retry": ["http_timeout"],
    "use_threads": True,
    "conversation_granularity": "thread",
}


def test_rasas_credentials_are_valid_as_they_are():
    made = of_credentials(**RASAS)
    assert (made.slack_token, made.slack_channel, made.use_threads) == (TOKEN, "C0GENERAL", True)
    assert made.proxy == "http://proxy:3128"


def test_keys_that_rasas_file_leaves_empty_are_as_if_they_were_not_there():
    made = of_credentials(
        slack_channel=None, proxy="", use_threads=None, conversation_granularity=None
    )
    assert (made.slack_channel, made.proxy, made.use_threads) == (None, None, False)


def test_white_space_around_a_token_is_taken_off():
    assert of_credentials(slack_token=f"{TOKEN}\n").slack_token == TOKEN


def test_it_can_be_made_with_rasas_parameters_in_rasas_order():
    names = SlackInput.__init__.__code__.co_varnames[1:10]
    assert names == (
        "slack_token",
        "slack_channel",
        "proxy",
        "slack_retry_reason_header",
        "slack_retry_number_header",
        "errors_ignore_retry",
        "use_threads",
        "slack_signing_secret",
        "conversation_granularity",
    )


@pytest.mark.parametrize("credentials", [None, {}])
def test_without_credentials(credentials):
    with pytest.raises(CredentialsError, match=r"slack.*credentials"):
        create_channel("slack", credentials)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"slack_token": None}, "slack_token"),
        ({"slack_token": "  "}, "slack_token"),
        ({"slack_token": 1}, "slack_token"),
        ({"slack_signing_secret": ["x"]}, "slack_signing_secret"),
        ({"slack_channel": 5}, "slack_channel"),
        ({"use_threads": "yes"}, "use_threads"),
        ({"edits": "yes"}, "edits"),
        ({"ephemeral": 1}, "ephemeral"),
        ({"allow_unsigned": "no"}, "allow_unsigned"),
        ({"conversation_granularity": "user"}, "conversation_granularity"),
        ({"conversation_granularity": "team:planet"}, "conversation_granularity"),
        ({"conversation_granularity": "user:user"}, "conversation_granularity"),
        ({"conversation_granularity": ["team"]}, "conversation_granularity"),
    ],
)
def test_a_setting_that_is_wrong_is_named(wrong, named):
    with pytest.raises(CredentialsError, match=rf"'{named}'.*docs/channels/slack.md") as raised:
        of_credentials(**wrong)
    assert TOKEN not in str(raised.value)


def test_made_in_python_it_refuses_to_work_unsigned_as_well():
    with pytest.raises(CredentialsError, match="slack_signing_secret"):
        SlackInput(TOKEN)


def test_a_challenge_is_answered_as_it_is():
    response = channel().handshake(example("url_verification"))
    assert response.body == b"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
    assert response.headers["content-type"].startswith("text/plain")


def test_a_challenge_that_is_not_signed_is_refused():
    request = example("url_verification")
    request.headers["x-slack-signature"] = "v0=0"
    with pytest.raises(VerificationError):
        channel().handshake(request)


@pytest.mark.parametrize("challenge", [None, 1, {"a": 1}])
def test_a_challenge_that_is_no_text(challenge):
    body = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
    with pytest.raises(PayloadError):
        channel().handshake(signed(body))


def test_an_event_that_has_a_challenge_is_no_handshake():
    body = example("message_im").json | {"challenge": "x", "note": "url_verification"}
    assert channel().handshake(signed(json.dumps(body).encode())) is None


@pytest.mark.parametrize(
    "request_", [example("ssl_check"), Request("GET", query_string="ssl_check=1")]
)
def test_a_check_of_the_certificate_hears_200(request_):
    response = channel().handshake(request_)
    assert (response.status, response.body) == (200, b"")


@pytest.mark.parametrize("name", ["slash_command", "message_im", "block_actions"])
def test_what_people_do_is_no_handshake(name):
    assert channel().handshake(example(name)) is None


def test_a_command_about_certificates_is_no_handshake():
    body = urlencode({"command": "/ask", "user_id": "U1", "text": "ssl_check=1"}).encode()
    assert channel().handshake(signed(body, FORM)) is None


@pytest.mark.parametrize(
    "name", ["message_im", "slash_command", "block_actions", "view_submission"]
)
def test_an_acknowledgement_is_empty(name):
    response = channel().acknowledgement(example(name))
    assert (response.status, response.body) == (200, b"")


def test_a_menu_that_asks_for_options_gets_none():
    response = channel().acknowledgement(example("block_suggestion"))
    assert json.loads(response.body) == {"options": []}


def test_a_click_that_mentions_block_suggestion_is_acknowledged_like_any():
    click = {"type": "block_actions", "note": "block_suggestion"}
    assert channel().acknowledgement(clicked(click)).body == b""


def test_metadata_of_a_request():
    assert channel().get_metadata(example("message_im"))["out_channel"] == "D0AAAAAAA"
    assert channel().get_metadata(example("own_message")) is None


def test_rasas_module_path():
    from rasa.core.channels.slack import SlackBot
    from rasa.core.channels.slack import SlackInput as Alias

    made = Alias(TOKEN, slack_signing_secret=SECRET, now=lambda: NOW)
    message = UserMessage("hi", reply_to={"channel": "C1"})
    assert isinstance(made.output_for(message), SlackBot)
