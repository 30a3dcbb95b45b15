"""A Webex bot for tests: its credentials, its hooks, and an API that answers as told."""

import asyncio
import json
from contextlib import contextmanager

from channels.channel import UserMessage
from channels.http.request import Request
from channels.turns.parts import Parts, single_kinds
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server

SECRET = "webex-secret-1"
TOKEN = "made-up_token"
CREDENTIALS = {"access_token": TOKEN, "webhook_secret": SECRET}
ROOM = "ROOM1"

ME = {"id": "BOTPERSON", "displayName": "RasaBot", "type": "bot"}
FETCHED = {
    "id": "MSG1",
    "roomId": ROOM,
    "roomType": "group",
    "text": "RasaBot hello",
    "html": '<p><spark-mention data-object-type="person" data-object-id="BOTPERSON">RasaBot'
    "</spark-mention> hello</p>",
    "personId": "USERPERSON",
    "personEmail": "ann@example.com",
    "mentionedPeople": ["BOTPERSON"],
    "parentId": "MSG0",
    "files": ["https://webexapis.com/v1/contents/C1"],
    "created": "2026-01-01T00:00:00.000Z",
}
SUBMITTED = {
    "id": "ACT1",
    "type": "submit",
    "messageId": "MSG2",
    "personId": "USERPERSON",
    "roomId": ROOM,
    "inputs": {"payload": "/affirm", "name": "Ann"},
}


def channel(**changes):
    return create_channel("webexteams", {**CREDENTIALS, **changes})


def event(name):
    path = ROOT / "events" / "webexteams" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def request(name):
    return Request.from_event(event(name))


def body(name):
    return request(name).json


def request_of(hook):
    return Request("POST", "/webhooks/webexteams/webhook", {}, json.dumps(hook).encode())


class KeyValueStore(dict):
    """Remembers; `lifetimes` tells for how long."""

    def __init__(self, **known):
        super().__init__(known)
        self.lifetimes = set()

    def put(self, key, value, seconds):
        self[key] = value
        self.lifetimes.add(seconds)


def answer(document, status=200, **headers):
    return status, json.dumps(document).encode(), headers


def refused(status, said="no", **headers):
    document = {"message": said, "errors": [{"description": said}], "trackingId": "ROUTER_1"}
    return answer(document, status, **{"trackingid": "ROUTER_1", **headers})


class WebexServer:
    """Answers by `documents[path]`, takes every message; `calls` are those made.

    `answers` are given for the first posted messages instead.
    """

    def __init__(self, *answers, **documents):
        self.answers = list(answers)
        self.documents = {"/people/me": ME, **documents}
        self.server = None

    def __call__(self, recorded):
        if recorded.method == "POST":
            if self.answers:
                return self.answers.pop(0)
            return answer({"id": "OUT1", "roomId": ROOM})
        found = self.documents.get(recorded.path, refused(404))
        return found if isinstance(found, tuple) else answer(found)

    @property
    def calls(self):
        return [f"{each.method} {each.path}" for each in self.server.requests]

    @property
    def posted(self):
        return [each.json for each in self.server.requests if each.method == "POST"]


@contextmanager
def bot(*answers, memory=None, documents=None, **credentials):
    """`(instance, webex)`: the channel, and the Webex it calls."""
    webex = WebexServer(*answers, **(documents or {}))
    with recording_server(webex) as server:
        webex.server = server
        instance = channel(api_base=server.url, **credentials)
        instance.memory = memory
        yield instance, webex


def completed(name, documents, *, memory=None, **credentials):
    """The message of an event after `enrich`, whether it is kept, and the calls for that."""
    with bot(documents=documents, memory=memory, **credentials) as (instance, webex):
        [message] = instance.parse(request(name))
        kept = instance.enrich(message)
        return message, kept, webex.calls


def say(response, *answers, reply_to=None, recipient=ROOM, **settings):
    """The messages that a bot's response becomes."""
    with bot(*answers, **settings) as (instance, webex):
        output = instance.output_for(UserMessage(None, reply_to=reply_to or {"roomId": ROOM}))
        asyncio.run(output.send_response(recipient, response))
        return webex.posted


def parts(response, *answers, sent=0, **settings):
    """The messages of a turn that goes on after `sent` parts, and its marks."""
    marks = []
    with bot(*answers, **settings) as (instance, webex):
        output = instance.output_for(UserMessage(None, reply_to={"roomId": ROOM}))
        output.parts = Parts(sent, lambda count, platform_id: marks.append(platform_id))
        for single in single_kinds(response):
            asyncio.run(output.send_response(ROOM, single))
        return webex.posted, marks
