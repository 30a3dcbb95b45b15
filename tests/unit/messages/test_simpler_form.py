"""What is refused in one form."""

import pytest

from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.messages.simpler_form import send_or_simplify


class Platform:
    """Takes all messages but those it has an error for."""

    def __init__(self, **errors):
        self.errors = errors
        self.asked = []

    def __call__(self, message):
        self.asked.append(message)
        if message in self.errors:
            raise self.errors[message]
        return f"id of {message}"


def test_what_is_taken_is_sent_once():
    platform = Platform()
    assert send_or_simplify("parrot", platform, "card", "text") == "id of card"
    assert platform.asked == ["card"]


def test_what_is_refused_is_sent_in_the_simpler_form(caplog):
    platform = Platform(card=SendError("too colourful"))
    assert send_or_simplify("parrot", platform, "card", "text") == "id of text"
    assert platform.asked == ["card", "text"]
    assert "parrot: sent in a simpler form: too colourful" in caplog.text


def test_without_a_simpler_form_the_refusal_is_raised():
    platform = Platform(card=SendError("too colourful"))
    with pytest.raises(SendError, match="too colourful"):
        send_or_simplify("parrot", platform, "card", None)


def test_a_simpler_form_that_is_refused_too_is_raised():
    platform = Platform(card=SendError("too colourful"), text=SendError("too long"))
    with pytest.raises(SendError, match="too long"):
        send_or_simplify("parrot", platform, "card", "text")


@pytest.mark.parametrize(
    "error", [RateLimited(), RecipientGone(), PlatformUnavailable(), CredentialsError()]
)
def test_where_the_form_is_not_to_blame_nothing_else_is_tried(error):
    platform = Platform(card=error)
    with pytest.raises(type(error)):
        send_or_simplify("parrot", platform, "card", "text")
    assert platform.asked == ["card"]
