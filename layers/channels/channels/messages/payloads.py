"""Button payloads that are too long for a platform, stored under a key derived from the payload.

The key goes into the button. The same payload always has the same key, so a turn that is sent again
has the same buttons.
"""

from __future__ import annotations

import hashlib
import re

#: How long a button with a stored payload works (seconds): half a year.
LIFETIME = 180 * 86_400.0

_KEY = re.compile(r"payload:[0-9a-f]{40}")


def key_of(payload: str) -> str:
    """Return the key of a payload: 48 ASCII characters, short enough for every platform."""
    digest = hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()
    return f"payload:{digest[:40]}"


def is_key(text: str | None) -> bool:
    """Return whether a text is the key of a payload."""
    return text is not None and _KEY.fullmatch(text) is not None
