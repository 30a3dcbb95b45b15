"""Mattermost, for the tests of all channels."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from channels.http.request import Request
from tests.functions.bodies import (
    Post,
    byte_posts,
    documents,
    form_posts,
    json_posts,
    objects,
    with_headers,
)
from tests.functions.harness import Kind, Row
from tests.unit.mattermost import server

OUTCOMES: dict[str, list[str] | int] = {
    "another_bot": ["hi"],
    "button": ["/affirm"],
    "button_forged": 403,
    "button_of_another_channel": 403,
    "button_of_rasa": 403,
    "dialog": ['/book_table{"name": "Ana", "people": "4"}'],
    "dialog_cancelled": [],
    "dialog_forged": 403,
    "health": [],
    "malformed": 403,
    "mention_only": ["@bot"],
    "menu": ["/blue"],
    "no_token": 403,
    "own_post": ["Which day?"],
    "slash_command": ["what is up?"],
    "slash_command_get": ["what is up?"],
    "slash_command_malformed": [],
    "slash_command_without_text": ["/ask"],
    "slash_command_wrong_token": 403,
    "system_message": [],
    "webhook": ["book a table"],
    "webhook_files_only": [""],
    "webhook_form": ["book a table"],
    "webhook_with_files": ["@bot"],
    "webhook_without_trigger_word": ["book a table"],
    "wrong_token": 403,
}

KEYS = """
    text trigger_word file_ids timestamp post_id user_id channel_id team_id user_name command
    response_url trigger_id type context action actions selected_option signature state
    callback_id submission cancelled token
"""
VALUES = [
    *("button", "select", "dialog_submission", "/ask", "@bot", "0"),
    *(server.CHANNEL, server.USER, server.HOOK_TOKEN),
]
BODIES = documents(KEYS, VALUES, finite=True)
FIELDS = objects(KEYS, VALUES)
FORM_FIELDS = st.dictionaries(st.sampled_from(KEYS.split()), st.text(), max_size=10)
CONTEXTS = [
    server.SIGNER.button(server.CHANNEL, "/go"),
    server.SIGNER.menu(server.CHANNEL, ["/a", "/b"]),
]


def without(fields, *hidden):
    """The fields but those that make a request another kind."""
    return {name: value for name, value in fields.items() if name not in hidden}


def hook(fields):
    """An outgoing webhook's post with the token."""
    given = without(fields, "context", "type", "command")
    return {"channel_id": "c", "user_id": "u", **given, "token": server.HOOK_TOKEN}


def click(fields, context, chosen):
    """A click with our signature."""
    given = without(fields, "command")
    kind = "select" if given.get("type") == "dialog_submission" else given.get("type")
    action = {"context": {**context, "selected_option": chosen}, "type": kind}
    return {"user_id": server.USER, **given, **action, "channel_id": server.CHANNEL}


def dialog(fields, state):
    """A dialog with our signature in its state."""
    proved = {
        "type": "dialog_submission",
        "channel_id": server.CHANNEL,
        "callback_id": "book",
        "state": server.SIGNER.state(server.CHANNEL, "book", state, "t1"),
    }
    return {"user_id": server.USER, **without(fields, "command"), **proved}


def forged_click(action, signature):
    """The example's click with another action and signature."""
    document = Request.from_event(ROW.example("button")).json
    return {**document, "context": {"action": action, "signature": signature}}


def is_json_object(answer, queued):
    """Mattermost reads every answer as a JSON object."""
    assert isinstance(json.loads(answer["body"]), dict)


ROW = Row(
    name="mattermost",
    base="webhook",
    credentials=server.CREDENTIALS,
    outcomes=OUTCOMES,
    proved={
        "posts": Kind(json_posts(FIELDS.map(hook)), (200,)),
        "forms": Kind(
            form_posts(
                FORM_FIELDS.map(
                    lambda fields: {**fields, "type": "", "token": server.COMMAND_TOKEN}
                )
            ),
            (200,),
        ),
        "a command's bytes": Kind(
            with_headers(
                byte_posts().filter(lambda post: b"token" not in post.body),
                authorization=st.just(f"Token {server.COMMAND_TOKEN}"),
            ),
            (200,),
        ),
        "clicks": Kind(
            json_posts(st.builds(click, FIELDS, st.sampled_from(CONTEXTS), BODIES)),
            (200,),
        ),
        "dialogs": Kind(json_posts(st.builds(dialog, FIELDS, st.text())), (200,)),
    },
    forged={
        "json": json_posts(BODIES).filter(lambda post: server.HOOK_TOKEN.encode() not in post.body),
        "forms": form_posts(
            st.builds(
                lambda fields, token: {
                    **fields,
                    "team_id": server.TEAM,
                    "user_id": server.USER,
                    "channel_id": server.CHANNEL,
                    "token": token,
                },
                FORM_FIELDS,
                st.text().filter(lambda text: text not in server.CREDENTIALS["webhook_tokens"])
                | st.integers(1, 25).map(lambda length: server.HOOK_TOKEN[:length]),
            )
        ),
        "clicks": json_posts(
            st.builds(
                forged_click,
                st.text(),
                st.text() | st.text("0123456789abcdef", min_size=64, max_size=64),
            )
        ),
        "headers": with_headers(
            st.just(Post(example="slash_command")),
            authorization=st.text()
            .filter(lambda text: text.strip() and text not in server.CREDENTIALS["webhook_tokens"])
            .map(lambda text: f"Token {text}"),
        ),
    },
    statuses=(200, 403),
    refusals=(403,),
    values=BODIES,
    content_type="application/json",
    acknowledgement="{}",
    bodies={
        "slash_command_malformed": json.dumps(
            {"response_type": "ephemeral", "text": "This command could not be read."}
        )
    },
    apologises=True,
    settings=(
        {},
        {"conversation_granularity": "sender"},
        {"conversation_granularity": "channel"},
        {"conversation_granularity": "team:channel:user"},
    ),
    check=is_json_object,
    personal={"dialog": "Ana"},
    needs=("webhook_tokens",),
)
