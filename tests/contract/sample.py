"""What the contract tests need to know of a channel: how to set it up and how to speak to it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jwt

from tests.servers.recording_server import Answer, Recorded

KEY = "k" * 32

#: What the names of headers that prove something contain.
PROOFS = ("authorization", "signature", "secret-token")


def spoil_headers(event: dict[str, Any]) -> None:
    """Change the end of each header that proves something."""
    for name, value in event["headers"].items():
        if any(each in name for each in PROOFS):
            event["headers"][name] = value[:-4] + "AAAA"


class Sample(NamedTuple):
    """One channel: credentials that ask for proof, its example event, and the proof.

    `sign(event)` makes the event acceptable, in place. `answers_in_request` channels have no queue.
    `platform` is what the platform's API answers, for channels that take `api_base` (or the key
    that `platform_key` names). `tamper(event)` spoils a proof that stands in no header.
    `remembered` is what the channel's memory holds: key sets, a login. `place(event, url)` puts the
    platform's address into the event, where a platform tells it there. `refusal(words)` is how the
    platform refuses a message for good, `words` being where it repeats what it was sent. `unasked`
    gives credentials and memory of a channel that answers in the request, for messages that its bot
    sends unasked. `channel` is the class of a custom channel, by its module path; the built-in ones
    are known by their names. `ignored` are examples of what bots and systems write, the bot itself
    among them; `mention` is one of a mention that says nothing else, where the webhook tells of it.
    `strange(event)` makes the event one that nobody can read yet, in place; None where each request
    is a message. `only_the_platform_signs`: the proof is a token of a private key that nobody else
    has.
    """

    credentials: dict[str, Any]
    event: str
    sign: Callable[[dict[str, Any]], None]
    answers_in_request: bool = False
    platform: Callable[[Recorded], Answer] | None = None
    platform_key: str = "api_base"
    tamper: Callable[[dict[str, Any]], None] = spoil_headers
    remembered: Callable[[], dict[str, str]] = dict
    place: Callable[[dict[str, Any], str], None] = lambda event, url: None
    refusal: Callable[[str], Answer] | None = None
    unasked: Callable[[], tuple[dict[str, Any], dict[str, str]]] | None = None
    channel: str = ""
    ignored: tuple[str, ...] = ()
    mention: str = ""
    strange: Callable[[dict[str, Any]], None] | None = None
    only_the_platform_signs: bool = False


#: What no platform sends today.
NEW = "something_to_come"


def with_value(*path: str | int, value: Any = NEW) -> Callable[[dict[str, Any]], None]:
    """Change the value at a path of an event's JSON."""

    def change(event: dict[str, Any]) -> None:
        body = json.loads(event["body"])
        *steps, last = path
        _at(body, steps)[last] = value
        event["body"] = json.dumps(body)

    return change


def renamed(*path: str | int) -> Callable[[dict[str, Any]], None]:
    """Change the key at the end of a path of an event's JSON."""

    def change(event: dict[str, Any]) -> None:
        body = json.loads(event["body"])
        *steps, last = path
        place = _at(body, steps)
        place[NEW] = place.pop(last)
        event["body"] = json.dumps(body)

    return change


def _at(body: Any, steps: list[str | int]) -> Any:
    for step in steps:
        body = body[step]
    return body


def refused(status: int, document: dict[str, Any]) -> Answer:
    """A platform's own refusal."""
    return status, json.dumps(document).encode(), {"content-type": "application/json"}


def bearer(event: dict[str, Any]) -> None:
    """A JWT of the sample's key."""
    token = jwt.encode({"exp": int(time.time()) + 60}, KEY, algorithm="HS256")
    event["headers"]["authorization"] = f"Bearer {token}"
