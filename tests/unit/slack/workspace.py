"""A Slack workspace in memory: signed requests as Slack makes them, and a memory."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from channels.http.request import Request
from channels.slack import SlackInput
from channels.slack.signature import SignatureVerifier
from ops import ROOT

SECRET = "3f2b8c1d9e0a4f67b5d2c8e1a7f90b34"
NOW = 1767225600.0
TOKEN = "xoxb-made-up"

FORM = "application/x-www-form-urlencoded"


def channel(**settings):
    """A Slack channel whose clock stands still."""
    return SlackInput(TOKEN, slack_signing_secret=SECRET, now=lambda: NOW, **settings)


def of_credentials(**section):
    """A Slack channel of a section of credentials.yml."""
    return SlackInput.from_credentials(
        {"slack_token": TOKEN, "slack_signing_secret": SECRET, **section}
    )


def signed(body, content_type="application/json", now=NOW, **headers):
    """A request with Slack's proof over `body` (bytes)."""
    timestamp = str(int(now))
    proof = SignatureVerifier(SECRET).sign(body, timestamp)
    return Request(
        "POST",
        "/webhooks/slack/webhook",
        {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": proof,
            **headers,
        },
        body,
    )


def posted(document):
    """A request of the Events API."""
    return signed(json.dumps(document).encode())


def clicked(interaction):
    """A request of interactivity."""
    return signed(urlencode({"payload": json.dumps(interaction)}).encode(), FORM)


def example(name):
    """The request of events/slack/<name>.json."""
    path = ROOT / "events" / "slack" / f"{name}.json"
    return Request.from_event(json.loads(path.read_text(encoding="utf-8")))


class KeyValueStore:
    """Remembers for ever."""

    def __init__(self):
        self.values = {}

    def put(self, key, value, seconds):
        self.values[key] = value

    def get(self, key):
        return self.values.get(key)
