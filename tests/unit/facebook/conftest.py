"""A facebook channel, its events, and Meta's signature."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json

import pytest

from channels.facebook import FacebookInput
from channels.http.request import Request
from ops import ROOT

SECRET = "0123456789abcdef0123456789abcdef"
CREDENTIALS = {"verify": "my-verify-token", "secret": SECRET, "page-access-token": "EAAGtoken"}


class Kept:
    """A memory that is a dictionary."""

    def __init__(self):
        self.values = {}

    def put(self, key, value, seconds):
        self.values[key] = value

    def get(self, key):
        return self.values.get(key)


def channel(**settings):
    """A channel of the sample credentials, with other or further settings."""
    given = {
        key.replace("page_access_token", "page-access-token"): settings[key] for key in settings
    }
    return FacebookInput.from_credentials({**CREDENTIALS, **given})


def signed(body: bytes, secret=SECRET, algorithm="sha256"):
    digest = hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()
    return f"{algorithm}={digest}"


def post(body, **headers):
    """A request with these headers (`_` for `-`), signed where none are given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(
        "POST", "/webhooks/facebook/webhook", given or {"x-hub-signature-256": signed(raw)}, raw
    )


def page(*events, id="1000000000001"):
    return {"object": "page", "entry": [{"id": id, "time": 1, "messaging": list(events)}]}


def event(sender="PSID_1", timestamp=1, **content):
    return {
        "sender": {"id": sender},
        "recipient": {"id": "1000000000001"},
        "timestamp": timestamp,
        **content,
    }


@pytest.fixture(scope="session")
def example():
    """`example("text")` is the event of events/facebook/text.json."""
    events = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (ROOT / "events" / "facebook").glob("*.json")
    }
    return lambda name: copy.deepcopy(events[name])
