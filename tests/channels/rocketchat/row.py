"""Rocket.Chat, for the tests of all channels."""

from __future__ import annotations

from hypothesis import strategies as st

from channels.http.request import Request
from tests.functions.bodies import WRONG, byte_posts, documents, json_posts, with_headers
from tests.functions.harness import Kind, Row
from tests.unit.rocketchat import server

OUTCOMES: dict[str, list[str] | int] = {
    "base64": ["h\xe9llo \U0001f44b"],
    "button_click": ["/affirm"],
    "direct_message": ["hi"],
    "edited_text": [],
    "empty_text": [],
    "file_upload": ["https://chat.example.org/file-upload/fPdf000000000001/invoice.pdf"],
    "file_with_caption": ["my invoice"],
    "get": 405,
    "health": [],
    "integration_message": [],
    "livechat_agent": [],
    "livechat_closed": [],
    "livechat_edited": [],
    "livechat_file": [
        "https://chat.example.org/file-upload/fPdf000000000001/invoice.pdf?token=made-up"
    ],
    "livechat_navigation": [],
    "livechat_offline_message": [],
    "livechat_rocket_cat": [],
    "livechat_several": ["hello", "my order is late"],
    "livechat_started": [],
    "livechat_taken": [],
    "livechat_test": [],
    "livechat_text": ["hello"],
    "livechat_unsigned": 403,
    "malformed": 403,
    "own_message": [],
    "rocket_cat": [],
    "room_joined": [],
    "text": ["hi"],
    "thread_reply": ["hi"],
    "trigger_word": ["hi"],
    "trigger_word_only": ["!bot"],
    "unsigned": 403,
    "user_created": [],
    "wrong_token": 403,
}

KEYS = """
    token bot channel_id message_id user_id user_name text tmid trigger_word isEdited message
    file attachments visitor _id type messages msg username agentId ts editedAt
"""
BODIES = documents(KEYS)
LIVECHAT = st.sampled_from([None, server.LIVECHAT_TOKEN])


def is_not_empty(answer, queued):
    """To Rocket.Chat, an empty answer is a failure."""
    assert answer["body"]


def with_token(document, token=server.TOKEN):
    """A body with a token of an outgoing webhook, where it can have one."""
    return {**document, "token": token} if isinstance(document, dict) else document


ROW = Row(
    name="rocketchat",
    base="text",
    credentials=server.CREDENTIALS,
    outcomes=OUTCOMES,
    proved={
        "json": Kind(
            with_headers(json_posts(BODIES.map(with_token)), x_rocketchat_livechat_token=LIVECHAT)
        ),
        "livechat": Kind(
            with_headers(
                json_posts(BODIES), x_rocketchat_livechat_token=st.just(server.LIVECHAT_TOKEN)
            )
        ),
        "bytes": Kind(with_headers(byte_posts(), x_rocketchat_livechat_token=LIVECHAT)),
    },
    forged={
        "token": with_headers(
            json_posts(
                st.builds(
                    with_token,
                    BODIES | st.just(Request.from_event(server.event("unsigned")).json),
                    (st.none() | st.text() | st.integers()).filter(
                        lambda token: token != server.TOKEN
                    ),
                )
            ),
            x_rocketchat_livechat_token=WRONG.filter(lambda token: token != server.LIVECHAT_TOKEN),
        ),
        "json": json_posts(BODIES),
        "bytes": byte_posts(),
    },
    statuses=(200, 403),
    refusals=(403,),
    content_type="application/json",
    acknowledgement='{"ok": true}',
    text_path=("text",),
    settings=(
        {},
        {"conversation_granularity": "room:thread:user", "use_threads": True, "edits": True},
    ),
    check=is_not_empty,
    personal={"livechat_text": "hello"},
    needs=("webhook_token", "livechat_token"),
)
