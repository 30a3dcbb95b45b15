"""Callback, for the tests of all channels."""

from __future__ import annotations

from tests.functions.bodies import byte_posts, documents, json_posts
from tests.functions.harness import Kind, Row

OUTCOMES: dict[str, list[str] | int] = {
    "health": [],
    "malformed": 400,
    "metadata": ["hi"],
    "text": ["hi"],
}


def is_one_message(answer, queued):
    """Success is one message, of lengths that the queue takes."""
    [message] = queued
    assert len(message.sender_id) <= 1024
    assert len(message.message_id) <= 512


BODIES = documents("sender message metadata input_channel message_id x")

ROW = Row(
    name="callback",
    base="text",
    credentials={"url": "https://example.com/bot", "array": False},
    outcomes=OUTCOMES,
    proved={
        "bytes": Kind(byte_posts()),
        "json": Kind(json_posts(BODIES)),
    },
    statuses=(200, 400),
    acknowledgement="success",
    check=is_one_message,
    needs=("url",),
)
