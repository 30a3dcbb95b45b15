"""What a channel's webhook logs: ids; neither what was said nor what proves it."""

import logging

import pytest

#: In every example's text or address, taken for the whole of it.
_SHORTEST = 8


def values(settings):
    """All texts in a section of credentials."""
    if isinstance(settings, dict):
        return {text for value in settings.values() for text in values(value)}
    if isinstance(settings, list):
        return {text for value in settings for text in values(value)}
    return {settings} if isinstance(settings, str) else set()


def secrets(section):
    keys = ("secret", "token", "password", "pw", "key", "verify")
    return {
        text
        for name, value in section.items()
        if any(word in name for word in keys) and not name.endswith("_url")
        for text in values(value)
        if len(text) >= _SHORTEST
    }


@pytest.mark.parametrize("proof", ["right", "wrong", "none"])
def test_no_log_line_holds_a_text_or_a_secret(channel, caplog, proof):
    caplog.set_level(logging.DEBUG)
    event = channel.event(signed=proof != "none")
    if proof == "wrong":
        channel.sample.tamper(event)
    channel.post(event)
    texts = {message.text for _, message in channel.inbox.queued if message.text}
    held = secrets(channel.sample.credentials) | {text for text in texts if len(text) > 2}
    assert proof != "right" or channel.sample.answers_in_request or caplog.text
    assert [text for text in held if text in caplog.text] == []
