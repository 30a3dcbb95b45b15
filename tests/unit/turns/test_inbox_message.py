"""A user message through the queue: as JSON and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.channel import UserMessage
from channels.turns.inbox_message import InboxMessage

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENT = st.none() | st.dictionaries(st.text(max_size=8), JSON, max_size=4)


@given(text=st.none() | st.text(), sender=st.text(), metadata=DOCUMENT, reply_to=DOCUMENT)
def test_everything_but_output_channel_and_headers_arrives(text, sender, metadata, reply_to):
    message = UserMessage(
        text,
        sender_id=sender,
        input_channel="slack",
        message_id="Ev1",
        metadata=metadata,
        reply_to=reply_to,
        headers={"authorization": "secret"},
    )
    encoded = InboxMessage("slack", message, 12.5, [{"text": "x"}]).to_json()
    assert encoded.isascii()
    assert "secret" not in encoded or "secret" in f"{text}{sender}{metadata}{reply_to}"
    arrived = InboxMessage.from_json(encoded)
    assert (arrived.channel, arrived.received_at) == ("slack", 12.5)
    assert arrived.replies == [{"text": "x"}]
    for name in ("text", "sender_id", "message_id", "input_channel", "metadata", "reply_to"):
        assert getattr(arrived.message, name) == getattr(message, name)
    assert arrived.message.headers is None


def encoded(max_size, **parts):
    return InboxMessage("slack", UserMessage(**parts), 0.0).to_json(max_size)


def test_the_largest_metadata_is_trimmed_first_and_marked():
    metadata = {"small": "s", "large": "l" * 5000, "larger": ["x" * 9000]}
    arrived = json.loads(encoded(6000, text="hi", metadata=metadata))["message"]
    assert arrived["text"] == "hi"
    assert arrived["metadata"] == {"small": "s", "large": "l" * 5000, "larger": {"trimmed": 9004}}


@given(st.text(alphabet="aé\U0001f600\x00\n", min_size=300, max_size=900), st.integers(600, 1200))
def test_a_text_too_long_for_the_queue_is_shortened_and_marked(text, max_size):
    trimmed = encoded(max_size, text=text, metadata={"m": "x" * 2000})
    assert len(trimmed) <= max_size
    arrived = InboxMessage.from_json(trimmed).message
    whole = json.loads(encoded(10**6, text=text))["message"]["text"]
    assert arrived.metadata == {"m": {"trimmed": 2002}}
    if arrived.text != whole:
        assert arrived.text.endswith("[trimmed]")
        assert whole.startswith(arrived.text.removesuffix("[trimmed]").strip())


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", "null", '{"message": {}}', '{"message": {"nope": 1}, "channel": "c"}'],
)
def test_what_is_no_queued_message_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        InboxMessage.from_json(text)
