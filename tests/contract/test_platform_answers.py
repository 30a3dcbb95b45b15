"""What a platform answers, and what something else answers in its place.

A part is marked as sent or as refused by the platform's own word only.
"""

import asyncio

import pytest

from channels.errors import PlatformUnavailable, RateLimited
from channels.turns.parts import Parts
from tests.contract.samples import SAMPLES
from tests.pages import BUSY, DOWN, PAGES
from tests.servers.recording_server import recording_server

#: A text, and what is sent in a simpler form where a platform refuses it.
SAID = {"text": "hi"}
SHOWN = {"image": "https://example.com/i.png"}


def test_every_channel_that_has_a_queue_shows_its_platform():
    silent = {name for name, each in SAMPLES.items() if each.platform is None}
    assert silent == {"callback", "rest", "twilio_voice"}, "nobody is called to send an answer"


def delivered(channel, said, respond):
    """The marks of what was said to a platform that answers so, and its requests."""
    marks = []
    with recording_server(respond) as server:
        output, recipient = channel.output(server.url)
        output.parts = Parts(0, lambda parts, mark: marks.append(mark))
        try:
            asyncio.run(output.send_response(recipient, said))
        except Exception as error:
            error.marks, error.requests = marks, server.requests
            raise
    return marks, server.requests


@pytest.mark.parametrize("said", [SAID, SHOWN], ids=["text", "image"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_is_not_the_platform_s_is_waited_out(sending_channel, page, said):
    with pytest.raises(PlatformUnavailable) as raised:
        delivered(sending_channel, said, lambda request: PAGES[page])
    assert raised.value.marks == [], "neither sent nor refused"
    assert len(raised.value.requests) == 1, "no other token, no simpler form, no redirect"
    assert "Not now" not in str(raised.value)


@pytest.mark.parametrize("page", BUSY)
def test_a_page_that_asks_for_patience_is_a_rate_limit(sending_channel, page):
    with pytest.raises(RateLimited) as raised:
        delivered(sending_channel, SAID, lambda request: BUSY[page])
    assert raised.value.marks == []


@pytest.mark.parametrize("page", DOWN)
def test_a_page_of_something_that_is_down_is_waited_out(sending_channel, page):
    with pytest.raises(PlatformUnavailable) as raised:
        delivered(sending_channel, SAID, lambda request: DOWN[page])
    assert raised.value.marks == []


def test_the_platform_s_own_refusal_is_for_good(sending_channel):
    refusal = sending_channel.sample.refusal("odd")
    marks, requests = delivered(sending_channel, SAID, lambda request: refusal)
    assert [mark.partition(":")[0] for mark in marks] == ["refused"]
    assert len(requests) == 1


def test_the_platform_s_own_success_is_marked(sending_channel):
    marks, _ = delivered(sending_channel, SAID, sending_channel.sample.platform)
    assert len(marks) == 1
    assert "refused" not in marks[0]
