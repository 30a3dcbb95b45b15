"""A Mattermost server for tests: its requests, and an API that takes what the real one takes.

`refusal(post)` is a model of the rules by which current servers check a post
(server `model/post.go`, `model/integration_action.go`).
"""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import urlencode

from channels.channel import UserMessage
from channels.http.request import Request
from channels.mattermost import MattermostInput
from channels.mattermost.signature import ActionSigner
from channels.turns.parts import Parts, single_kinds
from ops import ROOT
from tests.servers.recording_server import recording_server

TOKEN = "bot-token-made-up"
HOOK_TOKEN = "tok26aaaaaaaaaaaaaaaaaaaaa"
COMMAND_TOKEN = "cmd26aaaaaaaaaaaaaaaaaaaaa"
CHANNEL = "ch000000000000000000000001"
USER = "us000000000000000000000001"
TEAM = "tm000000000000000000000001"
POST = "po000000000000000000000001"
BOT = "bo000000000000000000000001"
WEBHOOK_URL = "https://bot.example.com/webhooks/mattermost/webhook"
CREDENTIALS = {
    "url": "https://chat.example.com/api/v4",
    "token": TOKEN,
    "webhook_url": WEBHOOK_URL,
    "webhook_tokens": [HOOK_TOKEN, COMMAND_TOKEN],
}
SIGNER = ActionSigner(TOKEN)

FORM = "application/x-www-form-urlencoded"
JSON = {"content-type": "application/json"}

STYLES = ("default", "primary", "success", "good", "warning", "danger")


def channel(**changes):
    """A channel of a section of credentials.yml; a key set to None is left out."""
    section = {**CREDENTIALS, **changes}
    return MattermostInput.from_credentials(
        {key: value for key, value in section.items() if value is not None}
    )


def example(name):
    """The request of events/mattermost/<name>.json."""
    path = ROOT / "events" / "mattermost" / f"{name}.json"
    return Request.from_event(json.loads(path.read_text(encoding="utf-8")))


def request(body, content_type="application/json", **headers):
    path = "/webhooks/mattermost/webhook"
    return Request("POST", path, {"content-type": content_type, **headers}, body)


def posted(**fields):
    """The request of an outgoing webhook, in JSON."""
    return request(json.dumps(post_fields(**fields)).encode())


def post_fields(**fields):
    given = {
        "token": HOOK_TOKEN,
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "user_id": USER,
        "post_id": POST,
        "text": "hi",
        "trigger_word": "",
        **fields,
    }
    return {key: value for key, value in given.items() if value is not None}


def form(fields, **headers):
    return request(urlencode(fields).encode(), FORM, **headers)


def clicked(context, **fields):
    """The request of a click or a choice."""
    body = {"user_id": USER, "channel_id": CHANNEL, "type": "button", "trigger_id": "t1"}
    return request(json.dumps({**body, "context": context, **fields}).encode())


class KeyValueStore(dict):
    """Remembers; `lifetimes` tells for how long."""

    def __init__(self):
        super().__init__()
        self.lifetimes = {}

    def put(self, key, value, seconds):
        self[key] = value
        self.lifetimes[key] = seconds


def error(status, error_id, **headers):
    document = {"id": error_id, "message": "in words", "detailed_error": "", "request_id": "r"}
    document["status_code"] = status
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, json.dumps(document).encode(), {**JSON, **named}


def button(title, payload, number=0):
    """The action of a button of the bot's."""
    return {
        "id": f"button{number}",
        "name": title,
        "type": "button",
        "integration": {"url": WEBHOOK_URL, "context": SIGNER.button(CHANNEL, payload)},
    }


def post(message, *attachments, **fields):
    """A post of the bot's."""
    made = {"channel_id": CHANNEL, "message": message}
    return {**made, **({"props": {"attachments": [*attachments]}} if attachments else {}), **fields}


def takes_all(recorded):
    """What a server says that asks no questions."""
    return 201, json.dumps(created({})).encode(), JSON


def created(post, post_id="po9"):
    """A post as the server returns it."""
    return {**post, "id": post_id, "create_at": 1767225600000}


def looked_up(recorded):
    """The user or post that is asked for, None where none is."""
    last = recorded.path.rpartition("/")[2]
    if recorded.path == "/api/v4/users/me":
        return {"id": BOT, "username": "assistant"}
    if recorded.path.startswith("/api/v4/users/") and recorded.method == "GET":
        return {"id": last, "username": "somebody", "is_bot": last.startswith("bo")}
    if recorded.path.startswith("/api/v4/posts/"):
        return created({"root_id": ""}, last)
    return None


def taken(recorded):
    """What a server says that takes everything its rules allow."""
    if recorded.path == "/api/v4/posts":
        reason = refusal(recorded.json)
        if reason:
            return error(400, reason)
        return 201, json.dumps(created(recorded.json)).encode(), JSON
    if (found := looked_up(recorded)) is not None:
        return 200, json.dumps(found).encode(), JSON
    if recorded.path.startswith("/hooks/"):
        return 200, b"ok", {"content-type": "text/plain"}
    return 200, b'{"status": "OK"}', JSON


def says(response, respond=taken, *, sent=0, reply_to=None, memory=None, **settings):
    """The requests that a bot's response becomes, and the marks of its parts."""
    marks = []
    with recording_server(respond) as server:
        made = channel(url=f"{server.url}/api/v4", **settings)
        made.memory = memory
        to = {"channel_id": CHANNEL, "post_id": POST} if reply_to is None else reply_to
        output = made.output_for(UserMessage("hi", sender_id=USER, reply_to=to))
        output.parts = Parts(sent, lambda count, platform_id: marks.append(platform_id))
        for single in single_kinds(response):
            asyncio.run(output.send_response(USER, single))
        return server.requests, marks


def posts(response, respond=taken, **surroundings):
    """The posts that a bot's response becomes."""
    requests, _ = says(response, respond, **surroundings)
    return [each.json for each in requests if each.path == "/api/v4/posts"]


def refusal(post):
    """Why a current server would refuse a post, "" when it takes it."""
    if not isinstance(post.get("channel_id"), str) or not post["channel_id"]:
        return "api.post.create_post.channel_id"
    if len(post.get("message", "")) > 16_383:
        return "model.post.is_valid.message_length.app_error"
    props = post.get("props", {})
    if len(go_json(props)) > 800_000:
        return "model.post.is_valid.props.app_error"
    if not post.get("message") and not props.get("attachments"):
        return "api.post.create_post.empty"
    actions = [
        action
        for attachment in props.get("attachments", [])
        for action in attachment.get("actions", [])
    ]
    ids = [action["id"] for action in actions if "id" in action]
    if len(ids) != len(set(ids)):
        return "two actions have one id"
    return next((reason for reason in map(_action_refusal, actions) if reason), "")


def _action_refusal(action):
    url = action.get("integration", {}).get("url", "")
    style = action.get("style", "default")
    wrong = {
        "no name": not action.get("name"),
        "id": not action.get("id", "x").isalnum(),
        "url": not url.startswith(("http://", "https://", "/plugins/")),
        "style": style not in STYLES and not re.fullmatch(r"#[0-9a-fA-F]{6}", style),
        "type": action.get("type") not in ("button", "select"),
        "options": action.get("type") == "button" and "options" in action,
        "no options": action.get("type") == "select"
        and not action.get("options")
        and action.get("data_source") not in ("users", "channels"),
        "option": any(not each["text"] or not each["value"] for each in action.get("options", [])),
    }
    return next((reason for reason, is_wrong in wrong.items() if is_wrong), "")


def go_json(document):
    """A document as the server itself writes it: `<`, `>` and `&` take six characters."""
    text = json.dumps(document, ensure_ascii=False)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    return text
