"""Bot Framework, for the tests of all channels."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tests.functions.bodies import BEARERS, Post, byte_posts, documents, json_posts, with_headers
from tests.functions.harness import Kind, Row, assert_enriched
from tests.unit.botframework import bot

OUTCOMES: dict[str, list[str] | int] = {
    "base64": ["h\xe9llo \U0001f44b"],
    "bot_installed": [],
    "bot_installed_in_team": [],
    "bot_joined": [],
    "bot_removed": [],
    "button_click": ["/affirm"],
    "card_execute": ['/approve{"order": 7}'],
    "card_form": ['/book{"date": "2026-01-02", "people": "6"}'],
    "card_form_of_others": ['{"colour": "blue"}'],
    "card_refresh": [],
    "card_value_text": ["/deny"],
    "deleted_text": [],
    "edited_text": [],
    "end_of_conversation": [],
    "event": [],
    "expect_replies": ["hello"],
    "file": ["https://example.com/download/report.pdf"],
    "group_chat": ["hi there"],
    "health": [],
    "image": ["https://example.com/a.png"],
    "long_payload_button_click": ["payload:0000000000000000000000000000000000000000"],
    "malformed": [],
    "mention_in_channel": ["what is open?"],
    "mention_of_others": ["ask <at>Bob</at>, please"],
    "mention_only": ["<at>assistant</at>"],
    "no_recipient": ["hello"],
    "no_token": 401,
    "other_channel": 403,
    "other_service_url": 403,
    "own_message": [],
    "reaction": [],
    "restored_text": [],
    "suggested_action": ["great"],
    "tampered_token": 403,
    "text": ["hello"],
    "text_with_image": ["my receipt"],
    "typing": [],
    "unknown_invoke": 501,
    "unknown_kind": [],
    "user_joined": [],
    "user_joined_team": [],
}

KEYS = """
    type id text value from conversation recipient entities attachments name serviceUrl channelId
    action membersAdded
"""
BODIES = documents(KEYS, ["message", "invoke", "msteams", "https://smba.trafficmanager.net/emea/"])
CARD_TAKEN = {
    "statusCode": 200,
    "type": "application/vnd.microsoft.activity.message",
    "value": "ok",
}
UNENDORSED = bot.token(key_id="unendorsed")


def bot_connector_token(event):
    """A token of the Bot Connector's, of a key that speaks for every channel."""
    event["headers"]["authorization"] = f"Bearer {UNENDORSED}"


ROW = Row(
    name="botframework",
    base="text",
    credentials=bot.CREDENTIALS,
    outcomes=OUTCOMES,
    prove=bot_connector_token,
    proved={
        "bytes": Kind(byte_posts(), (200, 403)),
        "json": Kind(json_posts(BODIES)),
    },
    forged={
        "token": with_headers(
            byte_posts() | json_posts(BODIES) | st.just(Post()), authorization=BEARERS
        )
    },
    statuses=(200, 403, 501),
    refusals=(401, 403),
    content_type="application/json",
    acknowledgement="{}",
    bodies=dict.fromkeys(("card_execute", "card_refresh"), json.dumps(CARD_TAKEN)),
    text_path=("text",),
    settings=({}, {"welcome_intent": "greet", "edited_messages": True}),
    remembered=bot.remembered_keys,
    enrich=assert_enriched,
    needs=("app_password",),
)
