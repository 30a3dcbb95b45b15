"""Meta's Send API as a local server, and conversations with it."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager

from channels.channel import UserMessage
from channels.turns.parts import Parts, single_kinds
from tests.servers.recording_server import recording_server
from tests.unit.facebook.conftest import Kept, channel


def ok(number=1):
    return 200, json.dumps({"recipient_id": "PSID_1", "message_id": f"m_OUT{number}"}).encode(), {}


def error(status, code, subcode=None, headers=None, **fields):
    details = {"message": "secret EAAGtoken", "type": "OAuthException", "fbtrace_id": "BLBz"}
    content = {**details, "code": code, "error_subcode": subcode, **fields}
    return status, json.dumps({"error": content}).encode(), headers or {}


class Conversation:
    """One user's messages through a channel's output."""

    def __init__(self, server, settings, reply_to):
        self.server = server
        self.facebook = channel(api_base=server.url, **settings)
        self.memory = self.facebook.memory = Kept()
        self.message = UserMessage("hi", sender_id="PSID_1", reply_to=reply_to)
        self.marks = []

    @property
    def output(self):
        return self.facebook.output_for(self.message)

    def send(self, message, already_sent=0):
        """Send a bot message as the worker does."""
        output = self.output
        output.parts = Parts(already_sent, lambda *mark: self.marks.append(mark))
        for single in single_kinds(message):
            asyncio.run(output.send_response("PSID_1", single))

    @property
    def bodies(self):
        return [request.json for request in self.server.requests]

    @property
    def messages(self):
        return [body["message"] for body in self.bodies]


def reply_to(platform="messenger", page="1000000000001"):
    return {"platform": platform, "page": page, "recipient": {"id": "PSID_1"}}


@contextmanager
def conversation(respond=None, where=None, **settings):
    """A conversation with a server that accepts everything, or answers as `respond` says."""

    def accept(request):
        return ok(len(server.requests))

    with recording_server(respond or accept) as server:
        talk = Conversation(server, settings, where or reply_to())
        try:
            yield talk
        finally:
            if talk.facebook._api is not None:
                talk.facebook._api.close()
