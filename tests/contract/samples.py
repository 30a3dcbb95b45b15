"""What the contract tests need to know of a channel: how to set it up and how to speak to it.

A channel that is added to the registry is tested as soon as it has its entry here; without one the
contract tests fail.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jwt

KEY = "k" * 32


class Sample(NamedTuple):
    """One channel: credentials that ask for proof, its example event, and the proof.

    `sign(event)` makes the event acceptable, in place. `answers_in_request` channels have no queue.
    """

    credentials: dict[str, Any]
    event: str
    sign: Callable[[dict[str, Any]], None]
    answers_in_request: bool = False


def bearer(event: dict[str, Any]) -> None:
    """A JWT of the sample's key."""
    token = jwt.encode({"exp": int(time.time()) + 60}, KEY, algorithm="HS256")
    event["headers"]["authorization"] = f"Bearer {token}"


SAMPLES = {
    "rest": Sample({"jwt_key": KEY}, "rest/text", bearer, answers_in_request=True),
    "callback": Sample({"jwt_key": KEY, "url": "https://example.com/bot"}, "callback/text", bearer),
}

#: Channels that are another one's route.
WITHOUT_A_WEBHOOK = {"cmdline"}
