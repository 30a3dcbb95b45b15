"""My Platform, for the tests of all functions."""

from __future__ import annotations

import hmac

from hypothesis import strategies as st

from channels.http.request import Request
from tests.channels.my_platform.sample import SAMPLE, SECRET
from tests.functions.bodies import WRONG, Post, byte_posts, documents, json_posts, with_headers
from tests.functions.harness import Kind, Row

#: What each example queues: texts, or the status of one that is refused.
OUTCOMES: dict[str, list[str] | int] = {
    "health": [],
    "malformed": [],
    "no_signature": 401,
    "other_event": [],
    "own_message": [],
    "text": ["hi"],
    "wrong_signature": 401,
}

BODIES = documents("type id room_id author is_bot text")


def my_platform_signature(event):
    """The platform's signature."""
    digest = hmac.digest(SECRET.encode(), Request.from_event(event).body, "sha256").hex()
    event["headers"]["x-signature-256"] = digest


ROW = Row(
    name="my_platform",
    base="text",
    credentials=SAMPLE.credentials,
    outcomes=OUTCOMES,
    prove=my_platform_signature,
    proved={"bytes": Kind(byte_posts()), "json": Kind(json_posts(BODIES))},
    forged={
        "signature": with_headers(byte_posts(100) | st.just(Post()), x_signature_256=WRONG),
    },
    statuses=(200,),
    values=BODIES,
    acknowledgement="",
    text_path=("text",),
    personal={"text": "Ann"},
    needs=("webhook_secret",),
)
