"""A bot of Azure for tests: its credentials, its activities, and a Bot Connector."""

import asyncio
import json
import time
from contextlib import contextmanager

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from channels.botframework.tokens import ISSUER, OPENID_METADATA_URL
from channels.http.request import Request
from channels.turns.parts import Parts, single_kinds
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server

APP_ID = "11111111-2222-3333-4444-555555555555"
PASSWORD = "made-up~secret"
TENANT = "99999999-8888-7777-6666-555555555555"
CREDENTIALS = {"app_id": APP_ID, "app_password": PASSWORD}
SERVICE_URL = "https://smba.trafficmanager.net/emea/"

#: The public key of the token in the events, which is valid until 2100.
VECTOR_KEY = {
    "kty": "RSA",
    "kid": "k1",
    "e": "AQAB",
    "endorsements": ["msteams", "webchat"],
    "n": (
        "vdSCrRW7hPkn7oh1T_lVLRaoKgMLnm7FWgBuZkiDldUS49KZ178QNsbcVcIs7LGXS4FNEOpK2XD3n6HrnDzG29JZ5W_"
        "NCRyVGiwSJZnTpEIUyJxUYQ0bX38RILaRB5x4eyJRgEKHm9e1VVLNvBB0LU0K8pYRW5QkzQ_nGqOyGlWzDaCnUsgptwG"
        "5nSEC1_FDgVpe6vCvm6JV5ntcvYmlcQIgXxhMx_k5MPGm9DrErjN5Xn9rQx3o8V0A12tGt84deZK5I1ftmjjl7_i0Ksy"
        "1kgFZXREkdoTqTfG8k7xUg0ZAt8TPfv13N-Hvu7ijkK_dOkHKtAD-zJm38JLHASem-w"
    ),
}

PRIVATE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_PRIVATE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key, key_id, **fields):
    """A key as Microsoft publishes it."""
    return {
        **json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())),
        "kid": key_id,
    } | fields


KEYS = [
    VECTOR_KEY,
    public(PRIVATE_KEY, "ours", endorsements=["msteams", "webchat"]),
    public(PRIVATE_KEY, "unendorsed"),
    public(PRIVATE_KEY, "empty", endorsements=[]),
]


def token(key=PRIVATE_KEY, key_id="ours", algorithm="RS256", **claims):
    """A token of the Bot Connector; a claim that is None is left out."""
    now = int(time.time())
    given = {
        "iss": ISSUER,
        "aud": APP_ID,
        "serviceurl": SERVICE_URL,
        "nbf": now - 60,
        "exp": now + 3600,
        **claims,
    }
    said = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(said, key, algorithm=algorithm, headers={"kid": key_id})


class KeyValueStore(dict):
    """Remembers; `lifetimes` tells for how long."""

    def __init__(self, *args):
        super().__init__(*args)
        self.lifetimes = set()

    def put(self, key, value, seconds):
        self[key] = value
        self.lifetimes.add(seconds)


def remembered_keys(keys=KEYS, url=OPENID_METADATA_URL):
    """What the channel's memory holds once an instance has fetched the keys."""
    return {f"keys:{url}": json.dumps({"keys": keys, "fetched": time.time()})}


def remembered_login(given="made-up-token", tenant="botframework.com"):
    """What it holds once an instance has logged in."""
    kept = {"token": given, "expires": time.time() + 3600}
    return {f"token:{APP_ID}:{tenant}": json.dumps(kept)}


def channel(**changes):
    """The channel, with the keys in its memory."""
    made = create_channel("botframework", {**CREDENTIALS, **changes})
    made.memory = KeyValueStore(remembered_keys())
    return made


def event(name):
    path = ROOT / "events" / "botframework" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def request(name):
    return Request.from_event(event(name))


def activity(example, /, **changes):
    """The activity of an event with other fields; one that is None is left out."""
    changed = {**request(example).json, **changes}
    return {key: value for key, value in changed.items() if value is not None}


def request_of(document, bearer=None):
    """A request with this activity, proved by a token unless that is ""."""
    headers = {} if bearer == "" else {"authorization": f"Bearer {bearer or token()}"}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Request("POST", "/webhooks/botframework/webhook", headers, body, ip="203.0.113.9")


def parse(document, **settings):
    return channel(**settings).parse(request_of(document))


def accepted(number):
    return 201, json.dumps({"id": f"out-{number}"}).encode(), {"content-type": "application/json"}


def refused(status, code="", **headers):
    document = {"error": {"code": code, "message": "made up"}}
    return status, json.dumps(document).encode(), headers


class BotConnector:
    """The login and the Bot Connector; takes everything, but for the answers given first."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.logins = 0
        self.server = None

    def __call__(self, recorded):
        if recorded.path == "/login":
            self.logins += 1
            body = {"token_type": "Bearer", "expires_in": 3599, "access_token": f"t{self.logins}"}
            return 200, json.dumps(body).encode(), {}
        if self.answers:
            answer = self.answers.pop(0)
            if answer != "taken":
                return answer
        if recorded.method != "DELETE" and recorded.json.get("type") == "typing":
            return 202, b"", {}
        return accepted(len(self.sent))

    @property
    def sent(self):
        """The calls of the Bot Connector."""
        return [each for each in self.server.requests if each.path != "/login"]

    @property
    def activities(self):
        return [each.json for each in self.sent]


@contextmanager
def connected(*answers, name="text", memory=None, reply_to=None, **settings):
    """`(output, connector)`: the output that answers an example, and what it calls."""
    connector = BotConnector(*answers)
    with recording_server(connector) as server:
        connector.server = server
        instance = channel(token_url=f"{server.url}/login", **settings)
        instance.memory = memory
        [received] = instance.parse(request(name))
        received.reply_to = {**received.reply_to, "serviceUrl": f"{server.url}/emea/"}
        received.reply_to |= reply_to or {}
        yield instance.output_for(received), connector


def say(response, *answers, **settings):
    """The activities that a bot's response becomes."""
    with connected(*answers, **settings) as (output, connector):
        asyncio.run(output.send_response("29:1ann", response))
        return connector.activities


def parts(response, *answers, sent=0, **settings):
    """The activities of a turn that goes on after `sent` parts, and its marks."""
    marks = []
    with connected(*answers, **settings) as (output, connector):
        output.parts = Parts(sent, lambda count, platform_id: marks.append(platform_id))
        for single in single_kinds(response):
            asyncio.run(output.send_response("29:1ann", single))
        return connector.activities, marks
