"""A conversation on each platform, through the deployed stack, with a stand-in of the platform.

The platform's server takes real HTTP, is wired in with `api_base`, and records what arrives.
"""

from __future__ import annotations

import pytest


def test_a_conversation(chat):
    chat.post(chat.platform.message("hi", 1))
    chat.wait_for("How are you?")
    chat.wait_for("super sad")
    chat.post(chat.platform.click("/mood_unhappy", 2, chat.taken))
    chat.wait_for("imgur.com/nGF1K8f.jpg")
    chat.wait_for("Did that help you?")
    order = [chat.platform.content(request) for request in chat.taken]
    places = [
        next(place for place, body in enumerate(order) if text in body)
        for text in ("How are you?", "cheer you up", "nGF1K8f.jpg", "Did that help you?")
    ]
    assert places == sorted(places)


def test_a_long_text_arrives_whole_within_the_platforms_limit(chat):
    chat.post(chat.platform.message("/long", 3))
    chat.wait_for("Paragraph 6 of six")
    assert [chat.arrived(f"Paragraph {number} of six") for number in range(1, 7)] == [1] * 6
    texts = [text for request in chat.taken for text in chat.platform.texts(request)]
    assert texts
    assert all(len(text) <= chat.platform.longest for text in texts)


def test_what_the_platform_sends_five_times_is_answered_once(chat):
    chat.post(chat.platform.message("bye", 4), times=5)
    chat.wait_for("Bye")
    chat.post(chat.platform.message("are you a bot?", 5))
    chat.wait_for("I am a bot.")
    assert chat.arrived("Bye") == 1


@pytest.mark.parametrize(("word", "number", "status"), [("ping", 6, 429), ("pong", 9, 503)])
def test_a_platform_that_refuses_for_a_while_is_waited_for(chat, word, number, status):
    refusal = chat.platform.limited() if status == 429 else (status, b"", {})
    chat.refuse[f"You said: {word}"] = refusal
    before = chat.arrived("Say hi, or help")
    chat.post(chat.platform.message(word, number))
    chat.wait_for("Say hi, or help", before + 1)
    assert chat.refuse == {}
    assert chat.arrived(f"You said: {word}") == 1


def test_what_is_not_signed_is_refused(chat):
    before = len(chat.server.requests)
    assert chat.request(chat.platform.unsigned("hi", 7)).status_code in (401, 403)
    chat.post(chat.platform.message("no", 8))
    chat.wait_for("It will be better tomorrow")
    said = [chat.platform.content(request) for request in chat.server.requests[before:]]
    assert not any("How are you?" in text for text in said)
