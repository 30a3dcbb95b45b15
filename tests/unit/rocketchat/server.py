"""A Rocket.Chat server for tests: its webhooks, and a REST API that is as strict as the real one.

The schema of chat.postMessage and its errors are those of the server's source (rest-typings'
`chat.ts`, `sendMessage.ts`, `processWebhookMessage.ts`).
"""

import asyncio
import copy
import json
from contextlib import contextmanager

from channels.http.request import Request
from channels.turns.parts import Parts, single_kinds
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server

TOKEN = "rc-token-1"
LIVECHAT_TOKEN = "rc-livechat-token-1"
CREDENTIALS = {
    "user": "rasa",
    "password": "made-up-password",
    "server_url": "https://chat.example.org",
    "webhook_token": TOKEN,
    "livechat_token": LIVECHAT_TOKEN,
}
ROOM = "GENERAL"
BOT_ID = "uBot00000000000001"
PERSONAL = {"user_id": BOT_ID, "auth_token": "made-up-personal-token"}
LIVECHAT = {"room": "rLive0000000000001", "livechat": True}

MAX_SIZE = 5000
TEXTS = ("text", "alias", "emoji", "avatar", "tmid")
URLS = ("image_url", "audio_url", "video_url", "title_link", "thumb_url", "message_link")


def channel(**changes):
    """A channel of the sample credentials; a change to None takes a key away."""
    credentials = {**CREDENTIALS, **changes}
    return create_channel(
        "rocketchat", {key: value for key, value in credentials.items() if value is not None}
    )


def event(name):
    path = ROOT / "events" / "rocketchat" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def request(name):
    return Request.from_event(event(name))


def body(name, **changes):
    """The JSON of an example; a change to None takes a key away."""
    given = {**request(name).json, **changes}
    return {key: value for key, value in given.items() if value is not None}


def posted(document, **headers):
    return Request("POST", "/webhooks/rocketchat/webhook", headers, json.dumps(document).encode())


def said(**changes):
    """The request of an outgoing webhook with these fields."""
    return posted(body("text", **changes))


def visited(*messages, **changes):
    """The request of a livechat webhook with these messages."""
    document = {**copy.deepcopy(body("livechat_text")), "messages": list(messages), **changes}
    return posted(document, **{"X-RocketChat-Livechat-Token": LIVECHAT_TOKEN})


class KeyValueStore(dict):
    """Remembers; `lifetimes` tells for how long."""

    def __init__(self):
        super().__init__()
        self.lifetimes = set()

    def put(self, key, value, seconds):
        self[key] = value
        self.lifetimes.add(seconds)


def answer(document, status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, json.dumps(document).encode(), {"content-type": "application/json", **named}


def refused(error, status=400, error_type=None, **headers):
    kind = {"errorType": error_type} if error_type else {}
    return answer({"success": False, "error": error, **kind}, status, **headers)


UNAUTHORIZED = answer({"status": "error", "message": "You must be logged in to do this."}, 401)


class Server:
    """Takes what a real server takes, but for the answers given for the first posts.

    Tokens are `login-1`, `login-2`, ...; those in `ended` are refused. `logins` answers logins in
    place of the real ones.
    """

    def __init__(self, *answers, logins=()):
        self.answers = list(answers)
        self.logins = list(logins)
        self.ended = set()
        self.count = 0
        self.recorder = None

    def __call__(self, recorded):
        if recorded.path == "/api/v1/login":
            return self.login(recorded)
        if recorded.path != "/api/v1/chat.postMessage":
            return 404, b"<html>no such page</html>", {}
        given = recorded.headers.get("x-auth-token", "")
        is_known = given.startswith("login-") or given == PERSONAL["auth_token"]
        if recorded.headers.get("x-user-id") != BOT_ID or not is_known or given in self.ended:
            return UNAUTHORIZED
        if self.answers:
            first = self.answers.pop(0)
            if first != "taken":
                return first
        fault = fault_of(recorded.json)
        if fault:
            return refused(fault)
        message = {"_id": f"mOut{len(self.posts)}", "rid": recorded.json.get("roomId")}
        return answer({"ts": 1767225600000, "channel": ROOM, "message": message, "success": True})

    def login(self, recorded):
        if self.logins:
            return self.logins.pop(0)
        given = recorded.json
        known = {"username": "rasa"}, {"user": "rasa"}, {"user": "rasa@example.org"}
        if given.pop("password") != CREDENTIALS["password"] or given not in known:
            wrong = {"status": "error", "error": "Unauthorized", "message": "Unauthorized"}
            return answer(wrong, 401)
        self.count += 1
        data = {"userId": BOT_ID, "authToken": f"login-{self.count}"}
        return answer({"status": "success", "data": data})

    @property
    def posts(self):
        """The arguments of the calls of chat.postMessage."""
        return [each.json for each in self.recorder.requests if each.path.endswith("postMessage")]


def fault_of(given):
    """What a server has against the arguments of chat.postMessage, None if nothing."""
    targets = {"roomId", "channel"} & given.keys()
    options = {*TEXTS, "attachments", "customFields", *targets}
    if len(targets) != 1 or not given.keys() <= options:
        return "must match exactly one schema in oneOf"
    if "channel" in given and "tmid" in given:
        return "must NOT have additional properties"
    texts = [given[key] for key in TEXTS if key in given]
    attachments = given.get("attachments", [])
    if not all(isinstance(each, str) for each in texts) or not isinstance(attachments, list):
        return "must be string"
    sized = [given.get("text", ""), *(each.get("text", "") for each in attachments)]
    if any(len(each.encode("utf-16-le")) // 2 > MAX_SIZE for each in sized):
        return "error-message-size-exceeded"
    faults = (attachment_fault(each) for each in attachments)
    return next((fault for fault in faults if fault), None)


def attachment_fault(attachment):
    addresses = [attachment[key] for key in URLS if attachment.get(key) is not None]
    for action in attachment.get("actions", []):
        addresses += [action[key] for key in ("url", "image_url") if key in action]
        texts = [action[key] for key in ("type", "text", "msg") if key in action]
        if not all(isinstance(each, str) for each in texts):
            return "Match error: Expected string"
        is_shown = action.get("url") or action.get("msg_in_chat_window") is True
        if action.get("type") != "button" or not action.get("text") or not is_shown:
            return "the clients show no such button"
    if not all(str(each).startswith(("http://", "https://")) for each in addresses):
        return "Invalid href value provided"
    texts = [attachment.get(key) for key in ("title", "text", "color")]
    if not all(isinstance(each, str | None) for each in texts):
        return "Match error: Expected string"
    return None


@contextmanager
def server(*answers, reply_to=None, memory=None, logins=(), **credentials):
    """`(output, server)`: the output for a room, and the server it calls."""
    model = Server(*answers, logins=logins)
    with recording_server(model) as recorder:
        model.recorder = recorder
        instance = channel(**{"server_url": recorder.url, **credentials})
        instance.memory = memory
        [received] = instance.parse(request("text"))
        received.reply_to = reply_to or received.reply_to
        yield instance.output_for(received), model


def say(response, *answers, **settings):
    """The posts that a bot's response becomes."""
    with server(*answers, **settings) as (output, model):
        asyncio.run(output.send_response(ROOM, response))
        return model.posts


def parts(response, *answers, sent=0, **settings):
    """The posts of a turn that goes on after `sent` parts, and its marks."""
    marks = []
    with server(*answers, **settings) as (output, model):
        output.parts = Parts(sent, lambda count, platform_id: marks.append(platform_id))
        for single in single_kinds(response):
            asyncio.run(output.send_response(ROOM, single))
        return model.posts, marks
