"""A Twilio account for tests: its credentials, its webhooks, and a Messages API."""

import asyncio
import json
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode

from twilio.request_validator import RequestValidator

from channels.http.request import Request
from channels.turns.parts import Parts, single_kinds
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT_SID = "AC00000000000000000000000000000001"
NUMBER = "+15005550010"
WHATSAPP_NUMBER = "whatsapp:+14155238886"
SHARED_KEY = "webhooks_sharedkey_00000000000000000000000001"
CREDENTIALS = {
    "account_sid": ACCOUNT_SID,
    "auth_token": TOKEN,
    "twilio_number": NUMBER,
    "webhook_shared_keys": {SHARED_KEY: "sharedsecret-1"},
}
USER = "+15005550006"
WHATSAPP_USER = "whatsapp:+15005550006"

BASE_URL = "https://abc123.execute-api.eu-west-1.amazonaws.com"
FORM = "application/x-www-form-urlencoded"

MESSAGE_SID = "SM00000000000000000000000000000001"

#: A user's message, as small as Twilio may send it.
FIELDS = {
    "From": USER,
    "To": NUMBER,
    "Body": "Hi",
    "MessageSid": MESSAGE_SID,
    "SmsStatus": "received",
}


def channel(**changes):
    return create_channel("twilio", {**CREDENTIALS, **changes})


def event(name):
    path = ROOT / "events" / "twilio" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def request(name):
    return Request.from_event(event(name))


def post(fields, **changes):
    """The request of a form of these fields; a bytes body is taken as it is."""
    body = fields if isinstance(fields, bytes) else urlencode(fields, doseq=True).encode()
    headers = {"content-type": FORM, **changes.pop("headers", {})}
    given = {"base_url": BASE_URL, "path": "/webhooks/twilio/webhook", **changes}
    return Request("POST", headers=headers, body=body, **given)


def message(**fields):
    """The request of a user's message with these fields."""
    return post({**FIELDS, **fields})


def sign(event):
    """Give an event Twilio's signature, made by Twilio's own library."""
    request = Request.from_event(event)
    fields = request.form if request.method == "POST" else {}
    signature = RequestValidator(TOKEN).compute_signature(request.url, fields)
    event["headers"]["x-twilio-signature"] = signature


class KeyValueStore(dict):
    """Remembers; `lifetimes` tells for how long."""

    def __init__(self):
        super().__init__()
        self.lifetimes = set()

    def put(self, key, value, seconds):
        self[key] = value
        self.lifetimes.add(seconds)


def created(sid="SM00000000000000000000000000000099"):
    return 201, json.dumps({"sid": sid, "status": "queued"}).encode(), {}


def refused(code, message="refused", status=400):
    more = f"https://www.twilio.com/docs/errors/{code}"
    document = {"code": code, "message": message, "more_info": more, "status": status}
    return status, json.dumps(document).encode(), {}


INDICATED = (200, b'{"success": true}', {})


class MessagesApi:
    """Takes everything, but for the answers given for the first calls."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.server = None

    def __call__(self, recorded):
        if self.answers:
            return self.answers.pop(0)
        return INDICATED if recorded.path.endswith("/Typing.json") else created()

    @property
    def forms(self):
        """The form of each call; a list where a field stands more than once."""
        return [form(each.body) for each in self.server.requests]


def form(body):
    fields = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True):
        fields.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


@contextmanager
def account(*answers, received="text", memory=None, **credentials):
    """`(output, api)`: the output that answers an event, and the API it calls."""
    api = MessagesApi(*answers)
    with recording_server(api) as server:
        api.server = server
        instance = channel(api_base=server.url, **credentials)
        instance.memory = memory
        [answered] = instance.parse(request(received))
        yield instance.output_for(answered), api


def say(response, *answers, recipient=USER, **settings):
    """The forms that a bot's response becomes."""
    with account(*answers, **settings) as (output, api):
        asyncio.run(output.send_response(recipient, response))
        return api.forms


def parts(response, *answers, sent=0, **settings):
    """The forms of a turn that goes on after `sent` parts, and its marks."""
    marks = []
    with account(*answers, **settings) as (output, api):
        output.parts = Parts(sent, lambda count, platform_id: marks.append(platform_id))
        for single in single_kinds(response):
            asyncio.run(output.send_response(USER, single))
        return api.forms, marks
