"""The function of the custom channels: which one a path asks for, and what stops none of them."""

import json
import sys

import pytest

from channels.channel import InputChannel, OutputChannel, UserMessage, accept_unsigned
from channels.errors import CredentialsMissing
from channels.handlers.custom_channels import custom_webhook
from channels.wiring.registry import custom_document
from channels.wiring.services import Services
from tests.connectors.calls import Agent, event

HERE = __name__


SENT = []


class Output(OutputChannel):
    """Remembers what was sent."""

    async def send_text_message(self, recipient_id, text, **kwargs):
        SENT.append(text)


class OurStyle(InputChannel):
    """`verify` and `parse`; the name is an instance's."""

    verify = accept_unsigned
    max_body_size = 100

    @classmethod
    def from_credentials(cls, credentials):
        made = cls()
        made.prefix = credentials["prefix"]
        return made

    def name(self):
        return self.prefix

    def parse(self, request):
        return [UserMessage(request.json["text"], sender_id="me", reply_to={"room": 1})]

    def output_for(self, message):
        return Output()


class Inbox:
    def __init__(self):
        self.queued = []

    def put(self, channel, messages):
        self.queued += [(channel, message.text, message.reply_to) for message in messages]


def function(inbox=None, **stored):
    def credentials(section):
        try:
            return stored[section.removeprefix("custom/")]
        except KeyError:
            raise CredentialsMissing(section) from None

    return custom_webhook(Services(credentials, Agent, 5.0, inbox))


OURS = custom_document(f"{HERE}.OurStyle", {"prefix": "ours"})


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """This module, under the name that its classes are asked for by."""
    monkeypatch.setitem(sys.modules, HERE, sys.modules[OurStyle.__module__])


def call(handle, path, method="POST", body='{"text": "hi"}'):
    answer = handle(event(method, path, {}, body), None)
    return answer["statusCode"], answer["body"]


def test_a_channel_in_our_style_is_acknowledged_from_the_queue():
    inbox = Inbox()
    assert call(function(inbox, ours=OURS), "ours/webhook") == (200, "success")
    assert inbox.queued == [("ours", "hi", {"room": 1})]


def test_without_a_queue_its_turn_runs_in_the_request():
    SENT.clear()
    assert call(function(ours=OURS), "ours/webhook") == (200, "success")
    assert SENT == ["1: hi None None", "2: hi None None"]


@pytest.mark.parametrize("path", ["ours", "ours/"])
def test_health(path):
    assert call(function(ours=OURS), path, "GET") == (200, '{"status": "ok"}')


@pytest.mark.parametrize("path", ["nobody", "nobody/webhook", "rest/webhook", "", "/webhook"])
def test_what_is_no_custom_channel_is_404(path):
    assert call(function(ours=OURS), path)[0] == 404
    assert call(function(ours=OURS), path, "GET")[0] == 404


def test_a_body_too_large_is_413():
    assert call(function(ours=OURS), "ours/webhook", body="x" * 101)[0] == 413


def test_a_channel_that_cannot_be_imported_stops_no_other(caplog):
    handle = function(ours=OURS, broken=custom_document("addons.nowhere.MyIO", {}))
    status, body = call(handle, "broken/webhook")
    assert status == 500
    assert json.loads(body)["message"] == "the channel is not set up: see its log"
    assert "Failed to find input channel class for 'addons.nowhere.MyIO'" in caplog.text
    assert call(handle, "ours/webhook")[0] == 200


def test_a_channel_is_made_again_when_its_credentials_change():
    stored = {"ours": OURS}

    def credentials(section):
        return stored[section.removeprefix("custom/")]

    handle = custom_webhook(Services(credentials, Agent, 5.0))
    assert call(handle, "ours/webhook")[0] == 200
    stored["ours"] = custom_document(f"{HERE}.Strict", {})
    assert call(handle, "ours/webhook")[0] == 401


class Strict(OurStyle):
    """Refuses everything."""

    @classmethod
    def from_credentials(cls, credentials):
        return cls()

    def name(self):
        return "ours"

    def verify(self, request):
        from channels.errors import VerificationError

        raise VerificationError("never")
