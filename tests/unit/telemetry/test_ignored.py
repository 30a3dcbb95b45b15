"""What channels ignore is logged: by ids, never by its words."""

import asyncio
import json
import logging

import pytest

from channels.channel import InputChannel, UserMessage, accept_unsigned
from channels.http.request import Request
from channels.telemetry.ignored import ignored


def test_a_line_names_the_channel_what_it_is_and_the_ids_that_are_there(caplog):
    caplog.set_level(logging.INFO, "channels")
    ignored("slack", "another bot's message", {"user": "U1", "bot_id": "", "ts": None, "chat": -7})
    [record] = caplog.records
    assert record.getMessage() == "channel slack: ignored another bot's message user='U1' chat='-7'"


def test_what_stands_in_place_of_an_id_is_cut_and_begins_no_line_of_its_own(caplog):
    ignored("slack", "x", {"user": "a\nERROR " + "b" * 999}, logging.WARNING)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "\n" not in record.getMessage()
    assert len(record.getMessage()) < 300


class Channel(InputChannel):
    """Hears what is not empty, and drops `drop`."""

    verify = accept_unsigned

    @classmethod
    def name(cls):
        return "made_up"

    def parse(self, request):
        text = request.json["text"]
        return [UserMessage(text, message_id="m1")] if text else []

    def enrich(self, message):
        return message.text != "drop"


@pytest.mark.parametrize(("text", "heard"), [("hi", ["hi"]), ("", []), ("drop", [])])
def test_a_request_without_a_message_and_a_message_that_is_dropped_are_told(text, heard, caplog):
    caplog.set_level(logging.DEBUG, "channels")
    taken = []

    async def on_new_message(message):
        taken.append(message.text)

    request = Request("POST", "/webhook", {}, json.dumps({"text": text}).encode())
    answer = asyncio.run(Channel().blueprint(on_new_message).respond(request, "webhook"))
    assert (answer.status, taken) == (200, heard)
    lines = [record.getMessage() for record in caplog.records if "ignored" in record.getMessage()]
    assert len(lines) == (0 if heard else 1)
    assert text != "drop" or "m1" in lines[0]
