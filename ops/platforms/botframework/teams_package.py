"""The package that Teams takes an app by: a zip of a manifest and two icons.

learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package: the colour icon is
192 x 192, the outline icon 32 x 32, white on transparent.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

_VERSION = "1.17"
_BLUE = (0x46, 0x4E, 0xB8, 0xFF)
_WHITE = (0xFF, 0xFF, 0xFF, 0xFF)
_CLEAR = (0xFF, 0xFF, 0xFF, 0x00)

#: A zip's files have a time; always the same one, so that the same app is the same package.
_TIME = (2026, 1, 1, 0, 0, 0)

Colour = tuple[int, int, int, int]


def manifest(app_id: str, public_url: str) -> dict[str, Any]:
    """The manifest of a bot that is written to alone, in group chats and in teams."""
    parts = urlsplit(public_url)
    site = f"https://{parts.hostname or 'example.com'}"
    return {
        "$schema": "https://developer.microsoft.com/json-schemas/teams/"
        f"v{_VERSION}/MicrosoftTeams.schema.json",
        "manifestVersion": _VERSION,
        "version": "1.0.0",
        "id": app_id,
        "developer": {
            "name": "Your organisation",
            "websiteUrl": site,
            "privacyUrl": f"{site}/privacy",
            "termsOfUseUrl": f"{site}/terms",
        },
        "name": {"short": "Assistant", "full": "Assistant"},
        "description": {"short": "Ask the assistant", "full": "Ask the assistant."},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#464EB8",
        "bots": [
            {
                "botId": app_id,
                "scopes": ["personal", "team", "groupChat"],
                "supportsFiles": False,
                "isNotificationOnly": False,
            }
        ],
        "validDomains": [],
    }


def package(app_id: str, public_url: str) -> bytes:
    """The zip; the same bytes for the same bot."""
    content = json.dumps(manifest(app_id, public_url), indent=2) + "\n"
    files = {
        "manifest.json": content.encode(),
        "color.png": png(192, lambda x, y: _WHITE if _in_bubble(x, y) else _BLUE),
        "outline.png": png(32, lambda x, y: _WHITE if _in_bubble(x, y) else _CLEAR),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), data)
    return target.getvalue()


def png(size: int, colour: Callable[[float, float], Colour]) -> bytes:
    """A square picture; `colour(x, y)` is asked for points from 0 to 1 (w3.org/TR/png)."""
    rows = b"".join(
        b"\0" + b"".join(bytes(colour((x + 0.5) / size, (y + 0.5) / size)) for x in range(size))
        for y in range(size)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _in_bubble(x: float, y: float) -> bool:
    """Whether a point is in a speech bubble: an ellipse with a tail at its lower left."""
    in_ellipse = ((x - 0.5) / 0.32) ** 2 + ((y - 0.46) / 0.24) ** 2 <= 1
    in_tail = 0.3 <= x <= 0.44 and 0.6 <= y <= 0.82 and (0.82 - y) >= (x - 0.3) * 1.3
    return in_ellipse or in_tail
