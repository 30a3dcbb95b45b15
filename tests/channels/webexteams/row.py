"""Webex, for the tests of all channels."""

from __future__ import annotations

import hmac

from hypothesis import strategies as st

from channels.http.request import Request
from tests.functions.bodies import WRONG, Post, byte_posts, documents, json_posts, with_headers
from tests.functions.harness import Kind, Row
from tests.unit.webexteams import webex

OUTCOMES: dict[str, list[str] | int] = {
    "another_bot": [],
    "base64": ["MSG1"],
    "card_submit": ["ACT1"],
    "health": [],
    "malformed": [],
    "membership_created": [],
    "message_deleted": [],
    "message_direct": ["MSG1"],
    "message_edited": [],
    "message_in_group": ["MSG1"],
    "no_signature": 401,
    "own_message": [],
    "reply_in_thread": ["MSG3"],
    "room_migrated": [],
    "room_updated": [],
    "second_webhook_same_message": ["MSG1"],
    "unknown_kind": [],
    "wrong_signature": 401,
}

BODIES = documents("resource event data id roomId personId parentId")


def webex_signature(event):
    """Webex's signature."""
    digest = hmac.digest(webex.SECRET.encode(), Request.from_event(event).body, "sha1").hex()
    event["headers"]["x-spark-signature"] = digest


ROW = Row(
    name="webexteams",
    base="message_direct",
    credentials=webex.CREDENTIALS,
    outcomes=OUTCOMES,
    prove=webex_signature,
    proved={"bytes": Kind(byte_posts()), "json": Kind(json_posts(BODIES))},
    forged={
        "signature": with_headers(
            byte_posts(100) | st.just(Post()),
            x_spark_signature=WRONG,
        )
    },
    statuses=(200,),
    acknowledgement="",
    said=lambda message: message.message_id,  # the text is fetched later
    settings=({}, {"use_threads": True, "conversation_granularity": "sender"}),
    only_names_messages=True,
    personal={"message_direct": "ann@example.com"},
    needs=("webhook_secret",),
)
