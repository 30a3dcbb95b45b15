"""Slack, for the tests of all channels."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from channels.http.request import Request
from channels.slack.signature import SignatureVerifier
from tests.functions.bodies import (
    WRONG,
    Post,
    byte_posts,
    documents,
    form_posts,
    json_posts,
    with_body,
    with_headers,
)
from tests.functions.harness import Kind, Row, example, queuing
from tests.unit.slack import workspace

OUTCOMES: dict[str, list[str] | int] = {
    "agent_session_stopped": [],
    "app_mention": ["hi"],
    "app_mention_only": ["<@U0BOT0000>"],
    "app_mention_twin": [],
    "app_rate_limited": [],
    "assistant_thread_started": [],
    "block_actions": ["/affirm"],
    "block_actions_feedback": ['/feedback{"good": true}'],
    "block_actions_link": [],
    "block_actions_several": ["ham, corn", "2026-01-02"],
    "block_actions_without_value": ["approve_order"],
    "block_suggestion": [],
    "charset": ["a <b> & x.io"],
    "file_share": ["https://files.slack.com/files-pri/T0/F0001/a.png"],
    "health": [],
    "malformed": 400,
    "message_changed": [],
    "message_im": ["a <b> & x.io"],
    "message_shortcut": ['/ask_about{"message": "hello"}'],
    "own_message": [],
    "retry": ["a <b> & x.io"],
    "shortcut": ["/ask_bot"],
    "slackbot": [],
    "slash_command": ["what is up?"],
    "ssl_check": [],
    "thread_reply": [],
    "url_verification": [],
    "view_submission": ['/form{"a_name": "Ann"}'],
}

KEYS = """
    type event user id text ts thread_ts channel channel_type team team_id files subtype message
    previous_message edited authorizations actions action_id value selected_option
    selected_options container view callback_id state values response_urls private_metadata
    challenge hash
"""
KINDS = [
    *("event_callback", "url_verification", "app_rate_limited", "message", "app_mention", "im"),
    *("block_actions", "interactive_message", "view_submission", "shortcut", "message_action"),
    *("block_suggestion", "button", "datepicker", "checkboxes", "message_changed", "file_share"),
]
BODIES = documents(KEYS, KINDS)


def slack_signature(event, secret=workspace.SECRET):
    """Slack's signature, made when the clock of the tests says that it is."""
    timestamp = str(int(workspace.NOW))
    body = Request.from_event(event).body
    event["headers"] |= {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": SignatureVerifier(secret).sign(body, timestamp),
    }


def interaction(kind, payload):
    """The form of an interaction, a whole one where the payload is an object."""
    given = {"type": kind, "user": {"id": "U1"}}
    return {"payload": json.dumps({**given, **payload} if isinstance(payload, dict) else payload)}


def signed_by_another(post):
    """A post signed with a secret that is not ours."""
    event = with_body(example("slack/message_im"), post.body)
    slack_signature(event, "x")
    return post._replace(headers={**event["headers"], **post.headers})


ROW = Row(
    name="slack",
    base="message_im",
    credentials={"slack_token": workspace.TOKEN, "slack_signing_secret": workspace.SECRET},
    make=workspace.channel,
    outcomes=OUTCOMES,
    prove=slack_signature,
    proved={
        "bytes": Kind(byte_posts()),
        "json": Kind(json_posts(BODIES)),
        "interactions": Kind(form_posts(st.builds(interaction, st.sampled_from(KINDS), BODIES))),
        "commands": Kind(
            form_posts(
                st.dictionaries(
                    st.sampled_from(
                        ["command", "text", "user_id", "channel_id", "team_id", "trigger_id"]
                    ),
                    st.text(),
                )
            )
        ),
    },
    forged={
        "headers": with_headers(
            st.sampled_from(queuing(OUTCOMES)).map(lambda name: Post(example=name)),
            x_slack_signature=WRONG | st.just("v0=" + "0" * 64),
            x_slack_request_timestamp=WRONG | st.integers().map(str) | st.just("1767225600"),
            content_type=WRONG,
        ),
        "another secret": json_posts(BODIES).map(signed_by_another),
    },
    statuses=(200, 400),
    values=BODIES,
    acknowledgement="",
    personal={"slash_command": "what is up", "view_submission": "Ann"},
    needs=("slack_signing_secret",),
    bodies={
        "block_suggestion": '{"options": []}',
        "url_verification": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
    },
    settings=(
        {},
        {"edits": True, "conversation_granularity": "thread"},
        {"edits": True, "use_threads": True},
        {"conversation_granularity": "sender"},
        {"conversation_granularity": "team:user"},
    ),
)
