"""Google Chat, for the tests of all channels."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tests.functions.bodies import BEARERS, Post, byte_posts, documents, json_posts, with_headers
from tests.functions.harness import Kind, Row, assert_enriched
from tests.unit.hangouts import google, space

OUTCOMES: dict[str, list[str] | int] = {
    "add_on_added": ["/user_added"],
    "add_on_button": ["/affirm"],
    "add_on_command": ["/order pizza"],
    "add_on_direct_message": ["hello"],
    "add_on_message": ["hello"],
    "add_on_quick_command": ['/app_command{"id": "2", "type": "QUICK_COMMAND"}'],
    "add_on_removed": ["/bot_removed"],
    "add_on_widget_changed": ["L"],
    "add_on_widget_updated": [],
    "added_by_mention": ["/room_added", "hello"],
    "added_by_mention_only": ["/room_added"],
    "added_to_dm": ["/user_added"],
    "added_to_space": ["/room_added"],
    "app_home": [],
    "attachment": [""],
    "base64": ["h\xe9llo \U0001f44b"],
    "card_clicked": ["/affirm"],
    "card_clicked_in_rasas_way": ["/affirm"],
    "card_clicked_long_payload": ["payload:3fa032470dd1753c352bab4e29e9fb78e2c13caa"],
    "card_clicked_with_a_form": ["/order"],
    "card_clicked_without_parameters": ["approve_order"],
    "dialog_cancelled": [],
    "direct_message": ["hello"],
    "gif": ["https://example.com/wave.gif"],
    "health": [],
    "link_preview": ["see https://example.com/case/7"],
    "malformed": [],
    "mention_only": ["@Rasa"],
    "message": ["hello"],
    "no_token": 401,
    "own_message": [],
    "quick_command": ['/app_command{"id": "2", "type": "QUICK_COMMAND"}'],
    "removed": ["/bot_removed"],
    "slash_command": ["/order pizza"],
    "submit_form": ["/order"],
    "unknown_kind": [],
    "widget_updated": [],
    "wrong_token": 401,
}

KEYS = """
    type eventTime user space message thread name text argumentText chat messagePayload
    buttonClickedPayload action common parameters payload attachment appCommandMetadata
"""
BODIES = documents(KEYS, ["MESSAGE", "CARD_CLICKED", "ADDED_TO_SPACE", "spaces/AAA", "users/1"])
HELLO = {"text": "hello"}


def chat_token(event):
    """Google Chat's token for the project's number."""
    event["headers"]["authorization"] = f"Bearer {google.VECTOR_A}"


def answer_at_once(memory, message):
    """A worker that has the agent's answer, `hello`, before the request looks for it."""
    memory.claim(f"answer:{message.message_id}", json.dumps([HELLO]), 60)


ROW = Row(
    name="hangouts",
    base="message",
    credentials=space.CREDENTIALS,
    outcomes=OUTCOMES,
    prove=chat_token,
    proved={"bytes": Kind(byte_posts()), "json": Kind(json_posts(BODIES))},
    forged={
        "token": with_headers(
            byte_posts() | json_posts(BODIES) | st.just(Post()), authorization=BEARERS
        )
    },
    statuses=(200,),
    content_type="application/json",
    apologises=True,
    text_path=("message", "argumentText"),
    settings=({}, {"conversation_granularity": "sender"}),
    worker=answer_at_once,
    enrich=assert_enriched,
    needs=("project_id",),
)
