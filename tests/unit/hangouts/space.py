"""A Google Chat app for tests: its credentials, its events, and a Chat API that answers as told."""

import asyncio
import json
from contextlib import contextmanager

from channels.http.request import Request
from channels.turns.parts import Parts, single_kinds
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server
from tests.unit.hangouts.google import CHAT_KEY, PROJECT, VECTOR_A, key_urls, pem

CREDENTIALS = {"project_id": PROJECT, **key_urls()}
SPACE = "spaces/AAA"
THREAD = "spaces/AAA/threads/T1"
IN_THREAD = {"thread": {"name": THREAD}}

ACCOUNT = {
    "type": "service_account",
    "client_email": "bot@made-up.iam.gserviceaccount.com",
    "private_key_id": "key-1",
    "private_key": pem(CHAT_KEY),
}


def channel(**changes):
    return create_channel("hangouts", {**CREDENTIALS, **changes})


def event(name):
    path = ROOT / "events" / "hangouts" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def request(name):
    return Request.from_event(event(name))


def body(name):
    return request(name).json


def request_of(document, token=VECTOR_A, url="https://example.com"):
    headers = {"authorization": f"Bearer {token}"} if token is not None else {}
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Request("POST", "/webhooks/hangouts/webhook", headers, raw, base_url=url)


def card(*widgets, number=1):
    """The cards of a message that has one card of one section."""
    return [{"cardId": f"card{number}", "card": {"sections": [{"widgets": list(widgets)}]}}]


def button(title, payload, function="rasa_payload"):
    parameters = [{"key": "payload", "value": payload}]
    return {"text": title, "onClick": {"action": {"function": function, "parameters": parameters}}}


def buttons(*made):
    return {"buttonList": {"buttons": list(made)}}


class KeyValueStore(dict):
    """Remembers for ever; `lifetimes` tells for how long it was asked to."""

    def __init__(self):
        super().__init__()
        self.lifetimes = set()

    def put(self, key, value, seconds):
        self[key] = value
        self.lifetimes.add(seconds)

    def claim(self, key, value, seconds):
        return self.setdefault(key, value)


class ChatApi:
    """Logs in whom it is asked to and takes every message, but for the answers given."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.logins = 0
        self.taken = {}
        self.server = None

    def __call__(self, recorded):
        if recorded.path == "/token":
            self.logins += 1
            token = {"access_token": f"token-{self.logins}", "expires_in": 3599}
            return 200, json.dumps(token).encode(), {}
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            return answer
        name = self.taken.setdefault(recorded.path, f"{SPACE}/messages/O{len(self.taken) + 1}")
        return 200, json.dumps({"name": name}).encode(), {}

    @property
    def posts(self):
        return [each for each in self.server.requests if each.path != "/token"]

    @property
    def messages(self):
        return [each.json for each in self.posts]

    def credentials(self, **changes):
        account = {**ACCOUNT, "token_uri": f"{self.server.url}/token"}
        return {"service_account": account, "api_base": f"{self.server.url}/v1/", **changes}


@contextmanager
def chat_api(*answers):
    api = ChatApi(*answers)
    with recording_server(api) as server:
        api.server = server
        yield api


def say(response, name="message", **settings):
    """What a bot's response becomes for a request that waits."""
    output = spoken(response, name, **settings)
    asyncio.run(output.end_turn("AAA"))
    return output.messages


def spoken(response, name="message", memory=None, **settings):
    """The output that a bot's response to an event was said by."""
    instance = channel(**settings)
    instance.memory = memory
    received = instance.parse(request(name))[-1]
    output = instance.output_for(received)
    for single in single_kinds(response):
        asyncio.run(output.send_response(received.sender_id, single))
    return output


def turn(instance, received, responses, sent=0):
    """A turn of the worker, from rendering to its end; gives the marks of its parts."""
    marks = []
    output = instance.output_for(received)
    output.parts = Parts(sent, lambda count, platform_id: marks.append(platform_id))

    async def run():
        for response in responses:
            for single in single_kinds(response):
                await output.send_response(received.sender_id, single)
        await output.end_turn(received.sender_id)

    asyncio.run(run())
    return marks
