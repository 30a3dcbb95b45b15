"""Keys of the state table and ids for SQS; both are limited in length and characters."""

from __future__ import annotations

import hashlib

#: SQS: group and deduplication ids have up to 128 characters: letters, digits and punctuation.
_SQS_LENGTH = 128

#: DynamoDB: partition keys have up to 2048 bytes, sort keys 1024.
_KEY_LENGTH = 512


def sqs_id(channel: str, identity: str) -> str:
    """Return a group or deduplication id: readable if possible, else the channel and a SHA-256."""
    plain = f"{channel}:{identity}"
    is_readable = plain.isascii() and plain.isprintable() and " " not in plain
    if is_readable and len(plain) <= _SQS_LENGTH:
        return plain
    return f"{channel[:60]}:{_digest(identity)}"


def key(kind: str, *parts: str) -> str:
    """Return a key such as `TURN#slack#Ev1`; parts too long for DynamoDB are hashed."""
    fitting = (part if len(part.encode()) <= _KEY_LENGTH else _digest(part) for part in parts)
    return "#".join((kind, *fitting))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
