"""Buttons' payloads that a platform has no room for: remembered under a key made of the payload.

The key goes into the button. The same payload always has the same key, so that a turn that is sent
again makes the same buttons.
"""

from __future__ import annotations

import hashlib
import re

#: How long a button with such a payload works (seconds): half a year.
LIFETIME = 180 * 86_400.0

_KEY = re.compile(r"payload:[0-9a-f]{40}")


def key_of(payload: str) -> str:
    """The key of a payload: 48 ASCII characters, short enough for every platform."""
    digest = hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()
    return f"payload:{digest[:40]}"


def is_key(text: str | None) -> bool:
    """Whether a text is the key of a payload."""
    return text is not None and _KEY.fullmatch(text) is not None
