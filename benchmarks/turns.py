"""What users of the channels do, message by message, on a counted application."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from channels.slack.signature import SignatureVerifier
from ops import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.counted_application import CountedApplication

_SECRET = "a-made-up-secret"  # noqa: S105

#: What the demo agent answers with a text and buttons, and with a text alone.
WITH_BUTTONS, TEXT = "hi", "/mood_great"


def credentials(platform: str) -> Mapping[str, dict[str, Any]]:
    """Sections for these users' channels; `platform` takes what goes to platforms (a URL)."""
    return {
        "rest": {},
        "callback": {"url": f"{platform}/bot", "allow_private_addresses": True},
        "slack": {
            "slack_token": "xoxb-made-up",
            "slack_signing_secret": _SECRET,
            "api_base": f"{platform}/",
        },
        "socketio": {"session_persistence": True},
    }


class User:
    """One user; a method is a message of theirs, and all that follows from it."""

    def __init__(self, application: CountedApplication) -> None:
        """Talk to the functions of `application`."""
        self.application = application
        self._messages = 0

    def rest(self, text: str) -> None:
        """Say something on the REST channel, and hear the answer."""
        self._json("rest", {"sender": "costs", "message": text})

    def callback(self, text: str) -> None:
        """Say something; the answer is delivered to the user's URL."""
        self._json("callback", {"sender": "costs", "message": text})
        self.application.work("conversation")
        self.application.work("callback_delivery")

    def slack(self, text: str) -> None:
        """Write to the bot on Slack."""
        self._messages += 1
        event = slack_event(text, f"{self._messages:06}")
        self.application.event("slack", event)
        self.application.work("conversation")

    def open_socket(self) -> None:
        """Open a socket, connect, and join a session: once for a visit."""
        self.application.event("connect", _example("socketio/connect"))
        connection = _example("socketio/connect")["requestContext"]["connectionId"]
        self.application.run("opener", {"connection": connection})
        for name in ("socket_io_connect", "session_request"):
            self.application.event("default", _example(f"socketio/{name}"))

    def socketio(self, text: str) -> None:
        """Say something on the socket; the client answers the ping that follows the answer."""
        self._messages += 1
        payload = {"message": text, "session_id": "3f6c2c1e9a"}
        self._frame(f'42["user_uttered",{json.dumps(payload)}]')
        self.application.work("conversation")
        self._frame("3")

    def close_socket(self) -> None:
        """Leave."""
        self.application.event("disconnect", _example("socketio/disconnect"))

    def _json(self, channel: str, body: dict[str, str]) -> None:
        event = _example(f"{channel}/text")
        event["body"] = json.dumps(body)
        self.application.event(channel, event)

    def _frame(self, frame: str) -> None:
        event = _example("socketio/user_uttered")
        event["body"] = frame
        event["requestContext"]["requestId"] = f"request-{self._messages}"
        self.application.event("default", event)


def slack_event(text: str, number: str, user: str = "U0ALICE00") -> dict[str, Any]:
    """A message to the bot, signed now; `number` has six digits and tells it from others."""
    event = _example("slack/message_im")
    document = json.loads(event["body"])
    now = f"{time.time():.0f}"
    about = {"text": text, "user": user, "ts": f"{now}.{number}", "event_ts": f"{now}.{number}"}
    document["event"] |= about
    document["event_id"] = f"Ev{user}{number}"
    event["body"] = json.dumps(document)
    event["headers"] |= {
        "x-slack-request-timestamp": now,
        "x-slack-signature": SignatureVerifier(_SECRET).sign(event["body"].encode(), now),
    }
    return event


def turns(user: User) -> dict[str, Callable[[str], None]]:
    """A user's messages by channel."""
    return {
        "rest": user.rest,
        "callback": user.callback,
        "slack": user.slack,
        "socketio": user.socketio,
    }


def _example(name: str) -> dict[str, Any]:
    path = ROOT / "events" / f"{name}.json"
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return event
