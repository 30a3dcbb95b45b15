"""A phone call for tests: Twilio's side of it, a memory, a clock, a worker that takes its time."""

import base64
import hmac
import json
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree

from channels.errors import InboxUnavailable, PlatformUnavailable
from channels.handlers.webhook import webhook
from channels.http.request import Request
from channels.turns.inbox_message import InboxMessage
from channels.twilio_voice import TwilioVoiceInput
from channels.twilio_voice.output import TwilioVoiceCollectingOutputChannel
from channels.twilio_voice.settings import VoiceSettings
from channels.wiring.registry import create_channel
from channels.wiring.services import Services
from ops import ROOT

TOKEN = "0123456789abcdef0123456789abcdef"
CREDENTIALS = {"auth_token": TOKEN}
CALL_SID = "CA00000000000000000000000000000001"
CALLER = "+15005550006"
ADDRESS = "https://abc123.execute-api.eu-west-1.amazonaws.com/webhooks/twilio_voice/webhook"

CALL = {
    "AccountSid": "AC00000000000000000000000000000001",
    "ApiVersion": "2010-04-01",
    "CallSid": CALL_SID,
    "CallStatus": "in-progress",
    "Direction": "inbound",
    "From": CALLER,
    "To": "+15005550010",
}


def settings(**changes):
    return VoiceSettings(changes)


def channel(**changes):
    return create_channel("twilio_voice", {**CREDENTIALS, **changes})


def event(name):
    path = ROOT / "events" / "twilio_voice" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def request(name):
    return Request.from_event(event(name))


def signature(url, body=b"", token=TOKEN):
    """Twilio's signature; of bytes, for forms that are no UTF-8 too."""
    fields = sorted(set(parse_qsl(body, keep_blank_values=True)))
    text = url.encode() + b"".join(name + value for name, value in fields)
    return base64.b64encode(hmac.digest(token.encode(), text, "sha1")).decode()


def signed(body, query="", *, token=TOKEN):
    """The event of a request with these bytes as its form, signed as Twilio does."""
    made = event("ringing")
    url = f"{ADDRESS}?{query}" if query else ADDRESS
    made["rawQueryString"] = query
    made["body"] = base64.b64encode(body).decode()
    made["isBase64Encoded"] = True
    made["headers"]["x-twilio-signature"] = signature(url, body, token)
    return made


class KeyValueStore(dict):
    """Remembers; fails when told to."""

    is_down = False

    def put(self, key, value, seconds):
        self[key] = value

    def get(self, key):
        if self.is_down:
            raise PlatformUnavailable("the state table is down")
        return super().get(key)

    def claim(self, key, value, seconds):
        return self.setdefault(key, value)


class Clock:
    """Time that passes only while somebody sleeps; `meanwhile(now)` is what happens then."""

    def __init__(self, meanwhile=lambda now: None):
        self.now = 0.0
        self.meanwhile = meanwhile

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        self.meanwhile(self.now)


class Worker:
    """Takes messages as the conversation worker does, and answers each when its time has come.

    `script` gives the bot's messages by what the caller said; `seconds` is how long that takes.
    """

    def __init__(self, script, clock, seconds=1.0):
        self.script, self.clock, self.seconds = script, clock, seconds
        self.queued, self.due = [], []
        self.channel = None
        self.is_down = False
        clock.meanwhile = self.work

    def put(self, name, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        for message in messages:
            known = {each.message_id for each in self.queued}
            if message.message_id not in known:  # as SQS and the journal do
                text = InboxMessage(name, message, 1.0).to_json()
                self.queued.append(InboxMessage.from_json(text).message)
                self.due.append((self.clock() + self.seconds, self.queued[-1]))

    def work(self, now):
        while self.due and self.due[0][0] <= now:
            _, message = self.due.pop(0)
            output = self.channel.output_for(message)
            run(speak(output, message.sender_id, self.script[message.text]))

    @property
    def asked(self):
        return [message.text for message in self.queued]


async def speak(output, recipient, messages):
    """What the worker does with an agent's answer."""
    for message in messages:
        await output.send_response(recipient, message)
    await output.end_turn(recipient)


def run(coroutine):
    """Run a coroutine that never waits, in or outside of an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as stopped:
        return stopped.value
    raise AssertionError("the coroutine waits for something")


def collected(*messages):
    """The messages that a bot's answer becomes on its way to the request."""
    output = TwilioVoiceCollectingOutputChannel()
    run(speak(output, CALLER, messages))
    return output.messages


class Twiml:
    """A document as Twilio reads it."""

    def __init__(self, text):
        assert text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response')
        self.text = text
        self.root = ElementTree.fromstring(text)  # noqa: S314 - our own

    @property
    def said(self):
        return [say.text for say in self.root.iter("Say")]

    @property
    def tags(self):
        return [element.tag for element in self.root]

    @property
    def gather(self):
        return self.root.find("Gather")

    @property
    def inside(self):
        return [say.text for say in self.gather.iter("Say")]

    @property
    def action(self):
        return self.gather.get("action")

    @property
    def redirect(self):
        return self.root.findtext("Redirect")

    @property
    def next_query(self):
        return urlsplit(self.action if self.gather is not None else self.redirect).query


def twiml(answer):
    """The document of a Lambda's answer, which is one that Twilio takes."""
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "text/xml; charset=utf-8"
    return Twiml(answer["body"])


def timed_channel(clock, **changes):
    """The channel with a clock of the test."""
    return TwilioVoiceInput(credentials={**CREDENTIALS, **changes}, now=clock, sleep=clock.sleep)


class Line:
    """One call through the channel's Lambda, with a worker behind it."""

    def __init__(self, script, seconds=1.0, **changes):
        self.clock, self.memory = Clock(), KeyValueStore()
        self.worker = Worker(script, self.clock, seconds)
        self.channel = self.worker.channel = timed_channel(self.clock, **changes)
        self.channel.memory = self.memory
        services = Services(lambda name: {}, no_agent, 5.0, self.worker)
        self.handler = webhook(self.channel, services)
        self.query = ""

    def post(self, query=None, **fields):
        """Twilio's request at the place where the call is, or at another; gives the document."""
        fields = {**CALL, **fields}
        query = self.query if query is None else query
        answer = self.handler(signed(urlencode(fields).encode(), query), None)
        document = twiml(answer)
        if document.gather is not None or document.redirect:
            self.query = document.next_query
        return document

    def ring(self):
        return self.post(CallStatus="ringing")

    def say(self, text):
        return self.post(SpeechResult=text, Confidence="0.9")

    def press(self, digits):
        return self.post(Digits=digits)

    def silence(self):
        return self.post(SpeechResult="", Confidence="0.0")

    def hold_on(self):
        """Follow redirects until the bot listens; gives all documents."""
        documents = [self.post()]
        while documents[-1].redirect:
            documents.append(self.post())
        return documents


def no_agent():
    raise AssertionError("the webhook asks no agent while there is a worker")


BUTTONS = [{"title": "great", "payload": "/great"}, {"title": "sad", "payload": "/sad"}]
MOOD = {"text": "How are you?", "buttons": BUTTONS}
SCRIPT = {
    "hello": [{"text": "Hey!"}, MOOD],
    "/great": [{"text": "Carry on!"}],
    "/sad": [{"text": "Cheer up!"}],
    "quiet": [],
    "wait": [{"text": "That took long."}],
    "and now": [{"text": "Here I am."}],
    "picture": [{"image": "https://example.com/i.png"}],
    "3": [{"text": "Three?"}],
    "1": [{"text": "One?"}],
    "12345": [{"text": "Order 12345."}],
    "agent": [
        {"text": "I connect you.", "buttons": BUTTONS},
        {"custom": {"dial": "+15005550001"}},
        {"text": "Anything else?"},
    ],
    "dial": [{"text": "I connect you."}, {"custom": {"dial": "+15005550001"}}],
}
SORRY = "I am sorry, something went wrong. Please say that again."
REPROMPT = "I'm sorry I didn't get that could you rephrase."
HOLD = "One moment, please."
LATE = "I am still working on that. Please stay on the line."


def greeted(**changes):
    """A call whose first answer has been heard."""
    line = Line(SCRIPT, **changes)
    assert line.ring().said[:2] == ["Hey!", "How are you?"]
    return line
