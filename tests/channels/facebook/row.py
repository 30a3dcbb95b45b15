"""Facebook, for the tests of all channels."""

from __future__ import annotations

import hmac

from hypothesis import strategies as st

from channels.http.request import Request
from tests.functions.bodies import WRONG, Post, byte_posts, documents, json_posts, with_headers
from tests.functions.harness import Kind, Row

OUTCOMES: dict[str, list[str] | int] = {
    "account_linking": [],
    "audio": ["https://cdn.example/a.mp4"],
    "base64": ["hi"],
    "batch": ["hi", "/greet", "other page"],
    "challenge": [],
    "challenge_wrong_token": 403,
    "changes": [],
    "delivery": [],
    "echo_image": [],
    "echo_quick_reply": [],
    "echo_text": [],
    "edit": [],
    "escaped_unicode": ["\xe4\xf6\xe5 / \U0001f600"],
    "file": ["https://cdn.example/a.pdf"],
    "handover": [],
    "health": [],
    "image_with_caption": ["my receipt"],
    "instagram_deleted": [],
    "instagram_echo": [],
    "instagram_story_mention": ["https://cdn.example/mention.jpg"],
    "instagram_story_reply": ["nice!"],
    "instagram_text": ["hi"],
    "link_preview": ["https://x.io"],
    "location": ['{"lng": 13.4, "lat": 52.5}'],
    "no_attachments": [],
    "optin": ["/subscribed"],
    "other_object": [],
    "postback": ["/greet"],
    "postback_without_payload": ["Get started"],
    "quick_reply": ['/inform{"colour":"red"}'],
    "reaction": [],
    "read": [],
    "referral": ["promo"],
    "reply": ["this one"],
    "shared_product": [],
    "standby": [],
    "sticker": ["https://cdn.example/thumb.png"],
    "text": ["hi"],
    "two_images": ["https://cdn.example/a.jpg\nhttps://cdn.example/b.jpg"],
    "unsigned": 403,
    "user_ref": ["/greet"],
    "video": ["https://cdn.example/a.mp4"],
}

SECRET = "0123456789abcdef0123456789abcdef"
KEYS = "object entry messaging id sender message mid text"
BODIES = documents(KEYS, ["page"])


def meta_signature(event):
    """Meta's signature."""
    digest = hmac.digest(SECRET.encode(), Request.from_event(event).body, "sha256").hex()
    event["headers"]["x-hub-signature-256"] = f"sha256={digest}"


def page(entry):
    """A body with an entry, which may be anything, at both places for one."""
    return {"object": "page", "entry": [entry, {"id": "1", "messaging": [entry]}]}


ROW = Row(
    name="facebook",
    base="text",
    credentials={
        "verify": "my-verify-token",
        "secret": SECRET,
        "page-access-token": "EAAGtoken",
    },
    outcomes=OUTCOMES,
    prove=meta_signature,
    proved={
        "bytes": Kind(byte_posts()),
        "json": Kind(json_posts(BODIES)),
        "entries": Kind(json_posts(documents(KEYS, finite=True).map(page)), (200,)),
    },
    forged={
        "signature": with_headers(
            byte_posts() | st.just(Post()) | st.just(Post(b'{"object": "page"}')),
            x_hub_signature_256=WRONG
            | st.binary(max_size=32).map(lambda raw: f"sha256={raw.hex()}"),
        )
    },
    statuses=(200, 400),
    refusals=(403,),
    acknowledgement="success",
    bodies={"challenge": "1158201444"},
    personal={"location": "13.4"},
    needs=("secret",),
)
