"""A Telegram bot for tests: its credentials, its updates, and a Bot API that answers as told."""

import asyncio
import json
from contextlib import contextmanager

from hypothesis import strategies as st

from channels.http.request import Request
from channels.turns.parts import Parts, single_kinds
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server

SECRET = "Rasa-on_AWS-2026"
TOKEN = "123456:made-up_token"
CREDENTIALS = {
    "access_token": TOKEN,
    "verify": "rasa_bot",
    "webhook_url": "https://example.com/webhooks/telegram/webhook",
    "secret_token": SECRET,
}
CHAT = 4242

#: Texts of one paragraph, which are one message as they are.
GENERATED_TEXTS = st.text(min_size=1, max_size=500).filter(
    lambda text: text.strip() and "\n\n" not in text and text == text.strip("\r\n")
)


def channel(**changes):
    return create_channel("telegram", {**CREDENTIALS, **changes})


def event(name):
    path = ROOT / "events" / "telegram" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def request(name):
    return Request.from_event(event(name))


def request_of(update):
    return Request("POST", "/webhooks/telegram/webhook", {}, json.dumps(update).encode())


def update(name):
    return request(name).json


def message(**fields):
    """The request of a private message with these fields."""
    chat = {"id": CHAT, "type": "private", "first_name": "Ann"}
    user = {"id": CHAT, "is_bot": False, "first_name": "Ann"}
    given = {"message_id": 1, "date": 1767225600, "chat": chat, "from": user, **fields}
    return request_of({"update_id": 1, "message": given})


class KeyValueStore(dict):
    """Remembers; `lifetimes` tells for how long."""

    def __init__(self):
        super().__init__()
        self.lifetimes = set()

    def put(self, key, value, seconds):
        self[key] = value
        self.lifetimes.add(seconds)


def ok(result):
    return 200, json.dumps({"ok": True, "result": result}).encode(), {}


def refused(status, description, **parameters):
    document = {"ok": False, "error_code": status, "description": description}
    if parameters:
        document["parameters"] = parameters
    return status, json.dumps(document).encode(), {}


class BotApi:
    """Takes everything, but for the answers given for the first calls; `calls` are those made."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.server = None

    def __call__(self, recorded):
        if self.answers:
            answer = self.answers.pop(0)
            if answer != "taken":
                return answer
        if recorded.path.endswith("/sendMediaGroup"):
            return ok([{"message_id": 21}, {"message_id": 22}])
        return ok(True if recorded.path.endswith("Action") else {"message_id": 21})

    @property
    def calls(self):
        return [(each.path.rpartition("/")[2], each.json) for each in self.server.requests]


@contextmanager
def bot(*answers, reply_to=None, memory=None, **credentials):
    """`(output, api)`: the output for a chat, and the Bot API it calls."""
    api = BotApi(*answers)
    with recording_server(api) as server:
        api.server = server
        instance = channel(api_base=server.url, **credentials)
        instance.memory = memory
        [received] = instance.parse(request("text"))
        received.reply_to = reply_to or received.reply_to
        yield instance.output_for(received), api


def say(response, *answers, **settings):
    """The calls that a bot's response becomes."""
    with bot(*answers, **settings) as (output, api):
        asyncio.run(output.send_response(str(CHAT), response))
        return api.calls


def parts(response, *answers, sent=0, **settings):
    """The calls of a turn that goes on after `sent` parts, and its marks."""
    marks = []
    with bot(*answers, **settings) as (output, api):
        output.parts = Parts(sent, lambda count, platform_id: marks.append(platform_id))
        for single in single_kinds(response):
            asyncio.run(output.send_response(str(CHAT), single))
        return api.calls, marks
