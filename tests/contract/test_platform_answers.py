"""What a platform answers, and what something else answers in its place.

A part is marked as sent or as refused by the platform's own word only.
"""

import asyncio
import json

import pytest

from channels import errors
from channels.errors import PlatformUnavailable, RateLimited
from channels.turns.parts import Parts
from tests.contract.conftest import Channel
from tests.contract.real_answers import ALIKE, KNOWN_BY, REAL
from tests.contract.samples import SAMPLES
from tests.pages import BUSY, DOWN, IMPOSTORS, PAGES
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


def test_every_platform_s_real_answers_are_known():
    assert set(REAL) == {name for name, each in SAMPLES.items() if each.platform is not None}
    for answers in REAL.values():
        outcomes = {each.outcome for each in answers.values()}
        assert outcomes >= {"sent", "refused", "RecipientGone", "CredentialsError"}


def outcome(name, status, body):
    """What becomes of a text that a platform answers so, and its requests."""

    def respond(request):
        if request.method == "POST" and request.path in ("/", "/token"):
            login = {"token_type": "Bearer", "access_token": "made-up", "expires_in": 3599}
            return 200, json.dumps(login).encode(), {}
        return status, body, {"content-type": "application/json"}

    try:
        marks, _ = delivered(Channel(name), SAID, respond)
    except errors.ChannelError as error:
        assert error.marks == [], "neither sent nor refused"
        return type(error).__name__
    [mark] = marks
    return "refused" if mark.startswith("refused") else "sent"


ANSWERS = [(name, which) for name, answers in REAL.items() for which in answers]


@pytest.mark.parametrize(("name", "which"), ANSWERS)
def test_a_platform_s_real_answer_is_believed(name, which):
    real = REAL[name][which]
    assert outcome(name, real.status, real.written) == real.outcome


@pytest.mark.parametrize(
    ("name", "page"),
    [(name, page) for name in REAL for page in IMPOSTORS if page not in ALIKE.get(name, ())],
)
def test_what_another_server_says_in_json_is_not_believed(name, page):
    status, body, _ = IMPOSTORS[page]
    assert outcome(name, status, body) == "PlatformUnavailable"


#: Answers of several keys, and each key by which alone nobody is known.
PIECES = [
    (name, which, key)
    for name, answers in REAL.items()
    for which, real in answers.items()
    if len(real.body) > 1 and real.status != 413
    for key in set(real.body) - KNOWN_BY.get(name, set())
]


@pytest.mark.parametrize(("name", "which", "key"), sorted(PIECES))
def test_a_piece_of_a_real_answer_is_not_believed(name, which, key):
    real = REAL[name][which]
    piece = real._replace(body={key: real.body[key], "x": 1})
    assert outcome(name, piece.status, piece.written) in ("PlatformUnavailable", "RateLimited")
