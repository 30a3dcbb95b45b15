"""UserMessage: Rasa's rules (rasa.core.channels.channel, 3.6)."""

import pytest

from channels.channel import CollectingOutputChannel, UserMessage


@pytest.mark.parametrize(
    ("given", "kept", "rule"),
    [
        ("hi", "hi", "text is kept"),
        (" hi \n", "hi", "text is stripped of outer white space"),
        ("\n/restart\n", "/restart", "commands too"),
        ("  ", "", "white space alone becomes the empty text"),
        ("", "", "the empty text stays"),
        (None, None, "None stays None"),
    ],
)
def test_text(given, kept, rule):
    assert UserMessage(given).text == kept, rule


@pytest.mark.parametrize(
    ("given", "kept", "rule"),
    [
        ("alice", "alice", "a sender is kept"),
        (42, "42", "numbers become strings"),
        (0, "0", "zero is a sender"),
        ("", "", "the empty sender stays"),
        (None, "default", "no sender is 'default'"),
    ],
)
def test_sender_id(given, kept, rule):
    assert UserMessage("x", sender_id=given).sender_id == kept, rule


def test_a_text_that_is_no_string_raises_attribute_error():
    with pytest.raises(AttributeError):
        UserMessage(5)  # type: ignore[arg-type]


def test_message_id_is_the_given_one_as_a_string():
    assert UserMessage("x", message_id=7).message_id == "7"


def test_message_id_is_32_hex_digits_and_new_each_time_when_none_is_given():
    first, second = UserMessage("x").message_id, UserMessage("x").message_id
    assert first != second
    assert len(first) == 32
    assert set(first) <= set("0123456789abcdef")


def test_positional_order_is_rasas():
    output = CollectingOutputChannel()
    message = UserMessage("t", output, "s", {"p": 1}, "c", "id", {"m": 1})
    assert message.text == "t"
    assert message.output_channel is output
    assert message.sender_id == "s"
    assert message.parse_data == {"p": 1}
    assert message.input_channel == "c"
    assert message.message_id == "id"
    assert message.metadata == {"m": 1}


def test_defaults_are_rasas():
    message = UserMessage()
    assert isinstance(message.output_channel, CollectingOutputChannel)
    assert message.metadata is None
    assert message.input_channel is None
    assert message.parse_data is None
    assert message.headers is None
    assert message.reply_to is None


def test_headers_are_kept_as_in_rasa_pro():
    assert UserMessage("x", headers={"a": "b"}).headers == {"a": "b"}


def test_repr_shows_ids_and_not_what_the_user_wrote():
    shown = repr(UserMessage("my secret", sender_id="alice", message_id="m1"))
    assert "alice" in shown
    assert "m1" in shown
    assert "secret" not in shown
