"""Examples proved anew, as `ops replay --resign` does."""

from __future__ import annotations

import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ops.events import signatures
from ops.platforms.signing import PrivateKey, Signing
from ops.platforms.webhook_request import WebhookRequest
from tests.functions.harness import example

BASE = "https://bot.example.com/assistant"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
NOW = 1_767_225_600.0


def request(name: str) -> WebhookRequest:
    """The request of an example."""
    return WebhookRequest.from_event(example(name))


def sign(
    name: str, section: dict[str, Any], now: float | None = None, key: PrivateKey | None = None
) -> WebhookRequest:
    """The request of an example with a proof of the section."""
    return signatures.sign(request(name), Signing(section, BASE, now or time.time(), key))
