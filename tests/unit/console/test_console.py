"""The console channel is REST under the name `cmdline` (Rasa's `CmdlineInput`)."""

import json

import pytest

from channels.console import CmdlineInput
from channels.errors import VerificationError
from channels.http.request import Request
from channels.rest import RestInput
from channels.wiring.registry import create_channel


def post(body: dict[str, object], **headers: str) -> Request:
    return Request("POST", "/webhooks/rest/webhook", headers, json.dumps(body).encode())


def test_cmdline_in_credentials_yml_is_the_console_channel() -> None:
    assert isinstance(create_channel("cmdline", None), CmdlineInput)


def test_it_is_served_where_rest_is() -> None:
    channel = CmdlineInput()

    assert channel.name() == "cmdline"
    assert channel.url_prefix() == RestInput().url_prefix() == "rest"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"sender": "me", "message": "hi"}, "cmdline"),
        ({"sender": "me", "message": "hi", "input_channel": "slack"}, "slack"),
    ],
)
def test_messages_are_of_input_channel_cmdline_unless_the_body_names_another(
    body: dict[str, object], expected: str
) -> None:
    (message,) = CmdlineInput().parse(post(body))

    assert (message.text, message.sender_id) == ("hi", "me")
    assert message.input_channel == expected


def test_its_own_token_protects_it() -> None:
    channel = create_channel("cmdline", {"token": "s3cret"})

    channel.verify(post({}, authorization="Bearer s3cret"))
    with pytest.raises(VerificationError):
        channel.verify(post({}))
